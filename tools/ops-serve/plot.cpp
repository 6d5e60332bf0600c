#include "plot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "html.hpp"

namespace {

constexpr int bar_width = 4;  // with a gap of one to the next
constexpr int height = 48;

std::optional<std::size_t> bar_of(const Minute& minute) {
  const auto ago = static_cast<std::size_t>(std::max<std::int64_t>(minute.minutes_ago, 0)) / bar_minutes;
  return ago < bars ? std::optional(bars - 1 - ago) : std::nullopt;
}

}  // namespace

Series highest_of(const std::vector<Minute>& minutes, std::int64_t Minute::*value) {
  Series series{};
  for (const auto& minute : minutes) {
    if (const auto bar = bar_of(minute)) series.at(*bar) = std::max(series.at(*bar).value_or(0), minute.*value);
  }
  return series;
}

Series growth_of(const std::vector<Minute>& minutes, std::int64_t Minute::*counter) {
  Series series{};
  for (std::size_t nth = 1; nth < minutes.size(); ++nth) {
    const auto before = minutes[nth - 1].*counter;
    const auto after = minutes[nth].*counter;
    const auto bar = bar_of(minutes[nth]);
    if (bar) series.at(*bar) = series.at(*bar).value_or(0) + (after >= before ? after - before : after);
  }
  return series;
}

std::int64_t highest(const Series& series) {
  std::int64_t most = 0;
  for (const auto& value : series) most = std::max(most, value.value_or(0));
  return most;
}

std::string render_plot(const Series& series, std::string_view css_class, std::string_view label) {
  const auto most = std::max<std::int64_t>(highest(series), 1);
  auto svg = fmt::format(R"(<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">)", css_class, bars * bar_width,
                         height + 1, escape(label));
  svg += fmt::format(R"(<rect class="base" x="0" y="{}" width="{}" height="1"/>)", height, bars * bar_width);
  for (std::size_t bar = 0; bar < bars; ++bar) {
    const auto value = series.at(bar);
    if (!value || *value == 0) continue;
    // The smallest is still seen.
    const auto tall = std::max(1.0, static_cast<double>(*value) / static_cast<double>(most) * height);
    svg += fmt::format(R"(<rect x="{}" y="{:.1f}" width="{}" height="{:.1f}"/>)", bar * bar_width, height - tall, bar_width - 1, tall);
  }
  return svg + "</svg>";
}
