// A metrics snapshot against the default rules, run after run. One that cannot be believed is never ok.
#include "base/text.hpp"
#include "evaluate.hpp"
#include "fuzz.hpp"

void fuzz(std::string_view input) {
  const auto rules = default_rules();
  watch::State state;
  watch::Moment now{base::WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}}, 1'000'000'000, "boot"};
  for (const auto text : base::split(input, '\n')) {
    const auto snapshot = parse_snapshot(text);
    auto problem = snapshot.problem;
    if (problem.empty()) problem = judge_age(snapshot.ts, now, std::chrono::minutes(2));
    for (const auto& one : evaluate(rules, snapshot, problem, {state, true, now}))
      promise(problem.empty() || one.verdict.finding == watch::Finding::undetermined);
    if (problem.empty()) remember(rules, snapshot, {state, true, now});
    now.wall += std::chrono::minutes(1);
    now.boottime_ns += 60'000'000'000;
  }
}
