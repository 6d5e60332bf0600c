// The lines of ops-metrics: the snapshot is one (lib/metrics), and where it could not be had, this.
#pragma once

#include <string>
#include <string_view>

#include "emit/event.hpp"
#include "metrics/snapshot.hpp"

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "Only after an error, and not with --format prometheus: instead of the snapshot.";
  std::string_view state;
  std::string_view outcome;
  int exit = 0;
  static constexpr auto fields =
      emit::fields(emit::field("state", &Summary::state, "unknown."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
                   emit::field("exit", &Summary::exit, "The exit status."));
};
