// A metrics snapshot as it comes: JSON that may be cut, huge, stale, or of the original API.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

constexpr std::size_t snapshot_limit = 1'048'576;

// A number, {"value": n}, a counter {"count": n} or a histogram {"count": n, "sum": n}.
struct Metric {
  std::optional<double> value;
  std::optional<double> count;
  std::optional<double> sum;
  bool usable = true;  // false: there, but no finite number
};

struct Snapshot {
  std::map<std::string, Metric, std::less<>> metrics;
  std::optional<base::WallTime> ts;
  std::string problem;  // why nothing of it can be believed: empty, json_invalid, duplicate_key, too_large, metrics_disabled; empty when it can
};

// Never quotes the text. Metrics with labels, name{…}, become one: the sum of counters and histograms, the largest of others.
Snapshot parse_snapshot(std::string_view text);
