// The lines of outbox-prune.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct Pruned {
  static constexpr std::string_view type = "pruned";
  static constexpr std::string_view about = "What was removed of one kind of row, or would be.";
  std::string_view kind;
  std::int64_t rows = 0;
  std::int64_t days = 0;
  bool dry_run = false;
  static constexpr auto fields = emit::fields(
      emit::field("kind", &Pruned::kind, "events, dead_letters or audit."), emit::field("rows", &Pruned::rows, "How many."),
      emit::field("days", &Pruned::days, "The age at which rows of this kind are removed."), emit::field("dry_run", &Pruned::dry_run, "True: only counted."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t rows = 0;
  std::int64_t batches = 0;
  bool more = false;
  std::string stopped_by;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "ok, or unknown after an error."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
      emit::field("rows", &Summary::rows, "Rows of all kinds."), emit::field("batches", &Summary::batches, "Transactions."),
      emit::field("more", &Summary::more, "Stopped before everything was removed."),
      emit::field("stopped_by", &Summary::stopped_by, "end, limit, SIGTERM, SIGINT or output."), emit::field("exit", &Summary::exit, "The exit status."));
};
