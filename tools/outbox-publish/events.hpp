// The lines of outbox-publish.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct Published {
  static constexpr std::string_view type = "published";
  static constexpr std::string_view about =
      "An event was delivered. With the webhook transport it is printed after the database knows; with stdout it is the delivery.";
  std::string_view event_id;
  std::string_view tenant_id;
  std::string_view event_type;
  std::string_view schema_version;
  std::optional<std::string_view> trace_id;
  std::int64_t attempt = 0;
  std::string_view transport;
  std::string_view status = "sent";
  std::optional<int> http_status;
  std::int64_t duration_ms = 0;
  std::int64_t lag_ms = 0;
  static constexpr auto fields =
      emit::fields(emit::field("event_id", &Published::event_id, "The event; also its webhook-id."),
                   emit::field("tenant_id", &Published::tenant_id, "Whose event it is."), emit::field("event_type", &Published::event_type, "Its type."),
                   emit::field("schema_version", &Published::schema_version, "Version of the payload's schema."),
                   emit::field("trace_id", &Published::trace_id, "As enqueued, or null."),
                   emit::field("attempt", &Published::attempt, "Which attempt succeeded, counted from 1."),
                   emit::field("transport", &Published::transport, "webhook or stdout."), emit::field("status", &Published::status, "Always sent."),
                   emit::field("http_status", &Published::http_status, "The answer; null for stdout."),
                   emit::field("duration_ms", &Published::duration_ms, "Time of the request."),
                   emit::field("lag_ms", &Published::lag_ms, "From the due time to the delivery."));
};

// Published with --payload.
struct PublishedWithPayload : Published {
  emit::Raw payload;
  static constexpr auto fields =
      std::tuple_cat(Published::fields, emit::fields(emit::field("payload", &PublishedWithPayload::payload, "The payload; only with --payload.")));
};

struct PublishFailed {
  static constexpr std::string_view type = "publish_failed";
  static constexpr std::string_view about = "An attempt failed.";
  std::string_view event_id;
  std::string_view tenant_id;
  std::string_view event_type;
  std::string_view schema_version;
  std::optional<std::string_view> trace_id;
  std::int64_t attempt = 0;
  std::string_view transport;
  std::string_view status;
  std::optional<int> http_status;
  std::int64_t duration_ms = 0;
  std::int64_t lag_ms = 0;
  std::string reason;
  bool charged = false;
  std::optional<std::string> next_attempt_at;
  static constexpr auto fields =
      emit::fields(emit::field("event_id", &PublishFailed::event_id, "The event."), emit::field("tenant_id", &PublishFailed::tenant_id, "Whose event it is."),
                   emit::field("event_type", &PublishFailed::event_type, "Its type."),
                   emit::field("schema_version", &PublishFailed::schema_version, "Version of the payload's schema."),
                   emit::field("trace_id", &PublishFailed::trace_id, "As enqueued, or null."),
                   emit::field("attempt", &PublishFailed::attempt, "Which attempt failed, counted from 1."),
                   emit::field("transport", &PublishFailed::transport, "webhook or stdout."),
                   emit::field("status", &PublishFailed::status, "retry: it is tried again; dead: it is a dead letter now."),
                   emit::field("http_status", &PublishFailed::http_status, "The answer, or null when there was none."),
                   emit::field("duration_ms", &PublishFailed::duration_ms, "Time of the request."),
                   emit::field("lag_ms", &PublishFailed::lag_ms, "From the due time to the failure."),
                   emit::field("reason", &PublishFailed::reason,
                               "http_ and the status, dns, connect, connect_refused, tls, tls_untrusted, tls_expired, tls_hostname, timeout, reset, "
                               "tenant_unknown or lease_expired."),
                   emit::field("charged", &PublishFailed::charged, "Whether the attempt counts. An endpoint that accepts nothing uses up nobody's attempts."),
                   emit::field("next_attempt_at", &PublishFailed::next_attempt_at,
                               "When the event is due again; its old due time when the attempt was not charged; null for dead."));
};

struct Breaker {
  static constexpr std::string_view type = "breaker";
  static constexpr std::string_view about = "The breaker of the endpoint opened or closed, as seen by this process.";
  std::string_view state;
  std::string reason;
  std::optional<std::string> until;
  static constexpr auto fields = emit::fields(emit::field("state", &Breaker::state, "open: only probes go out, one at a time; closed: everything does."),
                                              emit::field("reason", &Breaker::reason, "The last failure, while open."),
                                              emit::field("until", &Breaker::until, "When the next probe may go out, while open."));
};

struct Pass {
  static constexpr std::string_view type = "pass";
  static constexpr std::string_view about =
      "With --service: after every pass that found work (every 10 seconds under steady load), and once a minute when idle.";
  std::int64_t claimed = 0;
  std::int64_t sent = 0;
  std::int64_t retried = 0;
  std::int64_t dead = 0;
  std::int64_t released = 0;
  std::int64_t stale = 0;
  std::int64_t backlog = 0;
  std::int64_t duration_ms = 0;
  static constexpr auto fields = emit::fields(
      emit::field("claimed", &Pass::claimed, "Events claimed."), emit::field("sent", &Pass::sent, "Delivered."),
      emit::field("retried", &Pass::retried, "Failed, charged, due again later."), emit::field("dead", &Pass::dead, "Made dead letters."),
      emit::field("released", &Pass::released, "Given back uncharged."),
      emit::field("stale", &Pass::stale, "Results dropped because the lease had passed to another."),
      emit::field("backlog", &Pass::backlog, "Events due, counted up to 1000."), emit::field("duration_ms", &Pass::duration_ms, "Length of the pass."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t claimed = 0;
  std::int64_t sent = 0;
  std::int64_t retried = 0;
  std::int64_t dead = 0;
  std::int64_t released = 0;
  std::int64_t stale = 0;
  std::int64_t batches = 0;
  std::int64_t duration_ms = 0;
  bool more = false;
  std::string stopped_by;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "ok, or unknown after an error."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
      emit::field("claimed", &Summary::claimed, "Events claimed."), emit::field("sent", &Summary::sent, "Delivered."),
      emit::field("retried", &Summary::retried, "Failed, charged, due again later."), emit::field("dead", &Summary::dead, "Made dead letters."),
      emit::field("released", &Summary::released, "Given back uncharged."),
      emit::field("stale", &Summary::stale, "Results dropped because the lease had passed to another."),
      emit::field("batches", &Summary::batches, "Claims that found something."), emit::field("duration_ms", &Summary::duration_ms, "Length of the run."),
      emit::field("more", &Summary::more, "Work is left that --max-batches or --max-seconds kept from being taken."),
      emit::field("stopped_by", &Summary::stopped_by, "idle, limit, SIGTERM, SIGINT, output or fault."),
      emit::field("exit", &Summary::exit, "The exit status."));
};
