// The snapshot counts what the tables hold, and reads none of what is finished.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "metrics/snapshot.hpp"
#include "outbox_prune/sql.hpp"
#include "pg/protocol.hpp"
#include "schema/changes.hpp"

using namespace protocol;
using nlohmann::json;

namespace {

class Metrics : public cluster::SchemaTest {
 protected:
  static metrics::Snapshot snapshot(const metrics::Scope& scope = {}) {
    const auto db = pg::Connection::open({cluster::url(), "metrics-test"});
    return metrics::read(*db, scope);
  }
  void runner(std::string_view name, std::string_view host, std::int64_t n) const {
    db_->run(
        "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state, attempts_total, done_total, failures_total, dead_total, duration_ms_sum, "
        "chunk_bytes_total) VALUES (gen_random_uuid(), $1, $2, 1, 'running', 10 * $3::bigint, 6 * $3::bigint, 4 * $3::bigint, $3::bigint, 100 * $3::bigint, 7 "
        "* "
        "$3::bigint)",
        std::move(pg::Params().add(name).add(host).add(n)));
  }
  void bury(std::string_view resolution) const {
    db_->run(
        "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version, idempotency_key, "
        "reason, payload_json, resolved_at, resolution) VALUES (gen_random_uuid(), $1::uuid, now(), 4, 0, 'Order', '1.0', 'k', 'http_500', '{}', "
        "CASE WHEN $2 <> '' THEN now() END, nullif($2, ''))",
        std::move(pg::Params().add(tenant_a).add(resolution)));
  }
  void breaker(std::string_view state, std::string_view probe_in) const {
    db_->run("INSERT INTO zero_admin.delivery_breakers (endpoint, host, state, probe_at) VALUES (7, 'h', $1, now() + $2::interval)",
             std::move(pg::Params().add(state).add(probe_in)));
  }
};

}  // namespace

TEST_F(Metrics, AnEmptyDatabaseIsAllZero) {
  const auto s = snapshot();
  EXPECT_EQ(s.publisher_lag_ms, 0);
  EXPECT_EQ(s.worker_lag_ms, 0);
  EXPECT_EQ(s.dlq_size + s.outbox_pending + s.outbox_due + s.outbox_processing + s.outbox_stuck, 0);
  EXPECT_EQ(s.publisher_attempts_total + s.parsed_total + s.ops_replay_attempts_total, 0);
  EXPECT_FALSE(s.breaker_open);
  EXPECT_EQ(s.schema_version, static_cast<std::int64_t>(schema::changes.size()));
  EXPECT_FALSE(s.schema_ahead);
}

TEST_F(Metrics, LagIsTheAgeOfTheOldestDueEventThatThePublisherTakes) {
  make_due(enqueue("Order"), 100);
  make_due(enqueue("Other"), 200);
  make_due(enqueue("InboxItemValidated"), 300);
  make_due(enqueue("Later"), -3600);
  const auto near = [](std::int64_t lag, std::int64_t seconds) { return lag >= seconds * 1000 && lag < (seconds + 60) * 1000; };
  EXPECT_TRUE(near(snapshot().publisher_lag_ms, 200));
  EXPECT_TRUE(near(snapshot().worker_lag_ms, 300));
  EXPECT_TRUE(near(snapshot({{}, {"Other"}}).publisher_lag_ms, 100));
  EXPECT_TRUE(near(snapshot({{"Order"}, {}}).publisher_lag_ms, 100));
  EXPECT_TRUE(near(snapshot({{"Order", "InboxItemValidated"}, {}}).publisher_lag_ms, 300)) << "the worker's type, when it is named";
  EXPECT_EQ(snapshot({{"Later"}, {}}).publisher_lag_ms, 0) << "what is not due has no lag";
}

