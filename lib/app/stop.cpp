#include "app/stop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace app {
namespace {

constexpr time_t hard_limit_s = 9;
constexpr long hard_limit_ns = 700'000'000;

std::atomic<int> stop_signal = 0;
std::atomic<std::int64_t> stop_at_ns = 0;
int stop_event = -1;
timer_t stop_timer{};

// Async-signal-safe calls only: write, clock_gettime, timer_settime, _exit.
void on_stop(int number) {
  int none = 0;
  if (!stop_signal.compare_exchange_strong(none, number)) return;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  stop_at_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  const itimerspec limit{{0, 0}, {hard_limit_s, hard_limit_ns}};
  timer_settime(stop_timer, 0, &limit, nullptr);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(stop_event, &one, sizeof one);
}

void on_hard_limit(int /*number*/) { _exit(0); }

}  // namespace

Stop::Stop(base::Milliseconds grace) : grace_(grace) {
  stop_signal = 0;
  stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGALRM;
  timer_create(CLOCK_BOOTTIME, &event, &stop_timer);
  struct sigaction action {};
  action.sa_handler = on_hard_limit;
  sigaction(SIGALRM, &action, nullptr);
  action.sa_handler = on_stop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

Stop::~Stop() {
  timer_delete(stop_timer);
  ::close(stop_event);
  stop_event = -1;
}

bool Stop::requested() const { return stop_signal != 0; }

std::string_view Stop::signal() const {
  switch (stop_signal) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    default:
      return {};
  }
}

int Stop::fd() const { return stop_event; }

base::Milliseconds Stop::grace_left() const {
  if (!requested()) return grace_;
  const base::Boottime::time_point end(std::chrono::nanoseconds(stop_at_ns) + grace_);
  const auto rest = std::chrono::ceil<base::Milliseconds>(end - base::Boottime::now());
  return rest.count() > 0 ? rest : base::Milliseconds(0);
}

base::Milliseconds Stop::over_by() const {
  if (!requested()) return base::Milliseconds(0);
  const base::Boottime::time_point end(std::chrono::nanoseconds(stop_at_ns) + grace_);
  return std::max(std::chrono::floor<base::Milliseconds>(base::Boottime::now() - end), base::Milliseconds(0));
}

bool Stop::grace_over() const { return requested() && grace_left().count() == 0; }

}  // namespace app
