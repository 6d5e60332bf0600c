// The lines of heartbeat-watch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct HeartbeatLine {
  static constexpr std::string_view type = "heartbeat";
  static constexpr std::string_view about = "What a target came to; which ones are printed is up to --notify.";
  std::string target;
  std::string_view state;
  std::string phase;
  std::string reason;
  std::optional<double> age_s;
  double max_age_s = 0;
  std::optional<double> success_age_s;
  std::optional<std::int64_t> backlog;
  std::string since;
  std::optional<std::string_view> notify_reason;
  std::string fingerprint;
  std::string hint;
  static constexpr auto fields = emit::fields(
      emit::field("target", &HeartbeatLine::target, "Its name; with --fleet name@host or name@host/instance, and fleet for the database itself."),
      emit::field("state", &HeartbeatLine::state, "ok, critical or unknown: what it is in this run."),
      emit::field("phase", &HeartbeatLine::phase, "ok, pending, firing (until enough clean runs), resolved or unknown."),
      emit::field(
          "reason", &HeartbeatLine::reason,
          "Of an alarm: missing, before_boot (the file is from before the host was started), loop_stale, stopped (and not started again), stuck (it loops, "
          "there is work due, and nothing succeeds). Of an unknown state: unreadable, not_regular (a link, a pipe, a folder), too_large, invalid, clock_skew, "
          "database, no_rows. starting: the host has just been started. target_removed. Else empty."),
      emit::field("age_s", &HeartbeatLine::age_s, "Age of the last loop, in seconds; null when it is not known."),
      emit::field("max_age_s", &HeartbeatLine::max_age_s, "What it is compared with."),
      emit::field("success_age_s", &HeartbeatLine::success_age_s, "Age of the last success; null when there was none, or the file does not tell."),
      emit::field("backlog", &HeartbeatLine::backlog, "Work due at the last loop; null when the file does not tell."),
      emit::field("since", &HeartbeatLine::since, "When the phase began."),
      emit::field("notify_reason", &HeartbeatLine::notify_reason, "Why it is news: first, worse, repeat, resolved or flapping; null when it is none."),
      emit::field("fingerprint", &HeartbeatLine::fingerprint, "The same for this target in every run."),
      emit::field("hint", &HeartbeatLine::hint, "What to do; empty when there is nothing."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line; not with --notify changes when nothing is new.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t targets = 0;
  std::int64_t firing = 0;
  std::int64_t unknown = 0;
  std::int64_t notified = 0;
  bool state_saved = false;
  int exit = 0;
  static constexpr auto fields = emit::fields(emit::field("state", &Summary::state, "The worst of all targets, or skipped when another run is at it."),
                                              emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
                                              emit::field("targets", &Summary::targets, "Targets that were judged; with --follow, files that were kept."),
                                              emit::field("firing", &Summary::firing, "Targets with an alarm."),
                                              emit::field("unknown", &Summary::unknown, "Targets that could not be judged."),
                                              emit::field("notified", &Summary::notified, "Targets of which a line was printed, or told to the command."),
                                              emit::field("state_saved", &Summary::state_saved, "Whether this run is remembered; false with --follow."),
                                              emit::field("exit", &Summary::exit, "The exit status."));
};
