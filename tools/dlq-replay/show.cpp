#include "show.hpp"

#include "actor.hpp"
#include "dlq_replay/sql.hpp"
#include "events.hpp"
#include "payload.hpp"
#include "selection.hpp"
#include "tell.hpp"

namespace {

namespace sql = dlq_replay::sql;

std::optional<std::string> optional_text(const pg::Result& result, int column) {
  if (result.is_null(0, column)) return std::nullopt;
  return std::string(result.text(0, column));
}

// Nothing when the letter is gone since it was selected.
std::optional<DeadLetter> describe(const Item& item, const Config& config, pg::Connection& db) {
  const auto results = db.run(pg::Batch().add(sql::payload, pg::Params().add(item.id)).add(sql::attribute, pg::Params().add(item.id)), pg::Commit::durable);
  const auto& row = results.at(0);
  const auto& actor = results.at(1);
  if (row.rows() == 0) return std::nullopt;
  DeadLetter letter;
  letter.id = item.id;
  letter.event_id = item.event_id;
  letter.tenant_id = item.tenant_id;
  letter.event_type = item.event_type;
  letter.schema_version = row.text(0, 0);
  letter.idempotency_key = row.text(0, 1);
  letter.trace_id = optional_text(row, 2);
  letter.reason = item.reason;
  letter.last_error = optional_text(row, 3);
  letter.attempt_count = row.integer(0, 4);
  letter.replay_count = item.replay_count;
  letter.event_created_at = row.text(0, 5);
  letter.failed_at = row.text(0, 6);
  letter.resolved_at = optional_text(row, 7);
  letter.resolution = optional_text(row, 8);
  if (actor.rows() > 0) {
    letter.actor_hash = actor.text(0, 0);
    letter.key_id = actor.text(0, 1);
    letter.actor_token = attribute(config, *letter.actor_hash, *letter.key_id);
  }
  auto payload = facts_of(row.text(0, 9));
  letter.payload_kind = std::move(payload.kind);
  letter.payload_bytes = payload.bytes;
  letter.payload_sha256 = std::move(payload.sha256);
  letter.payload_keys = std::move(payload.keys);
  return letter;
}

}  // namespace

base::Outcome show(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  const auto db = open_database(config, context);
  Summary summary;
  summary.action = name_of(config.action);
  each_selected(config, *db, summary, [&](const Item& item) {
    const auto letter = describe(item, config, *db);
    return (!letter || tell(*letter, output)) && !stop.requested();
  });
  summary.partial = stop.requested() || output.lost();
  tell_end(config, summary, stop, output);
  return context.finish(summary, output.failed() ? base::Outcome::output_error : base::Outcome::ok);
}
