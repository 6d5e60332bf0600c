// The metrics snapshot: read in one round trip, rendered as JSON and as Prometheus text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "emit/event.hpp"
#include "pg/connection.hpp"

namespace metrics {

// Which events the publisher takes: the lag is theirs.
struct Scope {
  std::vector<std::string> types;  // empty: all but the worker's
  std::vector<std::string> exclude;
};

// PUBLISH_TYPES and PUBLISH_EXCLUDE_TYPES.
void bind(config::Settings& settings, Scope& scope);

// What was measured how often, and the sum of it.
struct Total {
  std::int64_t count = 0;
  std::int64_t sum = 0;
};
void append_value(std::string& out, const Total& total);

struct Snapshot {
  static constexpr std::string_view type = "metrics";
  static constexpr std::string_view about = "The one object, without the fields that the lines of other tools begin with.";
  int v = 1;
  std::int64_t publisher_lag_ms = 0;
  std::int64_t worker_lag_ms = 0;
  std::int64_t dlq_size = 0;
  std::int64_t outbox_pending = 0;
  std::int64_t outbox_due = 0;
  std::int64_t outbox_processing = 0;
  std::int64_t outbox_stuck = 0;
  std::int64_t publisher_attempts_total = 0;
  std::int64_t publisher_sent_total = 0;
  std::int64_t publisher_failures_total = 0;
  Total publish_duration_ms;
  std::int64_t parsed_total = 0;
  std::int64_t parse_failures_total = 0;
  Total parse_duration_ms;
  std::int64_t chunk_bytes_total = 0;
  std::int64_t ops_replay_attempts_total = 0;
  std::int64_t ops_replay_committed_total = 0;
  bool breaker_open = false;
  std::optional<double> horizon_age_s;
  std::int64_t schema_version = 0;
  std::string ts;
  bool schema_ahead = false;  // not a metric: the caller warns (schema/check.hpp)

  static constexpr auto fields = emit::fields(
      emit::field("v", &Snapshot::v, "1."),
      emit::field("publisher_lag_ms", &Snapshot::publisher_lag_ms,
                  "Now minus the due time of the oldest due event that the publisher would take, with its breaker open or not, in flight or not; 0 when none."),
      emit::field("worker_lag_ms", &Snapshot::worker_lag_ms, "The same for inbox items that wait to be parsed."),
      emit::field("dlq_size", &Snapshot::dlq_size, "Unresolved dead letters."),
      emit::field("outbox_pending", &Snapshot::outbox_pending, "Events that wait, due or not, of all types."),
      emit::field("outbox_due", &Snapshot::outbox_due, "Events that could be claimed now."),
      emit::field("outbox_processing", &Snapshot::outbox_processing, "Events that somebody has claimed."),
      emit::field("outbox_stuck", &Snapshot::outbox_stuck, "Events whose lease has been over for more than a minute and that nobody claims."),
      emit::field("publisher_attempts_total", &Snapshot::publisher_attempts_total, "Attempts that count: delivered, or failed and charged."),
      emit::field("publisher_sent_total", &Snapshot::publisher_sent_total, "Events delivered."),
      emit::field("publisher_failures_total", &Snapshot::publisher_failures_total, "Attempts that failed and were charged."),
      emit::field("publish_duration_ms", &Snapshot::publish_duration_ms, "How many attempts were timed (count), and the sum of their times."),
      emit::field("parsed_total", &Snapshot::parsed_total, "Documents parsed."),
      emit::field("parse_failures_total", &Snapshot::parse_failures_total, "Documents that could not be parsed, each try of them."),
      emit::field("parse_duration_ms", &Snapshot::parse_duration_ms, "How many tries were timed (count), and the sum of their times."),
      emit::field("chunk_bytes_total", &Snapshot::chunk_bytes_total, "Bytes of text stored as chunks."),
      emit::field("ops_replay_attempts_total", &Snapshot::ops_replay_attempts_total, "Dead letters that a replay decided about, refused ones too."),
      emit::field("ops_replay_committed_total", &Snapshot::ops_replay_committed_total, "Dead letters that went back to the outbox."),
      emit::field("breaker_open", &Snapshot::breaker_open, "Whether an endpoint that is in use has its breaker open."),
      emit::field("horizon_age_s", &Snapshot::horizon_age_s,
                  "Age of the oldest snapshot that keeps dead rows from being removed: of a transaction, or, at least, of a replication slot or standby; null "
                  "when this role may not see it."),
      emit::field("schema_version", &Snapshot::schema_version, "How many changes of the schema are deployed."),
      emit::field("ts", &Snapshot::ts, "The database's time of the snapshot."));
};

// Reads it, and checks the schema in the same round trip. Throws pg::Failure.
Snapshot read(pg::Connection& db, const Scope& scope);

// One JSON object, without a line break.
std::string json(const Snapshot& snapshot);

// Text exposition format 0.0.4, in base units (seconds), each name with zero_admin_ before it.
std::string prometheus(const Snapshot& snapshot);

}  // namespace metrics
