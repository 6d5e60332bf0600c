#include "metrics/snapshot.hpp"

#include <fmt/format.h>

#include <charconv>

#include "metrics/sql.hpp"
#include "schema/check.hpp"

namespace metrics {
namespace {

constexpr std::string_view worker_type = "InboxItemValidated";

std::optional<double> real(const pg::Result& result, int column) {
  if (result.is_null(0, column)) return std::nullopt;
  const auto text = result.text(0, column);
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

pg::Params parameters(const Scope& scope) {
  pg::Params params;
  auto exclude = scope.exclude;
  if (scope.types.empty()) {
    params.add_null();
    exclude.emplace_back(worker_type);
  } else {
    params.add_array(scope.types);
  }
  params.add_array(exclude);
  return params;
}

// Columns in the order of read.sql.
Snapshot from_row(const pg::Result& row) {
  int column = 0;
  const auto next = [&] { return row.integer(0, column++); };
  Snapshot s;
  s.publisher_lag_ms = next();
  s.worker_lag_ms = next();
  s.dlq_size = next();
  s.outbox_pending = next();
  s.outbox_due = next();
  s.outbox_processing = next();
  s.outbox_stuck = next();
  s.publisher_attempts_total = next();
  s.publisher_sent_total = next();
  s.publisher_failures_total = next();
  s.publish_duration_ms = {s.publisher_attempts_total, next()};
  s.parse_duration_ms.count = next();
  s.parsed_total = next();
  s.parse_failures_total = next();
  s.parse_duration_ms.sum = next();
  s.chunk_bytes_total = next();
  s.ops_replay_attempts_total = next();
  s.ops_replay_committed_total = next();
  s.breaker_open = row.boolean(0, column++);
  s.horizon_age_s = real(row, column++);
  s.schema_version = next();
  s.ts = base::iso8601(base::WallTime(base::Milliseconds(next())));
  return s;
}

class Exposition {
 public:
  void gauge(std::string_view name, double value, std::string_view help) { one(name, "gauge", fmt::format("{}", value), help); }
  void counter(std::string_view name, std::int64_t value, std::string_view help) { one(name, "counter", fmt::format("{}", value), help); }
  void summary(std::string_view name, const Total& total, std::string_view help) {
    head(name, "summary", help);
    text_ += fmt::format("zero_admin_{0}_sum {1}\nzero_admin_{0}_count {2}\n", name, static_cast<double>(total.sum) / 1000, total.count);
  }
  std::string take() { return std::move(text_); }

 private:
  void head(std::string_view name, std::string_view kind, std::string_view help) {
    text_ += fmt::format("# HELP zero_admin_{0} {1}\n# TYPE zero_admin_{0} {2}\n", name, help, kind);
  }
  void one(std::string_view name, std::string_view kind, std::string_view value, std::string_view help) {
    head(name, kind, help);
    text_ += fmt::format("zero_admin_{} {}\n", name, value);
  }

  std::string text_;
};

}  // namespace

void bind(config::Settings& settings, Scope& scope) {
  settings.bind("PUBLISH_TYPES", config::csv(scope.types)).bind("PUBLISH_EXCLUDE_TYPES", config::csv(scope.exclude));
}

void append_value(std::string& out, const Total& total) { out += fmt::format(R"({{"count":{},"sum":{}}})", total.count, total.sum); }

Snapshot read(pg::Connection& db, const Scope& scope) {
  pg::Batch batch;
  schema::add_check(batch);
  batch.add(sql::by_index).add(sql::read, parameters(scope));
  const auto results = db.run(std::move(batch), pg::Commit::durable);
  auto snapshot = from_row(results.back());
  snapshot.schema_ahead = schema::is_ahead(results.front());
  return snapshot;
}

std::string json(const Snapshot& snapshot) {
  std::string out;
  emit::append_fields(out, snapshot);
  out.front() = '{';  // was the comma before the first field
  return out + "}";
}

std::string prometheus(const Snapshot& s) {
  const auto seconds = [](std::int64_t milliseconds) { return static_cast<double>(milliseconds) / 1000; };
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  Exposition out;
  out.gauge("publisher_lag_seconds", seconds(s.publisher_lag_ms), "Age of the oldest due event that the publisher would take.");
  out.gauge("worker_lag_seconds", seconds(s.worker_lag_ms), "Age of the oldest inbox item that waits to be parsed.");
  out.gauge("dlq_size", number(s.dlq_size), "Unresolved dead letters.");
  out.gauge("outbox_pending", number(s.outbox_pending), "Events that wait, due or not.");
  out.gauge("outbox_due", number(s.outbox_due), "Events that could be claimed now.");
  out.gauge("outbox_processing", number(s.outbox_processing), "Events that somebody has claimed.");
  out.gauge("outbox_stuck", number(s.outbox_stuck), "Events whose lease has been over for more than a minute.");
  out.counter("publisher_attempts_total", s.publisher_attempts_total, "Attempts that count.");
  out.counter("publisher_sent_total", s.publisher_sent_total, "Events delivered.");
  out.counter("publisher_failures_total", s.publisher_failures_total, "Attempts that failed and were charged.");
  out.summary("publish_duration_seconds", s.publish_duration_ms, "Time of the attempts.");
  out.counter("parsed_total", s.parsed_total, "Documents parsed.");
  out.counter("parse_failures_total", s.parse_failures_total, "Documents that could not be parsed, each try of them.");
  out.summary("parse_duration_seconds", s.parse_duration_ms, "Time of the tries to parse.");
  out.counter("chunk_bytes_total", s.chunk_bytes_total, "Bytes of text stored as chunks.");
  out.counter("ops_replay_attempts_total", s.ops_replay_attempts_total, "Dead letters that a replay decided about.");
  out.counter("ops_replay_committed_total", s.ops_replay_committed_total, "Dead letters that went back to the outbox.");
  out.gauge("breaker_open", s.breaker_open ? 1 : 0, "Whether an endpoint that is in use has its breaker open.");
  if (s.horizon_age_s) out.gauge("horizon_age_seconds", *s.horizon_age_s, "Age of the oldest snapshot that keeps dead rows from being removed.");
  out.gauge("schema_version", number(s.schema_version), "How many changes of the schema are deployed.");
  const auto at = base::parse_time(s.ts);
  out.gauge("last_run_timestamp_seconds", at ? seconds(at->time_since_epoch().count()) : 0, "When this snapshot was taken.");
  return out.take();
}

}  // namespace metrics
