#include "sandbox/server.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <new>
#include <optional>

#include "base/fd.hpp"
#include "sandbox/channel.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/jail.hpp"

namespace sandbox {
namespace {

constexpr int exit_answered = 0;
constexpr int exit_out_of_memory = 3;
constexpr int exit_failed = 4;

// Without a jail there are no limits either.
[[noreturn]] void run_child(const Jail* jail, const Limits& limits, const Reader& reader, int document, std::string_view mime, int answer) {
  try {
    if (jail != nullptr && !jail->confine(limits)) _exit(exit_failed);
    _exit(write_all(answer, reader(read_all(document), mime)) ? exit_answered : exit_failed);
  } catch (const std::bad_alloc&) {
    _exit(exit_out_of_memory);
  } catch (...) {
    _exit(exit_failed);
  }
}

Reply reply_of(std::uint64_t job, int status) {
  if (WIFEXITED(status)) {
    if (WEXITSTATUS(status) == exit_answered) return {job, End::answered, 0};
    return {job, WEXITSTATUS(status) == exit_out_of_memory ? End::out_of_memory : End::crash, 0};
  }
  const int signal = WTERMSIG(status);
  const bool time_over = signal == SIGALRM || signal == SIGXCPU;
  return {job, time_over ? End::timeout : End::crash, static_cast<std::uint32_t>(signal)};
}

// What the heap has free between what is in use would be used up by every child, which would copy each page that has a piece of it.
// So it is used up here, for ever, and children take new memory, which is in one piece.
void fill_holes() {
  constexpr std::size_t largest = 65536;
  constexpr std::size_t set_aside = 1032;  // smaller ones do not go back to the rest when they are freed, and would be holes again
  std::size_t left = 1048576;              // an allocator that does not go upwards ends it so
  malloc_trim(0);
  const auto* end = static_cast<const char*>(malloc(largest * 3 / 2));
  for (auto size = largest; size > 0; size -= 16) {
    auto* piece = static_cast<char*>(malloc(size));
    for (; piece != nullptr && std::less<>()(piece, end) && left > size; left -= size) piece = static_cast<char*>(malloc(size));
    if (size > set_aside) free(piece);
  }
}

class Server {
 public:
  Server(const Limits& limits, const Reader& reader, Walls walls) : limits_(limits), reader_(reader), walls_(walls) {}

  void run() {
    sigset_t child_ended;
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child_ended, nullptr);
    ended_ = base::Fd(signalfd(-1, &child_ended, SFD_NONBLOCK | SFD_CLOEXEC));
    if (walls_ == Walls::all) jail_.emplace();
    fill_holes();
    if (!channel_.send(Reply{0, End::ready, jail_ ? jail_->walls() : 0})) return;
    while (true) {
      std::array<pollfd, 2> fds{{{control_fd, POLLIN, 0}, {ended_.get(), POLLIN, 0}}};
      if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
      if (fds[1].revents != 0) reap();
      if (fds[0].revents != 0 && !accept()) break;
    }
    for (const auto& [pid, job] : running_) kill(pid, SIGKILL);
  }

 private:
  // False when the worker is gone.
  bool accept() {
    Request request;
    std::array<base::Fd, 2> fds;
    switch (channel_.receive(request, fds)) {
      case Channel::Got::nothing:
        return true;
      case Channel::Got::end:
        return false;
      case Channel::Got::message:
        break;
    }
    const auto parent = getpid();
    const auto pid = fork();
    if (pid == 0) {
      close(control_fd);
      ended_ = base::Fd();
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(exit_failed);
      run_child(jail_ ? &*jail_ : nullptr, limits_, reader_, fds[0].get(), request.mime.data(), fds[1].get());
    }
    if (pid < 0) return channel_.send(Reply{request.job, End::not_started, 0});
    running_.emplace(pid, request.job);
    return true;
  }

  void reap() {
    signalfd_siginfo ignored{};
    while (read(ended_.get(), &ignored, sizeof ignored) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto at = running_.find(pid);
      if (at == running_.end()) continue;
      channel_.send(reply_of(at->second, status));
      running_.erase(at);
    }
  }

  Limits limits_;
  const Reader& reader_;
  Walls walls_;
  Channel channel_{control_fd};
  base::Fd ended_;
  std::optional<Jail> jail_;
  std::map<pid_t, std::uint64_t> running_;
};

}  // namespace

void serve(const Limits& limits, const Reader& reader, Walls walls) {
  fcntl(control_fd, F_SETFD, FD_CLOEXEC);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Server(limits, reader, walls).run();
}

Answer read_once(const Limits& limits, const Reader& reader, int document, std::string_view mime) {
  const base::Fd file(memfd_create("answer", MFD_CLOEXEC));
  const auto pid = file ? fork() : -1;
  if (pid < 0) return {0, End::not_started, 0, {}};
  if (pid == 0) {
    const Jail jail;
    run_child(&jail, limits, reader, document, mime, file.get());
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const auto reply = reply_of(0, status);
  return {0, reply.end, reply.detail, reply.end == End::answered ? read_all(file.get()) : std::string()};
}

}  // namespace sandbox
