// What we parse of an answer: Retry-After, and the body of a readiness endpoint.
#include "fuzz.hpp"
#include "http/client.hpp"
#include "ready.hpp"

void fuzz(std::string_view input) {
  const base::WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};
  if (const auto wait = http::parse_retry_after(input, now)) promise(wait->count() >= 0 && *wait <= std::chrono::hours(24));
  http::Answer answer;
  answer.status = 200;
  answer.body = input;
  const auto finding = judge_ready(answer);
  promise(!finding.line.version || finding.line.version->size() <= 64);
}
