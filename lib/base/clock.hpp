// Time, with the source of each reading in its name.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

// CLOCK_BOOTTIME: monotonic, and unlike CLOCK_MONOTONIC it goes on while the machine is suspended,
// as the database's clock does. Leases and deadlines are judged by it.
struct Boottime {
  using rep = std::chrono::nanoseconds::rep;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<Boottime>;
  static constexpr bool is_steady = true;
  static time_point now() noexcept;
};

WallTime wall_now();

// "2026-11-24T02:00:00.123Z", of the years 0 to 9999.
std::string iso8601(WallTime time);

// An RFC 3339 time with its offset, of the years 1970 to 9999; fractions below a millisecond are dropped.
std::optional<WallTime> parse_time(std::string_view text);

// Identifies this boot (/proc/sys/kernel/random/boot_id); empty when it cannot be read.
std::string boot_id();

// A point in time after which waiting ends. Copyable; passed down so that steps share one limit.
class Deadline {
 public:
  explicit Deadline(Milliseconds from_now) : at_(Boottime::now() + from_now) {}
  [[nodiscard]] Milliseconds left() const;  // never negative; rounded up, so that 0 means over
  [[nodiscard]] bool over() const { return Boottime::now() >= at_; }
  [[nodiscard]] Boottime::time_point at() const { return at_; }

 private:
  Boottime::time_point at_;
};

}  // namespace base
