#include "base/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstdint>

#include "base/text.hpp"

namespace base {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};

constexpr auto units = std::to_array<Unit>({{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}});
constexpr std::int64_t longest_ms = 36500LL * 86'400'000;

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t sum = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits])) != 0) ++digits;
    std::size_t letters = digits;
    while (letters < text.size() && std::isalpha(static_cast<unsigned char>(text[letters])) != 0) ++letters;
    const auto number = parse_integer(text.substr(0, digits));
    const auto name = text.substr(digits, letters - digits);
    while (next_unit < units.size() && units.at(next_unit).name != name) ++next_unit;
    if (!number || next_unit == units.size() || *number > longest_ms / units.at(next_unit).ms) return std::nullopt;
    sum += *number * units.at(next_unit).ms;
    ++next_unit;
    text.remove_prefix(letters);
  }
  if (sum > longest_ms) return std::nullopt;
  return Milliseconds(sum);
}

std::string duration_text(Milliseconds duration) {
  std::string out;
  auto rest = duration.count();
  for (const auto& unit : units) {
    if (rest < unit.ms) continue;
    out += fmt::format("{}{}", rest / unit.ms, unit.name);
    rest %= unit.ms;
  }
  return out.empty() ? "0s" : out;
}

}  // namespace base
