#include <gtest/gtest.h>

#include "outbox_prune/sql.hpp"
#include "pg/protocol.hpp"

using namespace protocol;
namespace sql = outbox_prune::sql;

namespace {

class Prune : public cluster::SchemaTest {
 protected:
  std::int64_t remove(const pg::Statement& statement, std::int64_t days, std::int64_t most = 1000) const {
    return db_->run(statement, std::move(pg::Params().add(days).add(most))).number();
  }
  std::int64_t count(const pg::Statement& statement, std::int64_t days) const { return db_->run(statement, std::move(pg::Params().add(days))).number(); }
  // A finished event of that age.
  std::string done(int days_ago, std::string_view status = "sent") const {
    const auto id = enqueue();
    db_->run("DELETE FROM zero_admin.outbox_queue WHERE id = $1::uuid", pg::Params().add(id));
    db_->run(
        "INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count, done_at) VALUES ($1::uuid, $2, 1, 0, now() - make_interval(days => "
        "$3::int))",
        std::move(pg::Params().add(id).add(status).add(std::int64_t{days_ago})));
    db_->run(
        "INSERT INTO zero_admin.processed_events (tenant_id, event_type, idempotency_key) SELECT tenant_id, event_type, idempotency_key FROM "
        "zero_admin.outbox_events WHERE id = $1::uuid",
        pg::Params().add(id));
    if (status == "dlq") {
      db_->run(
          "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version, idempotency_key, "
          "reason, payload_json)"
          " SELECT id, tenant_id, created_at, 4, 0, event_type, schema_version, idempotency_key, 'http_500', payload FROM zero_admin.outbox_events WHERE id = "
          "$1::uuid",
          pg::Params().add(id));
    }
    return id;
  }
  void resolve(const std::string& id, int days_ago) const {
    db_->run("UPDATE zero_admin.dead_letters SET resolved_at = now() - make_interval(days => $2::int), resolution = 'discarded' WHERE event_id = $1::uuid",
             std::move(pg::Params().add(id).add(std::int64_t{days_ago})));
  }
  std::int64_t rows(const std::string& table) const { return db_->number("SELECT count(*) FROM zero_admin." + table); }
};

}  // namespace

TEST_F(Prune, SentEventsGoWithTheirPayloadsAndMarksWhenTheyAreOldEnough) {
  done(40);
  done(31);
  done(29);
  enqueue();
  EXPECT_EQ(count(sql::count_done, 30), 2);
  EXPECT_EQ(remove(sql::prune_done, 30), 2);
  EXPECT_EQ(rows("outbox_done"), 1);
  EXPECT_EQ(rows("outbox_events"), 2);
  EXPECT_EQ(rows("processed_events"), 1);
  EXPECT_EQ(rows("outbox_queue"), 1) << "what is not finished stays, whatever its age";
  EXPECT_EQ(remove(sql::prune_done, 30), 0);
}

TEST_F(Prune, ABatchIsBoundedAndTakesTheOldestFirst) {
  const auto old = done(60);
  done(50);
  done(40);
  EXPECT_EQ(remove(sql::prune_done, 30, 1), 1);
  EXPECT_EQ(db_->run("SELECT count(*) FROM zero_admin.outbox_done WHERE id = $1::uuid", pg::Params().add(old)).number(), 0);
  EXPECT_EQ(remove(sql::prune_done, 30, 2), 2);
}

TEST_F(Prune, ADeadEventStaysUntilItsLetterIsResolved) {
  const auto id = done(100, "dlq");
  EXPECT_EQ(count(sql::count_done, 30), 0);
  EXPECT_EQ(remove(sql::prune_done, 30), 0);
  EXPECT_EQ(count(sql::count_dead_letters, 90), 0);
  EXPECT_EQ(remove(sql::prune_dead_letters, 90), 0) << "an open letter is never removed";
  resolve(id, 50);
  EXPECT_EQ(count(sql::count_done, 30), 1);
  EXPECT_EQ(remove(sql::prune_done, 30), 1);
  EXPECT_EQ(remove(sql::prune_dead_letters, 90), 0) << "the letter has its own time";
  resolve(id, 91);
  EXPECT_EQ(count(sql::count_dead_letters, 90), 1);
  EXPECT_EQ(remove(sql::prune_dead_letters, 90), 1);
  EXPECT_EQ(rows("dead_letters"), 0);
}

