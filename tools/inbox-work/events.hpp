// The lines of inbox-work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emit/event.hpp"

struct Parsed {
  static constexpr std::string_view type = "parsed";
  static constexpr std::string_view about = "A document has been read, and the database knows.";
  std::string_view event_id;
  std::string_view tenant_id;
  std::optional<std::string_view> trace_id;
  std::optional<std::string> inbox_item_id;
  std::optional<std::string> doc_type;
  std::int64_t attempt = 0;
  std::int64_t bytes = 0;
  std::int64_t duration_ms = 0;
  std::int64_t lag_ms = 0;
  bool has_chunks = false;
  std::vector<std::string> flags;
  std::string_view status;
  static constexpr auto fields = emit::fields(
      emit::field("event_id", &Parsed::event_id, "The InboxItemValidated event."), emit::field("tenant_id", &Parsed::tenant_id, "Whose document it is."),
      emit::field("trace_id", &Parsed::trace_id, "As enqueued, or null; the follow-up event carries it on."),
      emit::field("inbox_item_id", &Parsed::inbox_item_id, "The inbox item."),
      emit::field("doc_type", &Parsed::doc_type, "invoice, credit_note, order, bank_statement, receipt, document or image."),
      emit::field("attempt", &Parsed::attempt, "Which attempt succeeded, counted from 1."), emit::field("bytes", &Parsed::bytes, "Size of the document."),
      emit::field("duration_ms", &Parsed::duration_ms, "Time of the extraction."),
      emit::field("lag_ms", &Parsed::lag_ms, "From the due time of the event until now."),
      emit::field("has_chunks", &Parsed::has_chunks, "The text is stored in chunks."),
      emit::field("flags", &Parsed::flags, "What is worth a look, for example page_disagrees_with_xml; see inbox-extract(1)."),
      emit::field("status", &Parsed::status, "parsed; duplicate: it had been processed before, nothing was written."));
};

struct ParseFailed {
  static constexpr std::string_view type = "parse_failed";
  static constexpr std::string_view about = "A document could not be read.";
  std::string_view event_id;
  std::string_view tenant_id;
  std::optional<std::string_view> trace_id;
  std::optional<std::string> inbox_item_id;
  std::int64_t attempt = 0;
  std::int64_t duration_ms = 0;
  std::int64_t lag_ms = 0;
  std::string reason;
  std::string error_class;
  std::string_view status;
  std::optional<std::string> next_attempt_at;
  static constexpr auto fields = emit::fields(
      emit::field("event_id", &ParseFailed::event_id, "The InboxItemValidated event."),
      emit::field("tenant_id", &ParseFailed::tenant_id, "Whose document it is."), emit::field("trace_id", &ParseFailed::trace_id, "As enqueued, or null."),
      emit::field("inbox_item_id", &ParseFailed::inbox_item_id, "The inbox item; null when the event names none."),
      emit::field("attempt", &ParseFailed::attempt, "Which attempt failed, counted from 1."),
      emit::field("duration_ms", &ParseFailed::duration_ms, "Time of the attempt."),
      emit::field("lag_ms", &ParseFailed::lag_ms, "From the due time of the event until now."),
      emit::field("reason", &ParseFailed::reason,
                  "validation_error, unsupported_mime, parse_error, io_error, timeout, crash, oom, tenant_unknown or lease_expired."),
      emit::field("error_class", &ParseFailed::error_class, "The reason in detail; see REASONS."),
      emit::field("status", &ParseFailed::status,
                  "error: final, the document itself is the cause; retry: it is tried again; dead: the event is a dead letter now."),
      emit::field("next_attempt_at", &ParseFailed::next_attempt_at, "When the event is due again; null unless retry."));
};

struct Pass {
  static constexpr std::string_view type = "pass";
  static constexpr std::string_view about =
      "With --service: after every pass that found work (every 10 seconds under steady load), and once a minute when idle.";
  std::int64_t claimed = 0;
  std::int64_t parsed = 0;
  std::int64_t errors = 0;
  std::int64_t retried = 0;
  std::int64_t dead = 0;
  std::int64_t released = 0;
  std::int64_t stale = 0;
  std::int64_t backlog = 0;
  std::int64_t duration_ms = 0;
  static constexpr auto fields = emit::fields(
      emit::field("claimed", &Pass::claimed, "Events claimed."), emit::field("parsed", &Pass::parsed, "Documents read, duplicates among them."),
      emit::field("errors", &Pass::errors, "Documents refused for good."), emit::field("retried", &Pass::retried, "Failed, due again later."),
      emit::field("dead", &Pass::dead, "Made dead letters."), emit::field("released", &Pass::released, "Given back uncharged."),
      emit::field("stale", &Pass::stale, "Results dropped because the lease had passed to another."),
      emit::field("backlog", &Pass::backlog, "Events due, counted up to 1000."), emit::field("duration_ms", &Pass::duration_ms, "Length of the pass."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t claimed = 0;
  std::int64_t parsed = 0;
  std::int64_t errors = 0;
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
      emit::field("claimed", &Summary::claimed, "Events claimed."), emit::field("parsed", &Summary::parsed, "Documents read, duplicates among them."),
      emit::field("errors", &Summary::errors, "Documents refused for good."), emit::field("retried", &Summary::retried, "Failed, due again later."),
      emit::field("dead", &Summary::dead, "Made dead letters."), emit::field("released", &Summary::released, "Given back uncharged."),
      emit::field("stale", &Summary::stale, "Results dropped because the lease had passed to another."),
      emit::field("batches", &Summary::batches, "Claims that found something."), emit::field("duration_ms", &Summary::duration_ms, "Length of the run."),
      emit::field("more", &Summary::more, "Work is left that --max-batches or --max-seconds kept from being taken."),
      emit::field("stopped_by", &Summary::stopped_by, "idle, limit, SIGTERM, SIGINT, output or fault."),
      emit::field("exit", &Summary::exit, "The exit status."));
};
