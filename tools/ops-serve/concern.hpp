// What on the status page needs somebody.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "view.hpp"
#include "words.hpp"

// As alert-check and heartbeat-watch judge, unless told otherwise.
inline constexpr std::int64_t lag_limit_ms = 300'000;
inline constexpr std::int64_t silent_limit_s = 600;

// How a runner is, the worst first.
enum class Pulse {
  silent,     // it is to run, and does not loop
  fruitless,  // it loops and has work due, and nothing succeeds
  running,
  stopped,
};
Pulse pulse_of(const Runner& runner);

std::int64_t lag_of(const metrics::Snapshot& snapshot);

struct Concern {
  std::string what;
  std::string_view todo;
  std::string_view command;
};

// The most urgent first; empty when all is well.
std::vector<Concern> concerns_of(const View& view, const Words& words);