TEST_F(Prune, AReplayedEventThatIsQueuedAgainKeepsItsPayload) {
  const auto id = done(100);
  db_->run("INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type, replay_count) VALUES ($1::uuid, $2::uuid, 'Order', 1)",
           pg::Params().add(id).add(tenant_a));
  remove(sql::prune_done, 30);
  EXPECT_EQ(rows("outbox_events"), 1);
  EXPECT_EQ(claim(*db_, 1).size(), 1U);
}

TEST_F(Prune, APrunedKeyMayComeAgain) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '1'::text, 'k')", pg::Params().add(tenant_a));
  complete_sent(*db_, claim(*db_, 1));
  db_->run("UPDATE zero_admin.outbox_done SET done_at = now() - interval '31 days'");
  EXPECT_EQ(remove(sql::prune_done, 30), 1);
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '2'::text, 'k')", pg::Params().add(tenant_a));
  EXPECT_EQ(rows("outbox_queue"), 1);
}

TEST_F(Prune, TwoAtOnceDoNotWaitForEachOther) {
  done(40);
  done(40);
  const Session other;
  other.run("BEGIN");
  EXPECT_EQ(other.run(sql::prune_done, std::move(pg::Params().add(std::int64_t{30}).add(std::int64_t{1}))).number(), 1);
  EXPECT_EQ(remove(sql::prune_done, 30), 1);
  other.run("COMMIT");
  EXPECT_EQ(rows("outbox_events"), 0);
}

TEST_F(Prune, AuditRowsGoWhenTheyAreOldEnough) {
  db_->run(
      "INSERT INTO zero_admin.ops_audit (run_id, at, kind, actor_hash, key_id, host, action, cause)"
      " SELECT zero_admin.uuid_v7(), now() - make_interval(days => d), 'run', 'h', 'k', 'host', 'replay', 'c' FROM unnest(ARRAY[800, 731, 729, 0]) d");
  EXPECT_EQ(count(sql::count_audit, 730), 2);
  EXPECT_EQ(remove(sql::prune_audit, 730, 1), 1);
  EXPECT_EQ(remove(sql::prune_audit, 730), 1);
  EXPECT_EQ(rows("ops_audit"), 2);
}

TEST_F(Prune, CountersOfRunnersThatAreGoneAreFoldedAndNeverShrink) {
  db_->run(
      "INSERT INTO zero_admin.runner_heartbeats (id, pid, name, host, instance, state, loop_at, loops, attempts_total, done_total, failures_total, dead_total, "
      "duration_ms_sum, chunk_bytes_total)"
      " SELECT gen_random_uuid(), 1, name, 'h', '', 'stopped', now() - make_interval(hours => age), 1, 10, 6, 4, 2, 100, 50"
      "   FROM (VALUES ('publisher', 30), ('publisher', 40), ('publisher', 50), ('publisher', 1), ('worker', 100)) v(name, age)");
  const std::string sums =
      "SELECT string_agg(t, ' ' ORDER BY t) FROM (SELECT name || ':' || sum(loops) || ',' || sum(attempts_total) || ',' || sum(done_total) || ',' || "
      "sum(failures_total) || ',' || sum(dead_total)"
      " || ',' || sum(duration_ms_sum) || ',' || sum(chunk_bytes_total) AS t FROM zero_admin.runner_heartbeats GROUP BY name) s";
  const auto before = db_->text(sums);
  EXPECT_EQ(db_->run(sql::fold_runners).number(), 2);
  EXPECT_EQ(rows("runner_heartbeats"), 3);
  EXPECT_EQ(db_->text(sums), before);
  EXPECT_EQ(db_->run(sql::fold_runners).number(), 0);
  EXPECT_EQ(db_->text(sums), before);
}
