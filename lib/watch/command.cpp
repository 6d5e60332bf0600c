#include "watch/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>

#include "base/fd.hpp"

namespace watch {
namespace {

using namespace std::chrono_literals;

constexpr auto patience_after_term = 2s;

// A child process with a group of its own, so that whatever it starts ends with it. Waited for in the destructor.
class Child {
 public:
  Child(const std::vector<std::string>& command, int input) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    sigset_t ours;  // what this process ignores or handles
    sigemptyset(&ours);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT}) sigaddset(&ours, signal);
    posix_spawnattr_setsigdefault(&attributes, &ours);
    std::vector<char*> argv;
    argv.reserve(command.size() + 1);
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    error_ = posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error_ == 0) ended_ = base::Fd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  }
  ~Child() {
    if (error_ != 0 || status_) return;
    kill(-pid_, SIGTERM);
    if (!wait(patience_after_term)) {
      kill(-pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] int fd() const { return ended_.get(); }
  // Its status, once it has ended.
  std::optional<int> wait(base::Milliseconds timeout) {
    if (status_) return status_;
    pollfd ready{ended_.get(), POLLIN, 0};
    poll(&ready, 1, static_cast<int>(timeout.count()));
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_;
  }

 private:
  pid_t pid_ = -1;
  base::Fd ended_;
  std::optional<int> status_;
  int error_ = 0;
};

std::string told(int status) {
  if (WIFSIGNALED(status)) return fmt::format("it was killed by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : fmt::format("it exited with {}", WEXITSTATUS(status));
}

}  // namespace

std::string tell(const std::vector<std::string>& command, std::string_view input, base::Milliseconds timeout, int stop_fd) {
  const base::Deadline deadline(timeout);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return "no pipe can be made";
  base::Fd reading(ends[0]);
  base::Fd writing(ends[1]);
  fcntl(writing.get(), F_SETFL, O_NONBLOCK);
  Child child(command, reading.get());
  reading = base::Fd();
  if (child.error() != 0) return fmt::format("it cannot be started: {}", std::generic_category().message(child.error()));
  bool all_taken = true;
  while (true) {
    if (input.empty()) writing = base::Fd();
    std::array<pollfd, 3> ready{pollfd{child.fd(), POLLIN, 0}, pollfd{stop_fd, POLLIN, 0}, pollfd{writing.get(), POLLOUT, 0}};
    const int count = poll(ready.data(), ready.size(), static_cast<int>(deadline.left().count()));
    if (count < 0 && errno != EINTR) return "it cannot be waited for";
    if (ready[0].revents != 0) break;
    if (ready[1].revents != 0) return "it was stopped with this process";
    if (deadline.over()) return "it took too long";
    if (ready[2].revents == 0) continue;
    const auto written = ::write(writing.get(), input.data(), input.size());
    if (written >= 0) {
      input.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      all_taken = false;  // it reads no more: it may still succeed at what it does
      input = {};
    }
  }
  const auto status = child.wait(base::Milliseconds(0));
  if (!status) return "it cannot be waited for";
  if (auto problem = told(*status); !problem.empty()) return problem;
  return all_taken && input.empty() ? "" : "it did not read all that it was told";
}

}  // namespace watch
