// Rules against a snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rule.hpp"
#include "snapshot.hpp"
#include "watch/judge.hpp"
#include "watch/state.hpp"

struct Evaluation {
  const Rule* rule = nullptr;
  watch::Verdict verdict;
  std::optional<double> value;
  std::string reason;  // why there is no value, or what is special about it: see events.hpp
};

struct Past {
  watch::State& state;
  bool kept = true;  // false: it cannot be, so what compares with what was is unknown
  watch::Moment now;
};

// In the order of the rules; an optional rule without its metric is left out. `problem`: why the snapshot cannot be believed.
std::vector<Evaluation> evaluate(const std::vector<Rule>& rules, const Snapshot& snapshot, const std::string& problem, const Past& past);

// Keeps what the rules need of this snapshot for the next run.
void remember(const std::vector<Rule>& rules, const Snapshot& snapshot, const Past& past);

// Why a snapshot cannot be believed by its time: stale or clock_skew; empty when it can. No time at all counts as fresh.
std::string judge_age(const std::optional<base::WallTime>& taken, const watch::Moment& now, base::Milliseconds max_age);
