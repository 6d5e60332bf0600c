#include "outbox/queue.hpp"

#include <algorithm>
#include <array>

#include "outbox/sql.hpp"

namespace outbox {

namespace {

void read_texts(Event& event, const pg::Result& result, int row) {
  const std::array texts{result.text(row, 0), result.text(row, 1), result.text(row, 6), result.text(row, 7), result.text(row, 8), result.text(row, 9)};
  std::size_t size = 0;
  for (const auto text : texts) size += text.size();
  event.texts = std::make_unique_for_overwrite<char[]>(size);
  char* end = event.texts.get();
  const auto keep = [&end](std::string_view text) {
    const char* begin = end;
    end = std::ranges::copy(text, end).out;
    return std::string_view(begin, text.size());
  };
  event.id = keep(texts[0]);
  event.token = keep(texts[1]);
  event.tenant_id = keep(texts[2]);
  event.event_type = keep(texts[3]);
  event.schema_version = keep(texts[4]);
  if (!result.is_null(row, 9)) event.trace_id = keep(texts[5]);
}

}  // namespace

void Scope::add_types(pg::Params& params) const {
  if (types) {
    params.add_array(*types);
  } else {
    params.add_null();
  }
  params.add_array(exclude);
}

void Scope::add_endpoint(pg::Params& params) const {
  if (endpoint) {
    params.add(*endpoint);
  } else {
    params.add_null();
  }
}

std::vector<EventPtr> read_events(const pg::Result& result, base::Boottime::time_point sent_at, base::Milliseconds lease, bool alone) {
  std::vector<EventPtr> events;
  events.reserve(static_cast<std::size_t>(result.rows()));
  for (int row = 0; row < result.rows(); ++row) {
    auto event = std::make_unique<Event>();
    read_texts(*event, result, row);
    event->attempt_count = result.integer(row, 2);
    event->replay_count = result.integer(row, 3);
    event->charged = result.boolean(row, 4);
    event->lag_at_claim_us = result.integer(row, 5);
    event->created_at = base::WallTime(std::chrono::floor<base::Milliseconds>(std::chrono::microseconds(result.integer(row, 10))));
    event->payload = result.text(row, 11);
    event->due_us = result.integer(row, 12);
    event->claimed_at = sent_at;
    event->lease_end = sent_at + lease;
    event->alone = alone;
    events.push_back(std::move(event));
  }
  // UPDATE … RETURNING promises no order.
  std::ranges::stable_sort(events, [](const EventPtr& a, const EventPtr& b) {
    const bool alert_a = a->event_type == "OpsAlert";
    const bool alert_b = b->event_type == "OpsAlert";
    if (alert_a != alert_b) return alert_a;
    if (a->lag_at_claim_us != b->lag_at_claim_us) return a->lag_at_claim_us > b->lag_at_claim_us;
    return a->id < b->id;
  });
  return events;
}

std::int64_t Event::lag_ms() const {
  return std::max<std::int64_t>(0, lag_at_claim_us / 1000 + std::chrono::round<base::Milliseconds>(base::Boottime::now() - claimed_at).count());
}

void Round::add(pg::Statement statement, pg::Params params, Handler handler) {
  batch_.add(statement, std::move(params));
  handlers_.push_back(std::move(handler));
}

void Round::committed(const std::vector<pg::Result>& results) {
  for (std::size_t i = 0; i < handlers_.size() && i < results.size(); ++i) {
    if (handlers_[i]) handlers_[i](results[i]);
  }
  for (const auto& done : done_) done();
}

std::vector<std::string_view> sorted_ids(const pg::Result& result) {
  std::vector<std::string_view> ids;
  ids.reserve(static_cast<std::size_t>(result.rows()));
  for (int row = 0; row < result.rows(); ++row) ids.push_back(result.text(row, 0));
  std::ranges::sort(ids);
  return ids;
}

void add_keys(pg::Params& params, const std::vector<const Event*>& events) {
  std::vector<std::string_view> ids;
  std::vector<std::string_view> tokens;
  ids.reserve(events.size());
  tokens.reserve(events.size());
  for (const auto* event : events) {
    ids.push_back(event->id);
    tokens.push_back(event->token);
  }
  params.add_uuids(ids).add_uuids(tokens);
}

base::Milliseconds backoff(const std::vector<std::int64_t>& steps_s, std::int64_t attempts, base::Milliseconds asked, double random) {
  const auto index = std::min(static_cast<std::size_t>(std::max<std::int64_t>(attempts, 0)), steps_s.size() - 1);
  const auto step = base::Milliseconds(std::chrono::seconds(steps_s[index]));
  if (asked.count() > 0) return std::clamp(asked, step, 2 * step);
  return base::Milliseconds(static_cast<std::int64_t>(static_cast<double>(step.count()) * (0.8 + 0.4 * random)));
}

std::string_view barred(const Event& event, const Tenants& tenants, std::int64_t retry_max) {
  if (!tenants.allowed(event.tenant_id)) return "tenant_unknown";
  if (event.charged && event.attempt_count > retry_max) return "lease_expired";
  return {};
}

void add_failed(Round& round, const std::vector<Failed>& attempts, std::int64_t retry_max, std::optional<std::int64_t> endpoint, std::string_view runner_id,
                Verdict verdict, std::function<void(std::int64_t)> stale) {
  if (attempts.empty()) return;
  std::vector<const Event*> events;
  std::vector<std::string> reasons;
  std::vector<std::string> final;
  std::vector<std::string> faults;
  std::vector<std::int64_t> began;
  std::vector<std::int64_t> waits;
  std::vector<std::optional<std::string>> durations;
  for (const auto& attempt : attempts) {
    events.push_back(attempt.event);
    reasons.push_back(attempt.reason);
    final.emplace_back(attempt.final ? "true" : "false");
    faults.emplace_back(attempt.endpoint_fault ? "true" : "false");
    began.push_back(std::chrono::ceil<base::Milliseconds>(base::Boottime::now() - attempt.began).count());
    waits.push_back(attempt.wait.count());
    durations.push_back(attempt.took ? std::optional(std::to_string(attempt.took->count())) : std::nullopt);
  }
  pg::Params params;
  add_keys(params, events);
  params.add_array(reasons).add_array(final).add_array(faults).add_array(began).add_array(waits).add_array(durations);
  params.add(retry_max);
  if (endpoint) {
    params.add(*endpoint);
  } else {
    params.add_null();
  }
  params.add(runner_id);
  const auto count = static_cast<std::int64_t>(attempts.size());
  round.add(sql::complete_failed, std::move(params), [count, verdict = std::move(verdict), stale = std::move(stale)](const pg::Result& result) {
    stale(count - result.rows());
    for (int row = 0; row < result.rows(); ++row) {
      verdict(result.text(row, 0), result.text(row, 1), result.is_null(row, 2) ? std::nullopt : std::optional<std::string>(result.text(row, 2)));
    }
  });
}

}  // namespace outbox
