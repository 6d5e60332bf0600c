// The lines of dlq-replay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emit/event.hpp"

struct Item {
  static constexpr std::string_view type = "item";
  static constexpr std::string_view about = "A dead letter. With --commit, printed after the commit.";
  std::string id;
  std::string event_id;
  std::string tenant_id;
  std::string event_type;
  std::string reason;
  std::int64_t age_s = 0;
  std::int64_t replay_count = 0;
  std::string outcome;
  static constexpr auto fields = emit::fields(
      emit::field("id", &Item::id, "The dead letter."), emit::field("event_id", &Item::event_id, "Its event."),
      emit::field("tenant_id", &Item::tenant_id, "Whose event it is."), emit::field("event_type", &Item::event_type, "Its type."),
      emit::field("reason", &Item::reason, "Why it died."), emit::field("age_s", &Item::age_s, "How long it has been dead, in seconds."),
      emit::field("replay_count", &Item::replay_count, "How often the event has been replayed."),
      emit::field(
          "outcome", &Item::outcome,
          "list: open, guarded (replayed --max-replays times), conflict (its key belongs to another event by now, or it is queued already) or resolved. "
          "A dry run: would_replay or would_discard for open ones. With --commit: replayed, discarded, or why not; error: the database refused it."));
};

struct DeadLetter {
  static constexpr std::string_view type = "dead_letter";
  static constexpr std::string_view about = "What show tells about a dead letter; never the payload.";
  std::string id;
  std::string event_id;
  std::string tenant_id;
  std::string event_type;
  std::string schema_version;
  std::string idempotency_key;
  std::optional<std::string> trace_id;
  std::string reason;
  std::optional<std::string> last_error;
  std::int64_t attempt_count = 0;
  std::int64_t replay_count = 0;
  std::string event_created_at;
  std::string failed_at;
  std::optional<std::string> resolved_at;
  std::optional<std::string> resolution;
  std::optional<std::string> actor_hash;
  std::optional<std::string> key_id;
  std::optional<std::int64_t> actor_token;
  std::string payload_kind;
  std::int64_t payload_bytes = 0;
  std::string payload_sha256;
  std::vector<std::string> payload_keys;
  static constexpr auto fields = emit::fields(
      emit::field("id", &DeadLetter::id, "The dead letter."), emit::field("event_id", &DeadLetter::event_id, "Its event."),
      emit::field("tenant_id", &DeadLetter::tenant_id, "Whose event it is."), emit::field("event_type", &DeadLetter::event_type, "Its type."),
      emit::field("schema_version", &DeadLetter::schema_version, "Version of the payload's schema."),
      emit::field("idempotency_key", &DeadLetter::idempotency_key, "Its key."), emit::field("trace_id", &DeadLetter::trace_id, "Its trace."),
      emit::field("reason", &DeadLetter::reason, "Why it died."), emit::field("last_error", &DeadLetter::last_error, "The last failure."),
      emit::field("attempt_count", &DeadLetter::attempt_count, "Attempts since it was enqueued or replayed."),
      emit::field("replay_count", &DeadLetter::replay_count, "How often the event had been replayed."),
      emit::field("event_created_at", &DeadLetter::event_created_at, "When it was enqueued."),
      emit::field("failed_at", &DeadLetter::failed_at, "When it died."),
      emit::field("resolved_at", &DeadLetter::resolved_at, "When it was replayed or discarded."),
      emit::field("resolution", &DeadLetter::resolution, "replayed or discarded."),
      emit::field("actor_hash", &DeadLetter::actor_hash, "Who resolved it: the HMAC of the token."),
      emit::field("key_id", &DeadLetter::key_id, "Which key made that hash."),
      emit::field("actor_token", &DeadLetter::actor_token, "Which of ADMIN_TOKENS that is, counted from 1, by AUDIT_HMAC_KEY or AUDIT_HMAC_KEY_PREVIOUS."),
      emit::field("payload_kind", &DeadLetter::payload_kind, "object, array, string, number, boolean or null."),
      emit::field("payload_bytes", &DeadLetter::payload_bytes, "Its size."),
      emit::field("payload_sha256", &DeadLetter::payload_sha256, "SHA-256 of the payload, hexadecimal."),
      emit::field("payload_keys", &DeadLetter::payload_keys, "Top-level keys of an object: the first 50, each cut to 64 bytes."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::string_view action;
  bool dry_run = true;
  std::int64_t selected = 0;
  std::int64_t expect = 0;
  std::int64_t replayed = 0;
  std::int64_t discarded = 0;
  std::int64_t guarded = 0;
  std::int64_t conflict = 0;
  std::int64_t resolved = 0;
  std::int64_t errors = 0;
  std::int64_t not_found = 0;
  bool more = false;
  bool partial = false;
  std::string stopped_by;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "ok; warning when an expected item was not done; unknown after an error."),
      emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."), emit::field("action", &Summary::action, "list, show, replay or discard."),
      emit::field("dry_run", &Summary::dry_run, "Nothing was changed, because --commit was not given."),
      emit::field("selected", &Summary::selected, "Dead letters that scope, filters and limit select."),
      emit::field("expect", &Summary::expect, "How many of them can be done: the number for --expect."),
      emit::field("replayed", &Summary::replayed, "Replayed."), emit::field("discarded", &Summary::discarded, "Discarded."),
      emit::field("guarded", &Summary::guarded, "Left alone: replayed --max-replays times."),
      emit::field("conflict", &Summary::conflict, "Left alone: key taken by another event, or queued already."),
      emit::field("resolved", &Summary::resolved, "Left alone: resolved before."),
      emit::field("errors", &Summary::errors, "Left as they were: the database refused them; standard error says why."),
      emit::field("not_found", &Summary::not_found, "Of the ids that were given, those that are no dead letter within the scope."),
      emit::field("more", &Summary::more, "The limit left dead letters out."),
      emit::field("partial", &Summary::partial, "Stopped before all of them; each is either done or untouched."),
      emit::field("stopped_by", &Summary::stopped_by, "end, SIGTERM, SIGINT or output."), emit::field("exit", &Summary::exit, "The exit status."));
};
