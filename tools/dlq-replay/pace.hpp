// A limit on items per second.
#pragma once

#include "base/clock.hpp"

class Pace {
 public:
  explicit Pace(std::int64_t per_second) : per_second_(per_second) {}  // 0: no limit

  // How long to wait before the next item may begin. A pause that was longer is not made up for by a burst.
  std::chrono::nanoseconds next(base::Boottime::time_point now) {
    if (per_second_ == 0) return std::chrono::nanoseconds(0);
    const auto at = std::max(now, due_);
    due_ = at + std::chrono::nanoseconds(1'000'000'000 / per_second_);
    return at - now;
  }

 private:
  std::int64_t per_second_;
  base::Boottime::time_point due_{};
};
