// Bars over time as inline SVG.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// `label` says it to who cannot see it.
std::string render_plot(const Series& series, std::string_view css_class, std::string_view label);
