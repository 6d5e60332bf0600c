// Heartbeat files, and the journal lines that become some. What cannot be read is unknown, never fresh.
#include "beat.hpp"
#include "follow.hpp"
#include "fuzz.hpp"

void fuzz(std::string_view input) {
  const watch::Moment now{base::WallTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}}, 86'400'000'000'000, "boot"};
  const auto assessment = assess(input, now, std::chrono::minutes(10));
  if (!parse_beat(input)) promise(assessment.finding == watch::Finding::undetermined);
  if (assessment.finding == watch::Finding::clear) promise(assessment.age && assessment.age->count() >= 0 && *assessment.age <= std::chrono::minutes(10));
  Trace trace;
  trace.begin(input);
  if (const auto line = read_runner_line(input)) {
    promise(line->runner == "publisher" || line->runner == "worker");
    trace.take(line->type, line->at, line->backlog, line->done);
    promise(parse_beat(trace.file(line->runner, now)).has_value());
  }
}