TEST_F(Metrics, LagGoesOnWhileAnEventIsClaimedAndWhileTheBreakerIsOpen) {
  make_due(enqueue(), 400);
  ASSERT_EQ(claim(*db_, 1).size(), 1U);
  EXPECT_GE(snapshot().publisher_lag_ms, 400'000);
  breaker("open", "1 second");
  EXPECT_GE(snapshot().publisher_lag_ms, 400'000);
}

TEST_F(Metrics, EventsAreCountedAsTheViewShowsThem) {
  for (int i = 0; i < 5; ++i) enqueue();
  make_due(enqueue(), -3600);
  auto held = claim(*db_, 3);
  ASSERT_EQ(held.size(), 3U);
  const auto of = [&](std::string_view status) {
    return db_->run("SELECT count(*) FROM zero_admin.event_outbox WHERE status = $1", pg::Params().add(status)).number();
  };
  auto s = snapshot();
  EXPECT_EQ(s.outbox_pending, of("pending"));
  EXPECT_EQ(s.outbox_pending, 3);
  EXPECT_EQ(s.outbox_processing, of("processing"));
  EXPECT_EQ(s.outbox_processing, 3);
  EXPECT_EQ(s.outbox_due, 2) << "one is not due, three are held";
  expire(held[0].id);
  s = snapshot();
  EXPECT_EQ(s.outbox_due, 3) << "a lease that ran out is due again";
  EXPECT_EQ(s.outbox_stuck, 0) << "for a minute its holder may be slow";
  db_->run("UPDATE zero_admin.outbox_queue SET lease_until = now() - interval '61 seconds' WHERE id = $1::uuid", pg::Params().add(held[0].id));
  EXPECT_EQ(snapshot().outbox_stuck, 1);
}

TEST_F(Metrics, DeadLettersCountUntilTheyAreResolved) {
  bury("");
  bury("");
  bury("discarded");
  EXPECT_EQ(snapshot().dlq_size, 2);
}

TEST_F(Metrics, CountersAreTheSumOverProcessesAndHostsAndSurviveFolding) {
  runner("publisher", "a", 1);
  runner("publisher", "a", 2);
  runner("publisher", "b", 4);
  runner("worker", "a", 8);
  db_->run("UPDATE zero_admin.runner_heartbeats SET loop_at = now() - interval '2 days'");
  const auto check = [](const metrics::Snapshot& s) {
    EXPECT_EQ(s.publisher_attempts_total, 70);
    EXPECT_EQ(s.publisher_sent_total, 42);
    EXPECT_EQ(s.publisher_failures_total, 28);
    EXPECT_EQ(s.publish_duration_ms.count, 70);
    EXPECT_EQ(s.publish_duration_ms.sum, 700);
    EXPECT_EQ(s.parsed_total, 48);
    EXPECT_EQ(s.parse_failures_total, 32);
    EXPECT_EQ(s.parse_duration_ms.count, 80);
    EXPECT_EQ(s.parse_duration_ms.sum, 800);
    EXPECT_EQ(s.chunk_bytes_total, 56);
  };
  check(snapshot());
  ASSERT_EQ(db_->run(outbox_prune::sql::fold_runners).number(), 1);
  check(snapshot());
}

TEST_F(Metrics, SentIsWhatTheTableOfFinishedEventsHolds) {
  for (int i = 0; i < 4; ++i) enqueue();
  const auto row = db_->text(
      "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state) VALUES (gen_random_uuid(), 'publisher', 'h', 1, 'running') RETURNING id");
  const auto events = claim(*db_, 4);
  complete_sent(*db_, {events[0], events[1], events[2]}, {.runner = row});
  complete_failed(*db_, {events[3]}, {.final = true, .runner = row});
  const auto s = snapshot();
  EXPECT_EQ(s.publisher_sent_total, db_->number("SELECT count(*) FROM zero_admin.outbox_done WHERE status = 'sent'"));
  EXPECT_EQ(s.publisher_attempts_total, db_->number("SELECT sum(attempt_count) FROM zero_admin.outbox_done"));
  EXPECT_EQ(s.publish_duration_ms.sum, 40);
  EXPECT_EQ(s.dlq_size, 1);
}

TEST_F(Metrics, ReplayCountersAreThoseOfTheReplays) {
  db_->run("UPDATE zero_admin.replay_state SET attempts_total = 5, committed_total = 3");
  EXPECT_EQ(snapshot().ops_replay_attempts_total, 5);
  EXPECT_EQ(snapshot().ops_replay_committed_total, 3);
}

TEST_F(Metrics, ABreakerIsOpenWhileSomebodyProbesIt) {
  breaker("open", "1 second");
  EXPECT_TRUE(snapshot().breaker_open);
  db_->run("UPDATE zero_admin.delivery_breakers SET state = 'closed'");
  EXPECT_FALSE(snapshot().breaker_open);
  db_->run("UPDATE zero_admin.delivery_breakers SET state = 'open', probe_at = now() - interval '25 hours'");
  EXPECT_FALSE(snapshot().breaker_open) << "of an endpoint that was given up";
}

TEST_F(Metrics, TheHorizonIsAsOldAsTheOldestTransactionThatHoldsASnapshot) {
  ASSERT_TRUE(snapshot().horizon_age_s);
  EXPECT_LT(*snapshot().horizon_age_s, 1.0);
  const Session old;
  old.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  old.run("SELECT 1");
  db_->run("SELECT pg_sleep(1.1)");
  EXPECT_GE(*snapshot().horizon_age_s, 1.1);
  old.run("COMMIT");
  EXPECT_LT(*snapshot().horizon_age_s, 1.0);
}

TEST_F(Metrics, AHiddenTransactionMakesTheHorizonUnknownNotZero) {
  const Session old;
  old.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  old.run("SELECT 1");
  db_->run("SET ROLE zero_admin_watcher");
  EXPECT_EQ(db_->text("SELECT zero_admin.horizon_age_s()"), "(null)");
  db_->run("RESET ROLE");
  db_->run("GRANT pg_read_all_stats TO zero_admin_watcher");
  db_->run("SET ROLE zero_admin_watcher");
  EXPECT_NE(db_->text("SELECT zero_admin.horizon_age_s()"), "(null)");
  db_->run("RESET ROLE");
  db_->run("REVOKE pg_read_all_stats FROM zero_admin_watcher");
}

TEST_F(Metrics, JsonHasEveryFieldOnceAndIsWhatWasRead) {
  bury("");
  runner("publisher", "a", 1);
  const auto s = snapshot();
  const auto text = metrics::json(s);
  const auto object = json::parse(text);
  EXPECT_EQ(object.at("dlq_size"), 1);
  EXPECT_EQ(object.at("publish_duration_ms"), (json{{"count", 10}, {"sum", 100}}));
  EXPECT_EQ(object.at("ts"), s.ts);
  EXPECT_EQ(object.at("v"), 1);
  EXPECT_EQ(object.size(), std::tuple_size_v<decltype(metrics::Snapshot::fields)>);
  EXPECT_EQ(text.find('\n'), std::string::npos);
}
