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

// "14:35".
std::string begin_of(std::size_t bar, base::WallTime now) { return base::iso8601(now - std::chrono::minutes((bars - bar) * bar_minutes)).substr(11, 5); }

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

std::optional<std::int64_t> sum_of_last_hour(const Series& series) {
  std::optional<std::int64_t> sum;
  for (auto bar = bars - 60 / bar_minutes; bar < bars; ++bar) {
    if (series.at(bar)) sum = sum.value_or(0) + *series.at(bar);
  }
  return sum;
}

std::string render_plot(const Series& series, const Look& look, base::WallTime now) {
  const auto most = std::max<std::int64_t>(highest(series), 1);
  auto svg = fmt::format(R"(<svg class="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">)", look.css_class, bars * bar_width,
                         height + 1, escape(look.label));
  svg += fmt::format(R"(<rect class="base" x="0" y="{}" width="{}" height="1"/>)", height, bars * bar_width);
  for (std::size_t bar = 0; bar < bars; ++bar) {
    const auto value = series.at(bar);
    if (!value) svg += fmt::format(R"(<rect class="gap" x="{}" y="0" width="{}" height="{}"/>)", bar * bar_width, bar_width, height);
    if (value.value_or(0) == 0) continue;
    // The smallest is still seen.
    const auto tall = std::max(1.0, static_cast<double>(*value) / static_cast<double>(most) * height);
    svg += fmt::format(R"(<rect x="{}" y="{:.1f}" width="{}" height="{:.1f}"><title>{} UTC: {}</title></rect>)", bar * bar_width, height - tall, bar_width - 1,
                       tall, begin_of(bar, now), escape(look.value(*value)));
  }
  return svg + "</svg>";
}
