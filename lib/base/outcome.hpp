// What a run came to, and the three views of it as an exit code.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace base {

// Worst last, in the order in which outcomes of one run are combined: unknown is never hidden by ok.
enum class Outcome { ok, skipped, unknown, warning, critical, runtime_error, output_error, usage_error, config_error, help };

enum class ExitView { simple, plugin, sysexits };

struct OutcomeRow {
  Outcome outcome;
  std::string_view name;
  std::string_view meaning;
  int simple;
  int plugin;
  int sysexits;
};

// The one table of exit codes; the man pages' EXIT STATUS comes from it.
inline constexpr auto outcomes = std::to_array<OutcomeRow>({
    {Outcome::ok, "ok", "Success, nothing to do, or stopped by a signal.", 0, 0, 0},
    {Outcome::skipped, "skipped", "Another copy is doing this already.", 0, 0, 0},
    {Outcome::warning, "warning", "A warning threshold is exceeded.", 1, 1, 1},
    {Outcome::critical, "critical", "A critical threshold is exceeded.", 1, 2, 1},
    {Outcome::unknown, "unknown", "The state could not be determined.", 1, 3, 69},
    {Outcome::runtime_error, "runtime_error", "A runtime error, for example PostgreSQL not reachable.", 1, 3, 70},
    {Outcome::output_error, "output_error", "Standard output could not be written.", 1, 3, 74},
    {Outcome::usage_error, "usage_error", "The command line is wrong.", 1, 3, 64},
    {Outcome::config_error, "config_error", "A setting is missing or wrong, or the schema does not fit.", 1, 3, 78},
    {Outcome::help, "help", "Help or version was asked for.", 0, 3, 0},
});

constexpr const OutcomeRow& row_of(Outcome outcome) {
  for (const auto& row : outcomes) {
    if (row.outcome == outcome) return row;
  }
  return outcomes[0];
}

constexpr int exit_code(Outcome outcome, ExitView view) {
  const auto& row = row_of(outcome);
  switch (view) {
    case ExitView::plugin:
      return row.plugin;
    case ExitView::sysexits:
      return row.sysexits;
    case ExitView::simple:
      break;
  }
  return row.simple;
}

// The `state` of a summary line: ok, warning, critical, unknown or skipped. An error is unknown: nothing was determined.
constexpr std::string_view state_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
    case Outcome::help:
      return "ok";
    case Outcome::skipped:
      return "skipped";
    case Outcome::warning:
      return "warning";
    case Outcome::critical:
      return "critical";
    default:
      return "unknown";
  }
}

constexpr Outcome worst(Outcome a, Outcome b) { return a < b ? b : a; }

}  // namespace base
