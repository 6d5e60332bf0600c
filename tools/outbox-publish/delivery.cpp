#include "delivery.hpp"

#include <algorithm>

#include "events.hpp"
#include "outbox/sql.hpp"

void Delivery::start(outbox::EventPtr event) {
  config_.refresh_tenants(output_);
  const auto reason = outbox::barred(*event, config_.tenants, config_.retry_max);
  if (reason.empty()) return send(std::move(event));
  Finished finished;
  finished.event = std::move(event);
  finished.fate = Fate::dead;
  finished.reason = reason;
  finished.began = base::Boottime::now();
  finish(std::move(finished));
}

void Delivery::settle(outbox::Round& round) {
  results_.take();
  add_sent(round);
  add_failed(round);
  bool delivered = false;
  std::vector<const Finished*> failing;
  for (const auto& finished : results_.taken()) {
    if (finished.fate == Fate::sent) {
      delivered = true;
      failing.clear();
    } else if (finished.endpoint_fault) {
      failing.push_back(&finished);
    }
  }
  add_more(round, delivered, failing);
  round.make_durable();
  round.then([this] { results_.committed(); });
}

void Delivery::add_sent(outbox::Round& round) {
  std::vector<const outbox::Event*> events;
  std::vector<std::int64_t> durations;
  for (const auto& finished : results_.taken()) {
    if (finished.fate != Fate::sent) continue;
    events.push_back(finished.event.get());
    durations.push_back(finished.took.value_or(base::Milliseconds(0)).count());
  }
  if (events.empty()) return;
  pg::Params params;
  outbox::add_keys(params, events);
  params.add_array(durations).add(results_.resubmitted() ? "true" : "false");
  if (endpoint()) {
    params.add(*endpoint());
  } else {
    params.add_null();
  }
  params.add(engine_->runner_id());
  round.add(outbox::sql::complete_sent, std::move(params), [this, asked = events.size()](const pg::Result& result) {
    const bool all = static_cast<std::size_t>(result.rows()) == asked && !results_.resubmitted();
    const auto taken = all ? std::vector<std::string_view>() : outbox::sorted_ids(result);
    const emit::Output::Together together(output_);
    for (const auto& finished : results_.taken()) {
      if (finished.fate != Fate::sent) continue;
      if (all || std::ranges::binary_search(taken, finished.event->id)) {
        count_sent();
        sent(finished);
      } else {
        engine_->count_stale(1);
      }
    }
  });
}

void Delivery::add_failed(outbox::Round& round) {
  std::vector<outbox::Failed> attempts;
  attempts.reserve(results_.taken().size());
  std::uniform_real_distribution<double> spread(0.0, 1.0);
  for (const auto& finished : results_.taken()) {
    if (finished.fate == Fate::sent) continue;
    attempts.push_back({finished.event.get(), finished.reason, finished.fate == Fate::dead, finished.endpoint_fault, finished.began,
                        outbox::backoff(config_.backoff_steps_s, finished.event->attempt_count, finished.retry_after, spread(random_)), finished.took});
  }
  const auto told = [this](std::string_view id, std::string_view verdict, std::optional<std::string> next_attempt_at) {
    if (const auto* finished = results_.find(id)) failed(*finished, verdict, std::move(next_attempt_at));
  };
  outbox::add_failed(round, attempts, config_.retry_max, endpoint(), engine_->runner_id(), told, [this](std::int64_t count) { engine_->count_stale(count); });
}

void Delivery::failed(const Finished& finished, std::string_view verdict, std::optional<std::string> next_attempt_at) {
  engine_->count_failed(1);
  if (verdict == "retry") {
    ++counts_.retried;
  } else if (verdict == "dead") {
    ++counts_.dead;
  } else {
    ++counts_.given_back;
  }
  const auto& event = *finished.event;
  output_.event(PublishFailed{event.id, event.tenant_id, event.event_type, event.schema_version, event.trace_id, event.attempt_count + (finished.took ? 1 : 0),
                              transport(), verdict == "dead" ? "dead" : "retry", finished.http_status, finished.took.value_or(base::Milliseconds(0)).count(),
                              event.lag_ms(), finished.reason, verdict != "given_back", std::move(next_attempt_at)});
}
