// Bars over time as inline SVG.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "view.hpp"

inline constexpr std::size_t bar_minutes = 5;
inline constexpr std::size_t bars = history_hours * 60 / bar_minutes;

// Oldest first; nullopt where nothing was noted.
using Series = std::array<std::optional<std::int64_t>, bars>;

// The highest value in each stretch of time.
Series highest_of(const std::vector<Minute>& minutes, std::int64_t Minute::*value);
// How much a counter grew in each stretch. What grew in a gap counts where the notes go on; a counter that went back begins anew.
Series growth_of(const std::vector<Minute>& minutes, std::int64_t Minute::*counter);

std::int64_t highest(const Series& series);
// Of the last hour; nullopt where nothing of it was noted.
std::optional<std::int64_t> sum_of_last_hour(const Series& series);

struct Look {
  std::string_view css_class;
  std::string label;  // says it to who cannot see it
  std::function<std::string(std::int64_t)> value;
};

// A stretch of which nothing is known is shaded. Each bar tells its time and value to a pointer that rests on it.
std::string render_plot(const Series& series, const Look& look, base::WallTime now);
