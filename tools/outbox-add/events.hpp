// The lines of outbox-add.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct Enqueued {
  static constexpr std::string_view type = "enqueued";
  static constexpr std::string_view about = "A line is in the outbox; printed after the commit.";
  std::string event_id;
  bool duplicate = false;
  std::int64_t line = 0;
  static constexpr auto fields = emit::fields(emit::field("event_id", &Enqueued::event_id, "The event; for a duplicate, the first one."),
                                              emit::field("duplicate", &Enqueued::duplicate, "Tenant, type and key were known: nothing was added."),
                                              emit::field("line", &Enqueued::line, "Number of the input line."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t lines = 0;
  std::int64_t enqueued = 0;
  std::int64_t duplicates = 0;
  std::int64_t skipped = 0;
  std::int64_t refused = 0;
  std::string stopped_by;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "ok, or unknown when a line was refused."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
      emit::field("lines", &Summary::lines, "Lines read."), emit::field("enqueued", &Summary::enqueued, "Events added."),
      emit::field("duplicates", &Summary::duplicates, "Events that were there already."),
      emit::field("skipped", &Summary::skipped, "Empty lines and summary lines of other tools."),
      emit::field("refused", &Summary::refused, "Bad lines, each named on standard error."),
      emit::field("stopped_by", &Summary::stopped_by, "end (of the input), SIGTERM, SIGINT or output."),
      emit::field("exit", &Summary::exit, "The exit status."));
};
