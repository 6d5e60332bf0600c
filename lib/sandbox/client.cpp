#include "sandbox/client.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "sandbox/channel.hpp"
#include "sandbox/descriptor.hpp"

namespace sandbox {
namespace {

using namespace std::chrono_literals;
using base::Boottime;

// The kernel ends a job at its time limit; this much later the extractor itself must hang.
constexpr auto patience = 5s;

[[noreturn]] void fail(int code, const char* what) { throw std::system_error(code, std::generic_category(), what); }

// The kernel's interface has no const.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// posix_spawn's file actions and attributes, with an end.
class Spawn {
 public:
  Spawn() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~Spawn() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  pid_t run(const std::vector<std::string>& command, const std::vector<std::string>& environment, int socket) {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions_, socket, control_fd);
    posix_spawn_file_actions_addclosefrom_np(&actions_, control_fd + 1);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    // A group of its own: a Ctrl-C is for the worker, which lets documents in flight finish.
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    const int code = posix_spawn(&pid, command.front().c_str(), &actions_, &attributes_, pointers(command).data(), pointers(environment).data());
    if (code != 0) fail(code, "start the extractor");
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Client::Client(std::vector<std::string> command, std::vector<std::string> environment, Limits limits)
    : command_(std::move(command)), environment_(std::move(environment)), limits_(limits) {}

Client::~Client() { stop(); }

void Client::start() {
  if (running()) return;
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) fail(errno, "make a socket pair");
  socket_ = base::Fd(pair[0]);
  const base::Fd theirs(pair[1]);
  try {
    pid_ = Spawn().run(command_, environment_, theirs.get());
  } catch (const std::system_error&) {
    socket_ = base::Fd();
    throw;
  }
}

void Client::stop() {
  if (!running()) return;
  // Its children die with it: each asked the kernel for that.
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  walls_.reset();
  socket_ = base::Fd();
}

bool Client::submit(std::uint64_t job, const base::Fd& document, std::string_view mime) {
  if (!running()) return false;
  Request request;
  request.job = job;
  std::ranges::copy(mime.substr(0, request.mime.size() - 1), request.mime.begin());
  base::Fd answer(memfd_create("answer", MFD_CLOEXEC));
  if (!answer) return false;
  const std::array fds{document.get(), answer.get()};
  if (!Channel(socket_.get()).send(request, fds)) return false;
  answers_.emplace(job, Job{std::move(answer), Boottime::now() + std::chrono::milliseconds(limits_.timeout_ms) + patience});
  return true;
}

std::vector<Answer> Client::take() {
  std::vector<Answer> taken;
  if (!running()) return taken;
  for (Reply reply;;) {
    const auto got = Channel(socket_.get()).receive(reply);
    if (got == Channel::Got::end) {
      std::ranges::move(give_up(), std::back_inserter(taken));
      return taken;
    }
    if (got == Channel::Got::nothing) break;
    if (reply.end == End::ready) {
      walls_ = reply.detail;
      continue;
    }
    const auto at = answers_.find(reply.job);
    if (at == answers_.end()) continue;
    Answer answer{reply.job, reply.end, reply.detail, {}};
    if (reply.end == End::answered) answer.text = read_all(at->second.answer.get());
    answers_.erase(at);
    taken.push_back(std::move(answer));
  }
  const auto now = Boottime::now();
  if (std::ranges::any_of(answers_, [now](const auto& job) { return now >= job.second.overdue; })) std::ranges::move(give_up(), std::back_inserter(taken));
  return taken;
}

std::vector<Answer> Client::give_up() {
  stop();
  std::vector<Answer> lost;
  for (const auto& [job, pending] : answers_) lost.push_back({job, End::not_started, 0, {}});
  answers_.clear();
  return lost;
}

}  // namespace sandbox
