// The state of a watcher: what is read is written back the same, whatever was done to the file.
#include "fuzz.hpp"
#include "watch/judge.hpp"

void fuzz(std::string_view input) {
  auto state = watch::from_json(input);
  if (!state) return;
  const auto text = watch::to_json(*state);
  const auto again = watch::from_json(text);
  promise(again && watch::to_json(*again) == text);
  const watch::Moment now{base::WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}}, 1'000'000'000, "boot"};
  std::vector<watch::Verdict> verdicts;
  for (const auto& [key, memory] : state->memories) verdicts.push_back({key, base::Outcome::critical, watch::Finding::exceeded, std::chrono::minutes(1), {}});
  for (const auto& judged : watch::judge_all(verdicts, *state, {}, now)) watch::acknowledge(judged, *state, now);
}
