// Durations as people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace base {

// "300000ms", "90s", "5m", "1h30m", "7d": whole numbers, each with its unit, larger units first.
// nullopt for anything else, a bare number too, and beyond a hundred years.
std::optional<Milliseconds> parse_duration(std::string_view text);

// The shortest such text: "1h30m", "0s".
std::string duration_text(Milliseconds duration);

}  // namespace base
