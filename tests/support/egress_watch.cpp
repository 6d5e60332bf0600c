// egress-watch FILE COMMAND…: runs a command and writes a JSON line to FILE for each try, by it or anything that it starts, to
// reach an address that is not of this machine. Nothing is prevented. Exits as the command does; 125 when it cannot watch.
//
// connect, sendto and sendmsg wait for us (seccomp_unotify(2)): unlike with ptrace, what is watched may itself be traced or
// confined. It needs CAP_SYS_ADMIN, if only in a user namespace of its own.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

int fail(const char* what) {
  std::fprintf(stderr, "egress-watch: %s: %s\n", what, std::strerror(errno));
  return 125;
}

// Installs the filter in this process, and returns the descriptor on which its calls wait.
int install_filter() {
  auto* filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return -1;
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
  int status = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(connect), 0);
  // Without an address it goes where connect has led.
  status |= seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendto), 1, scmp_arg_cmp{4, SCMP_CMP_NE, 0, 0});
  status |= seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendmsg), 0);
  status |= seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendmmsg), 0);
  if (status != 0 || seccomp_load(filter) != 0) return -1;
  return seccomp_notify_fd(filter);
}

bool read_memory(pid_t pid, __u64 from, void* into, std::size_t size) {
  const int memory = open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0) return false;
  const auto got = pread(memory, into, size, static_cast<off_t>(from));
  close(memory);
  return got == static_cast<ssize_t>(size);
}

// Where a call wants to go, as "address:port"; empty for this machine and for what is no network.
std::string destination(const seccomp_notif& call) {
  __u64 where = call.data.args[call.data.nr == SCMP_SYS(sendto) ? 4 : 1];
  __u64 length = call.data.args[call.data.nr == SCMP_SYS(sendto) ? 5 : 2];
  const auto pid = static_cast<pid_t>(call.pid);
  if (call.data.nr == SCMP_SYS(sendmsg) || call.data.nr == SCMP_SYS(sendmmsg)) {
    // mmsghdr begins with a msghdr; all messages of one call go out of one socket, and the first tells enough.
    msghdr message{};
    if (!read_memory(pid, call.data.args[1], &message, sizeof message)) return {};
    where = reinterpret_cast<__u64>(message.msg_name);
    length = message.msg_namelen;
  }
  sockaddr_storage address{};
  if (where == 0 || length < sizeof(sa_family_t) || length > sizeof address || !read_memory(pid, where, &address, length)) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const auto host = ntohl(v4.sin_addr.s_addr);
    if ((host >> 24U) == 127 || host == INADDR_ANY) return {};
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    const auto* bytes = v6.sin6_addr.s6_addr;
    if (IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) || IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr) || (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && bytes[12] == 127)) return {};
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  return address.ss_family == AF_PACKET ? "a raw packet" : "";
}

std::string program(pid_t pid) {
  std::array<char, 4096> path{};
  const auto length = readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), path.data(), path.size());
  std::string name;
  for (ssize_t i = 0; i < length; ++i) {
    const auto c = path[static_cast<std::size_t>(i)];
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') continue;
    name += c;
  }
  return name.substr(name.rfind('/') + 1);
}

const char* name_of(int call) {
  if (call == SCMP_SYS(connect)) return "connect";
  if (call == SCMP_SYS(sendto)) return "sendto";
  return call == SCMP_SYS(sendmsg) ? "sendmsg" : "sendmmsg";
}

void answer_one(int calls, std::FILE* file) {
  seccomp_notif* call = nullptr;
  seccomp_notif_resp* answer = nullptr;
  if (seccomp_notify_alloc(&call, &answer) != 0) return;
  if (seccomp_notify_receive(calls, call) == 0) {
    const auto to = destination(*call);
    // Still the same process, so that was its memory.
    if (!to.empty() && seccomp_notify_id_valid(calls, call->id) == 0) {
      std::fprintf(file, "{\"program\":\"%s\",\"call\":\"%s\",\"to\":\"%s\"}\n", program(static_cast<pid_t>(call->pid)).c_str(), name_of(call->data.nr),
                   to.c_str());
      std::fflush(file);
    }
    answer->id = call->id;
    answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    seccomp_notify_respond(calls, answer);
  }
  seccomp_notify_free(call, answer);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: egress-watch FILE COMMAND…\n", stderr);
    return 125;
  }
  std::FILE* file = std::fopen(argv[1], "we");
  std::array<int, 2> ends{};
  if (file == nullptr || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return fail(argv[1]);

  const pid_t child = fork();
  if (child < 0) return fail("fork");
  if (child == 0) {
    const int calls = install_filter();
    // The descriptor has to stay until it has been taken over.
    char taken = 0;
    if (calls < 0 || write(ends[1], &calls, sizeof calls) != sizeof calls || read(ends[1], &taken, 1) != 1) _exit(fail("seccomp"));
    execvp(argv[2], argv + 2);
    _exit(fail(argv[2]));
  }
  close(ends[1]);
  int number = -1;
  if (read(ends[0], &number, sizeof number) != sizeof number) number = -1;
  const int process = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  const int calls = number < 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_getfd, process, number, 0));
  if (calls < 0 || write(ends[0], "x", 1) != 1) {
    const int status = fail("no calls to watch");
    kill(child, SIGKILL);
    return status;
  }

  std::array<pollfd, 2> wait{pollfd{calls, POLLIN, 0}, pollfd{process, POLLIN, 0}};
  while (true) {
    if (poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) return fail("poll");
    if ((wait[0].revents & POLLIN) != 0)
      answer_one(calls, file);
    else if ((wait[1].revents & POLLIN) != 0)
      break;
    if ((wait[0].revents & POLLHUP) != 0) wait[0].fd = -1;
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
