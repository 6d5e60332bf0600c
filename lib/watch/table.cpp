#include "watch/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace watch {

std::string table(std::vector<TableRow> rows, const Moment& now) {
  std::ranges::stable_sort(rows, std::greater(), [](const TableRow& row) { return std::pair(row.judged.state, row.judged.level); });
  std::size_t name = 0;
  std::size_t about = 0;
  for (const auto& row : rows) {
    name = std::max(name, row.name.size());
    about = std::max(about, row.about.size());
  }
  std::string out;
  for (const auto& row : rows) {
    const auto lasted = elapsed(row.judged.since, now).value_or(base::Milliseconds(0));
    out += fmt::format("{:<9}{:<{}}  {:<{}}  {} for {}\n", base::upper(base::state_name(row.judged.state)), row.name, name, row.about, about, row.judged.phase,
                       base::duration_text(std::chrono::floor<std::chrono::seconds>(lasted)));
    if (!row.hint.empty()) out += fmt::format("{:9}-> {}\n", "", row.hint);
  }
  return out;
}

std::string one_line(const std::vector<TableRow>& rows) {
  std::vector<std::string> parts;
  for (const auto level : {base::Outcome::critical, base::Outcome::warning, base::Outcome::unknown}) {
    for (const auto& row : rows) {
      if (row.judged.state == level) parts.push_back(fmt::format("{} {}", row.name, row.about));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace watch
