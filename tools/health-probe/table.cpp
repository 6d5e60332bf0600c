#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace {

// The order is that of the outcomes, but what was skipped comes last.
bool worse(const Finding& one, const Finding& other) {
  const auto rank = [](const Finding& finding) { return finding.outcome == base::Outcome::skipped ? -1 : static_cast<int>(finding.outcome); };
  return rank(one) > rank(other);
}

std::string particulars(const Probe& line) {
  std::string out = line.target.value_or("");
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (line.http_status) add(fmt::format("status {}", *line.http_status));
  if (line.version) add(fmt::format("version {}", *line.version));
  if (line.days_left) add(fmt::format("{} days left", *line.days_left));
  if (line.age_days) add(fmt::format("{} days old", *line.age_days));
  return out;
}

}  // namespace

std::string table(std::vector<Finding> findings) {
  std::ranges::stable_sort(findings, worse);
  std::size_t reason = 0;
  for (const auto& finding : findings) reason = std::max(reason, finding.line.reason.size());
  std::string out;
  for (const auto& finding : findings) {
    const auto& line = finding.line;
    const auto row =
        fmt::format("{:<9}{:<10}  {:<{}}  {:>5} ms  {}", base::upper(line.state), line.probe, line.reason, reason, line.duration_ms, particulars(line));
    out.append(row, 0, row.find_last_not_of(' ') + 1).append("\n");
    if (!line.hint.empty()) out += fmt::format("{:9}-> {}\n", "", line.hint);
  }
  return out;
}
