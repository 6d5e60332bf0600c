#include "concern.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace {

std::string name_of(const Runner& runner) {
  return runner.instance.empty() ? fmt::format("{} ({})", runner.name, runner.host) : fmt::format("{}@{} ({})", runner.name, runner.instance, runner.host);
}

// In timer mode a runner has stopped between two ticks.
bool is_there(const View& view, std::string_view name) {
  return std::ranges::any_of(view.runners, [&](const Runner& runner) { return runner.name == name && runner.loop_age_s <= silent_limit_s; });
}

std::string_view reason_of(const Breaker& breaker) { return breaker.reason.empty() ? "–" : std::string_view(breaker.reason); }

}  // namespace

Pulse pulse_of(const Runner& runner) {
  if (runner.state != "running") return Pulse::stopped;
  if (runner.loop_age_s > silent_limit_s) return Pulse::silent;
  return runner.backlog > 0 && runner.success_age_s.value_or(0) > silent_limit_s ? Pulse::fruitless : Pulse::running;
}

std::int64_t lag_of(const metrics::Snapshot& snapshot) { return std::max(snapshot.publisher_lag_ms, snapshot.worker_lag_ms); }

std::vector<Concern> concerns_of(const View& view, const Words& words) {
  if (!view.ok) return {{std::string(words.no_database), words.no_database_do, "health-probe all"}};
  const auto& s = view.snapshot;
  std::vector<Concern> concerns;
  const auto nobody = [&](std::string_view name, std::int64_t lag_ms, std::string_view what, std::string_view command) {
    if (lag_ms > 0 && !is_there(view, name)) concerns.push_back({fill(what, duration(lag_ms, words)), words.nobody_do, command});
  };
  nobody("publisher", s.publisher_lag_ms, words.nobody_publishes, "systemctl status '0admin-outbox-publish*'");
  nobody("worker", s.worker_lag_ms, words.nobody_parses, "systemctl status '0admin-inbox-work*'");
  if (view.runners.empty()) concerns.push_back({std::string(words.no_runners), words.no_runners_do, "systemctl start 0admin.target"});
  if (s.dlq_size > 0) concerns.push_back({fill(words.dead_letters, number(s.dlq_size, words)), words.dead_letters_do, "dlq-replay replay --all-tenants"});
  for (const auto& breaker : view.breakers) {
    if (breaker.open) concerns.push_back({fill(words.breaker, breaker.host, reason_of(breaker)), words.breaker_do, "health-probe webhook"});
  }
  if (lag_of(s) > lag_limit_ms) concerns.push_back({fill(words.lag, duration(lag_of(s), words)), words.lag_do, "systemctl status '0admin-*'"});
  if (s.outbox_stuck > 0) concerns.push_back({fill(words.stuck, number(s.outbox_stuck, words)), words.stuck_do, "heartbeat-watch --fleet"});
  for (const auto& runner : view.runners) {
    const auto pulse = pulse_of(runner);
    const auto seconds = pulse == Pulse::silent ? runner.loop_age_s : runner.success_age_s.value_or(0);
    const auto since = duration(seconds * 1000, words);
    if (pulse == Pulse::silent) concerns.push_back({fill(words.silent, name_of(runner), since), words.silent_do, "systemctl status '0admin-*'"});
    if (pulse == Pulse::fruitless) concerns.push_back({fill(words.fruitless, name_of(runner), since), words.fruitless_do, "journalctl -n 100 -u '0admin-*'"});
  }
  return concerns;
}
