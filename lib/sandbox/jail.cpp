#include "sandbox/jail.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/fd.hpp"

namespace sandbox {
namespace {

// Address space means nothing where a sanitizer reserves terabytes of it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

// A reader: computing, memory, and the two descriptors that are open. Nothing here takes a path or makes a descriptor.
constexpr auto of_reader = std::to_array<int>({
    SCMP_SYS(read),       SCMP_SYS(pread64),      SCMP_SYS(readv),         SCMP_SYS(write),           SCMP_SYS(pwrite64),
    SCMP_SYS(writev),     SCMP_SYS(lseek),        SCMP_SYS(close),         SCMP_SYS(fstat),           SCMP_SYS(brk),
    SCMP_SYS(munmap),     SCMP_SYS(mremap),       SCMP_SYS(madvise),       SCMP_SYS(futex),           SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),     SCMP_SYS(gettid),       SCMP_SYS(tgkill),        SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
});

// Who forks readers, and what a child does before it is one.
constexpr auto of_parent = std::to_array<int>({
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(clone),
    SCMP_SYS(wait4),
    SCMP_SYS(kill),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(getppid),
    SCMP_SYS(prctl),
    SCMP_SYS(prlimit64),
    SCMP_SYS(setitimer),
    SCMP_SYS(seccomp),
});

// What libseccomp makes of rules, as a program for the kernel; empty when it makes nothing of them.
class Rules {
 public:
  explicit Rules(std::uint32_t otherwise) : rules_(seccomp_init(otherwise), seccomp_release) {}

  template <class... Condition>
  void add(std::uint32_t action, int call, Condition... condition) {
    whole_ = whole_ && rules_ && seccomp_rule_add(rules_.get(), action, call, sizeof...(condition), condition...) == 0;
  }

  [[nodiscard]] std::vector<sock_filter> program() const {
    const base::Fd file(memfd_create("filter", MFD_CLOEXEC));
    if (!whole_ || !rules_ || !file || seccomp_export_bpf(rules_.get(), file.get()) != 0) return {};
    const auto size = lseek(file.get(), 0, SEEK_END);
    std::vector<sock_filter> program(size > 0 ? static_cast<std::size_t>(size) / sizeof(sock_filter) : 0);
    if (pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) return {};
    return program;
  }

 private:
  std::unique_ptr<void, decltype(&seccomp_release)> rules_;
  bool whole_ = true;
};

// EPERM, not death: a library that looks for a font or a locale then does without.
constexpr std::uint32_t denied = SCMP_ACT_ERRNO(EPERM);

std::vector<sock_filter> allow_reader_and_parent() {
  Rules rules(denied);
  for (const int call : of_reader) rules.add(SCMP_ACT_ALLOW, call);
  for (const int call : of_parent) rules.add(SCMP_ACT_ALLOW, call);
  if (sanitized) rules.add(SCMP_ACT_ALLOW, SCMP_SYS(sigaltstack));  // looked for before each exception
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) rules.add(SCMP_ACT_ALLOW, call, scmp_arg_cmp{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
  // fstat, as the C library spells it: of an open descriptor.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), scmp_arg_cmp{3, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH});
  return rules.program();
}

std::vector<sock_filter> deny_parent() {
  Rules rules(SCMP_ACT_ALLOW);
  for (const int call : of_parent) rules.add(denied, call);
  return rules.program();
}

bool load(const std::vector<sock_filter>& filter) {
  // The kernel reads the program only; its interface has no const.
  const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

bool enter_landlock() {
  const auto version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;  // all that the first version knows
  const base::Fd ruleset(static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  return ruleset && syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
}

bool limit(__rlimit_resource resource, rlim_t value) {
  const rlimit both{value, value};
  return setrlimit(resource, &both) == 0;
}

}  // namespace

Jail::Jail() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0) walls_ |= Wall::namespaces;
  if (enter_landlock()) walls_ |= Wall::landlock;
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) return;
  const auto outer = allow_reader_and_parent();
  auto inner = deny_parent();
  if (outer.empty() || inner.empty() || !load(outer)) return;
  filter_ = std::move(inner);
  walls_ |= Wall::seccomp;
}

bool Jail::confine(const Limits& limits) const {
  const rlim_t whole_seconds = (limits.timeout_ms + 999) / 1000;
  bool ok = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_FSIZE, limits.output_bytes);
  // Behind the wall clock, lest a document that computes all the time meets both at once. And the hard limit behind the soft one:
  // where they are the same, it is SIGKILL that comes, which could have been for anything.
  const rlimit cpu{whole_seconds + 1, whole_seconds + 2};
  ok = ok && setrlimit(RLIMIT_CPU, &cpu) == 0;
  if (!sanitized) ok = ok && limit(RLIMIT_AS, limits.memory_bytes);
  // The wall clock needs nobody who watches: SIGALRM ends the process, and the filter leaves it no way to ignore that.
  itimerval timer{};
  timer.it_value.tv_sec = limits.timeout_ms / 1000;
  timer.it_value.tv_usec = static_cast<suseconds_t>(limits.timeout_ms % 1000) * 1000;
  ok = ok && setitimer(ITIMER_REAL, &timer, nullptr) == 0;
  return ok && (filter_.empty() || load(filter_));
}

}  // namespace sandbox
