// Points in time that are compared across runs, reboots and steps of the clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace watch {

// A moment by both clocks.
struct Moment {
  base::WallTime wall{};
  std::int64_t boottime_ns = 0;  // CLOCK_BOOTTIME
  std::string boot_id;

  static Moment now();
};

// How long after `then` it is: by CLOCK_BOOTTIME within one boot, whatever was done to the wall clock; by the wall
// clock across boots. nullopt when time went backwards, so that nobody can say.
std::optional<base::Milliseconds> elapsed(const Moment& then, const Moment& now);

}  // namespace watch
