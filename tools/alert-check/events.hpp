// The lines of alert-check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct RuleLine {
  static constexpr std::string_view type = "rule";
  static constexpr std::string_view about = "What a rule came to; which ones are printed is up to --notify.";
  std::string rule;
  std::string_view severity;
  std::string_view state;
  std::string phase;
  std::optional<double> value;
  std::string_view op;
  double threshold = 0;
  std::string since;
  std::optional<std::string_view> notify_reason;
  std::string fingerprint;
  std::string reason;
  std::string hint;
  static constexpr auto fields = emit::fields(
      emit::field("rule", &RuleLine::rule, "Its name."), emit::field("severity", &RuleLine::severity, "warning or critical: what it is when exceeded."),
      emit::field("state", &RuleLine::state, "ok, warning, critical or unknown: what it is in this run, with its hold and keep times."),
      emit::field("phase", &RuleLine::phase,
                  "ok; pending (exceeded, but not long enough, or not enough was measured yet); firing (until enough clean runs); resolved; unknown."),
      emit::field("value", &RuleLine::value, "What was compared; null when there is none."), emit::field("op", &RuleLine::op, "The operator."),
      emit::field("threshold", &RuleLine::threshold, "What it was compared with."), emit::field("since", &RuleLine::since, "When the phase began."),
      emit::field(
          "notify_reason", &RuleLine::notify_reason,
          "Why it is news: first, worse, repeat, resolved, or flapping (it begins and ends so often that it is quiet from here on); null when it is none."),
      emit::field("fingerprint", &RuleLine::fingerprint, "The same for this rule in every run."),
      emit::field(
          "reason", &RuleLine::reason,
          "Why the state is unknown or pending: absent, not_a_number, negative_counter, no_state, no_baseline (the first run), no_samples, empty, "
          "json_invalid, duplicate_key, too_large, metrics_disabled, stale, clock_skew, unreadable, not_regular, database, auth_failed, timeout, http_ and the "
          "status, or what kept a connection from being made; of a value: reset (the counter began anew) or scaled (a gap was longer than twice the window); "
          "rule_removed; else empty."),
      emit::field("hint", &RuleLine::hint, "What to do; empty when there is nothing."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line; not with --notify changes when nothing is new.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t rules = 0;
  std::int64_t firing = 0;
  std::int64_t unknown = 0;
  std::int64_t notified = 0;
  std::optional<double> snapshot_age_s;
  bool state_saved = false;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "The worst of all rules, or skipped when another run is at it."),
      emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."), emit::field("rules", &Summary::rules, "Rules that were judged."),
      emit::field("firing", &Summary::firing, "Rules that fire."), emit::field("unknown", &Summary::unknown, "Rules that could not be judged."),
      emit::field("notified", &Summary::notified, "Rules of which a line was printed, or told to the command."),
      emit::field("snapshot_age_s", &Summary::snapshot_age_s, "Age of the snapshot; null where it does not tell."),
      emit::field("state_saved", &Summary::state_saved, "Whether this run is remembered."), emit::field("exit", &Summary::exit, "The exit status."));
};
