// What changed since before: deltas of counters and means of histograms, from samples that are kept between runs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "watch/moment.hpp"
#include "watch/state.hpp"

struct Change {
  double value = 0;
  base::Milliseconds span{0};  // from the sample that it is measured from
  bool reset = false;          // the counter went down in between: it counted from zero since
  bool scaled = false;         // the gap was over twice the window: this is the share of one window
};

// Since the newest sample that is as old as the window, else since the oldest one. Shorter than the window it is a lower
// bound, and taken as it is. nullopt without a sample.
std::optional<Change> delta(const std::vector<watch::Sample>& samples, double value, base::Milliseconds window, const watch::Moment& now);

// Adds a sample, and forgets those that no delta over `window` can need and those from a time that is yet to come.
void add_sample(std::vector<watch::Sample>& samples, double value, base::Milliseconds window, const watch::Moment& now);
