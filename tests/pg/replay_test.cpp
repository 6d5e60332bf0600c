#include <gtest/gtest.h>

#include "dlq_replay/sql.hpp"
#include "outbox_prune/sql.hpp"
#include "pg/protocol.hpp"

using namespace protocol;
namespace sql = dlq_replay::sql;

namespace {

constexpr auto run_a = "00000000-0000-4000-8000-00000000000a";
constexpr auto run_b = "00000000-0000-4000-8000-00000000000b";

class Replay : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    db_->run("UPDATE zero_admin.replay_state SET run_id = NULL, host = NULL, lease_until = NULL, attempts_total = 0, committed_total = 0");
  }

  // A dead event's letter.
  std::string dead(std::string_view type = "Order", std::string_view payload = "{}") const {
    const auto id = enqueue(type, payload);
    for (const auto& event : claim(*db_, 10)) EXPECT_EQ(verdict_of(*db_, event, {.final = true}), "dead");
    return letter_of(id);
  }
  std::string letter_of(const std::string& event) const {
    return db_->run("SELECT id FROM zero_admin.dead_letters WHERE event_id = $1::uuid ORDER BY generation DESC LIMIT 1", pg::Params().add(event)).text();
  }
  std::string event_of(const std::string& letter) const {
    return db_->run("SELECT event_id FROM zero_admin.dead_letters WHERE id = $1::uuid", pg::Params().add(letter)).text();
  }

  static bool acquire(const Session& session, std::string_view run) {
    return !session.run(sql::acquire, std::move(pg::Params().add(run).add("here").add(std::int64_t{60}))).rows.empty();
  }
  static void begin(const Session& session, std::string_view run) {
    pg::Params params;
    params.add(run).add("hash").add("key").add("here").add("carol").add(std::int64_t{1000}).add("replay").add("cause").add(R"({"tenant":null})").add("{}");
    session.run(sql::begin_run, params);
  }
  void start(std::string_view run = run_a) const {
    ASSERT_TRUE(acquire(*db_, run));
    begin(*db_, run);
  }
  static pg::Params item(const std::string& letter, std::string_view run, std::int64_t max_replays) {
    return std::move(pg::Params().add(run).add(letter).add(max_replays).add(std::int64_t{60}));
  }
  static std::string outcome(const Answer& answer) { return answer.rows.empty() ? "nothing" : answer.text(0, 7); }
  static std::string replay(const Session& session, const std::string& letter, std::string_view run = run_a, std::int64_t max_replays = 3) {
    return outcome(session.run(sql::replay, item(letter, run, max_replays)));
  }
  static std::string discard(const Session& session, const std::string& letter, std::string_view run = run_a) {
    return outcome(session.run(sql::discard, std::move(pg::Params().add(run).add(letter).add(std::int64_t{60}))));
  }

  // Everything that select.sql takes, all null but what is given.
  std::vector<std::string> selected(std::int64_t most = 100, const cluster::Cell& failed_at = std::nullopt, const cluster::Cell& id = std::nullopt,
                                    std::int64_t max_replays = 3) const {
    pg::Params params;
    for (int n = 0; n < 6; ++n) params.add_null();
    params.add_optional(failed_at).add_optional(id).add(max_replays).add(most);
    return db_->run(sql::select, params).column(0);
  }
  std::string found(const std::string& letter, std::int64_t max_replays = 3) const {
    pg::Params params;
    params.add_null().add_array(std::vector<std::string>{letter}).add_null().add_null().add_null().add_null().add_null().add_null().add(max_replays);
    return outcome(db_->run(sql::select, params.add(std::int64_t{1})));
  }
  void remove_event(const std::string& letter) const {
    const auto params = std::move(pg::Params().add(event_of(letter)));
    db_->run("DELETE FROM zero_admin.outbox_done WHERE id = $1::uuid", params);
    db_->run("DELETE FROM zero_admin.outbox_events WHERE id = $1::uuid", params);
  }
  std::string row_of(const std::string& event) const {
    const auto answer = db_->run(
        "SELECT tenant_id, event_type, schema_version, idempotency_key, trace_id, payload_json, created_at, status, attempt_count, replay_count"
        "  FROM zero_admin.event_outbox WHERE id = $1::uuid",
        pg::Params().add(event));
    std::string text;
    for (const auto& row : answer.rows) {
      for (const auto& cell : row) text += cell.value_or("(null)") + "|";
    }
    return text;
  }
  std::string audit() const {
    return db_->text("SELECT string_agg(kind || ':' || coalesce(outcome, '-'), ' ' ORDER BY at, kind DESC) FROM zero_admin.ops_audit");
  }
  std::string counters() const { return db_->text("SELECT attempts_total || '/' || committed_total FROM zero_admin.replay_state"); }
  std::string resolution(const std::string& letter) const {
    return db_->run("SELECT coalesce(resolution, 'open') FROM zero_admin.dead_letters WHERE id = $1::uuid", pg::Params().add(letter)).text();
  }
};

}  // namespace

TEST_F(Replay, AnItemCostsTheSameHoweverManyTheRunHadBefore) {
  const auto letter = dead();
  start();
  db_->run(
      "INSERT INTO zero_admin.ops_audit (run_id, kind, actor_hash, key_id, host, action, cause)"
      " SELECT $1::uuid, 'item', 'hash', 'key', 'here', 'replay', 'cause' FROM generate_series(1, 5000)",
      pg::Params().add(run_a));
  db_->run("BEGIN");
  EXPECT_EQ(replay(*db_, letter), "replayed");
  const std::string read =
      "SELECT pg_stat_get_xact_tuples_returned('zero_admin.ops_audit'::regclass)"
      " + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = 'zero_admin.ops_audit'::regclass)";
  EXPECT_LE(db_->number(read), 2);
  db_->run("COMMIT");
}

TEST_F(Replay, AReplayedEventIsTheSameWithItsAttemptsStartedAgain) {
  const auto event =
      db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{ \"a\" :1}'::text, 'key', '2.1', 'trace')", pg::Params().add(tenant_a)).text();
  const auto before = row_of(event);
  complete_failed(*db_, claim(*db_, 1), {.final = true});
  const auto letter = letter_of(event);
  start();
  EXPECT_EQ(replay(*db_, letter), "replayed");
  EXPECT_EQ(row_of(event), before.substr(0, before.rfind("|0|")) + "|1|");
  EXPECT_EQ(resolution(letter), "replayed");
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_done"), 0);
  const auto again = claim(*db_, 1);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].id, event);
  EXPECT_EQ(again[0].attempts, 0);
  EXPECT_EQ(complete_sent(*db_, again), std::vector<std::string>{event}) << "an event that is finished again finds no row of its former end in the way";
}

TEST_F(Replay, DyingAgainMakesALetterOfTheNextGenerationAndTheLoopGuardEndsIt) {
  auto letter = dead();
  const auto event = event_of(letter);
  start();
  for (int generation = 0; generation < 3; ++generation) {
    EXPECT_EQ(found(letter), "open");
    EXPECT_EQ(replay(*db_, letter), "replayed");
    complete_failed(*db_, claim(*db_, 1), {.final = true});
    letter = letter_of(event);
  }
  EXPECT_EQ(db_->text("SELECT string_agg(generation::text, ' ' ORDER BY generation) FROM zero_admin.dead_letters"), "0 1 2 3");
  EXPECT_EQ(found(letter), "guarded");
  EXPECT_EQ(replay(*db_, letter), "guarded");
  EXPECT_EQ(resolution(letter), "open");
  EXPECT_EQ(replay(*db_, letter, run_a, 4), "replayed");
}

TEST_F(Replay, TwiceIsOnceAndTheSecondIsTold) {
  const auto letter = dead();
  start();
  EXPECT_EQ(replay(*db_, letter), "replayed");
  EXPECT_EQ(replay(*db_, letter), "resolved");
  EXPECT_EQ(found(letter), "resolved");
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue"), 1);
  EXPECT_EQ(audit(), "run:- item:replayed item:resolved");
  EXPECT_EQ(counters(), "2/1");
}

TEST_F(Replay, AnEventThatWasRemovedIsRestoredToTheByte) {
  const auto letter = dead("Order", " { \"b\" : 1.0,  \"a\":1e2 }\n");
  const auto event = event_of(letter);
  const auto before = row_of(event);
  remove_event(letter);
  EXPECT_EQ(found(letter), "open");
  start();
  EXPECT_EQ(replay(*db_, letter), "replayed");
  EXPECT_EQ(row_of(event).substr(0, before.find("|dlq|")), before.substr(0, before.find("|dlq|")));
}

TEST_F(Replay, AKeyThatWasTakenMeanwhileIsAConflictAndNothingChanges) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '1'::text, 'key')", pg::Params().add(tenant_a));
  complete_failed(*db_, claim(*db_, 1), {.final = true});
  const auto letter = db_->text("SELECT id FROM zero_admin.dead_letters");
  remove_event(letter);
  const auto other = db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '2'::text, 'key')", pg::Params().add(tenant_a)).text();
  EXPECT_EQ(found(letter), "conflict");
  start();
  EXPECT_EQ(replay(*db_, letter), "conflict");
  EXPECT_EQ(resolution(letter), "open");
  EXPECT_EQ(db_->text("SELECT string_agg(id::text, ' ') FROM zero_admin.outbox_queue"), other);
  EXPECT_EQ(counters(), "1/0");
  EXPECT_EQ(audit(), "run:- item:conflict");
}

TEST_F(Replay, WithoutTheLeaseNothingIsDone) {
  const auto letter = dead();
  begin(*db_, run_a);
  EXPECT_EQ(replay(*db_, letter), "nothing");
  EXPECT_EQ(discard(*db_, letter), "nothing");
  start(run_b);
  EXPECT_EQ(replay(*db_, letter), "nothing");
  EXPECT_EQ(resolution(letter), "open");
  EXPECT_EQ(counters(), "0/0");
}

TEST_F(Replay, WithoutItsAuditRowARunDoesNothing) {
  const auto letter = dead();
  ASSERT_TRUE(acquire(*db_, run_a));
  EXPECT_EQ(replay(*db_, letter), "nothing");
  EXPECT_EQ(resolution(letter), "open");
}

TEST_F(Replay, OneRunHoldsTheLeaseUntilItEndsOrIsGone) {
  ASSERT_TRUE(acquire(*db_, run_a));
  const Session other;
  EXPECT_FALSE(acquire(other, run_b));
  EXPECT_EQ(other.run(sql::holder).text(), run_a);
  db_->run(sql::release, pg::Params().add(run_b));
  EXPECT_FALSE(acquire(other, run_b)) << "nobody gives back what another holds";
  db_->run(sql::release, pg::Params().add(run_a));
  EXPECT_TRUE(acquire(other, run_b));
  db_->run("UPDATE zero_admin.replay_state SET lease_until = now() - interval '1 second'");
  EXPECT_TRUE(acquire(*db_, run_a)) << "the lease of a run that is gone ends by itself";
}

TEST_F(Replay, AnItemInProgressKeepsOthersFromTakingOver) {
  const auto letter = dead();
  start();
  db_->run("UPDATE zero_admin.replay_state SET lease_until = now() - interval '1 second'");
  const Session other;
  db_->run("BEGIN");
  EXPECT_EQ(replay(*db_, letter), "replayed");
  other.send(sql::acquire, std::move(pg::Params().add(run_b).add("there").add(std::int64_t{60})));
  other.wait_until_blocked(Session());
  db_->run("COMMIT");
  EXPECT_TRUE(other.collect().rows.empty());
}

TEST_F(Replay, KilledBeforeItsCommitAnItemIsUntouched) {
  const auto letter = dead();
  start();
  {
    const Session killed;
    killed.run("BEGIN");
    EXPECT_EQ(replay(killed, letter), "replayed");
  }
  EXPECT_EQ(resolution(letter), "open");
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue"), 0);
  EXPECT_EQ(audit(), "run:-");
  EXPECT_EQ(replay(*db_, letter), "replayed");
}

TEST_F(Replay, ADiscardedLetterIsResolvedAndItsEventStaysDead) {
  const auto letter = dead();
  start();
  EXPECT_EQ(discard(*db_, letter), "discarded");
  EXPECT_EQ(discard(*db_, letter), "resolved");
  EXPECT_EQ(replay(*db_, letter), "resolved");
  EXPECT_EQ(resolution(letter), "discarded");
  EXPECT_EQ(db_->text("SELECT status FROM zero_admin.event_outbox"), "dlq");
  EXPECT_EQ(counters(), "1/0") << "a discard is no replay";
}

TEST_F(Replay, AnItemOfTheAuditSaysWhoAndWhatAsItsRunDoes) {
  const auto letter = dead();
  start();
  replay(*db_, letter);
  EXPECT_EQ(db_->text("SELECT concat_ws('|', actor_hash, key_id, host, os_user, os_uid, action, cause, outcome, dead_letter_id, event_id) FROM "
                      "zero_admin.ops_audit WHERE kind = 'item'"),
            "hash|key|here|carol|1000|replay|cause|replayed|" + letter + "|" + event_of(letter));
  const auto actor = db_->run(sql::attribute, pg::Params().add(letter));
  EXPECT_EQ(actor.text(0, 0), "hash");
  EXPECT_EQ(actor.text(0, 1), "key");
  db_->run(sql::end_run, std::move(pg::Params().add(run_a).add("done").add(R"({"replayed":1})")));
  EXPECT_EQ(audit(), "run:done item:replayed");
}

TEST_F(Replay, AReplayWakesWhoSleeps) {
  const auto order = dead();
  const auto item = dead("InboxItemValidated");
  start();
  const Session publisher;
  publisher.run("LISTEN zero_admin_outbox");
  publisher.run("LISTEN zero_admin_inbox");
  publisher.run("SELECT pg_advisory_lock_shared(730217, 2), pg_advisory_lock_shared(730217, 4)");
  replay(*db_, order);
  EXPECT_EQ(publisher.notifications(), std::vector<std::string>{"zero_admin_outbox"});
  replay(*db_, item);
  EXPECT_EQ(publisher.notifications(), std::vector<std::string>{"zero_admin_inbox"});
}

TEST_F(Replay, PagesAreOldestFirstAndLeaveNoneOutAndNoneTwiceWhateverTheirTimes) {
  for (int n = 0; n < 7; ++n) dead();
  // Most of them died at the same instant.
  db_->run("UPDATE zero_admin.dead_letters SET failed_at = '2026-01-01Z' WHERE id <> (SELECT min(id::text)::uuid FROM zero_admin.dead_letters)");
  const auto all = selected();
  ASSERT_EQ(all.size(), 7U);
  std::vector<std::string> paged;
  cluster::Cell failed_at;
  cluster::Cell id;
  while (true) {
    const auto page = selected(2, failed_at, id);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    id = page.back();
    failed_at = db_->run("SELECT to_char(failed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM zero_admin.dead_letters WHERE id = $1::uuid",
                         pg::Params().add(*id))
                    .text();
  }
  EXPECT_EQ(paged, all);
  EXPECT_EQ(all.back(), db_->text("SELECT min(id::text) FROM zero_admin.dead_letters")) << "the one that died last";
}

TEST_F(Replay, APageOfManyReadsTheIndexAndNotTheTable) {
  db_->run(
      "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, failed_at, event_created_at, attempt_count, generation, event_type, schema_version, "
      "idempotency_key, reason, payload_json) SELECT gen_random_uuid(), gen_random_uuid(), now() - make_interval(secs => n), now(), 4, 0, 'Order', '1.0', "
      "n::text, 'http_500', '{}' FROM generate_series(1, 20000) n");
  db_->run("ANALYZE zero_admin.dead_letters");
  db_->run("PREPARE page AS " + std::string(sql::select.text));
  const auto plan = db_->run(
      "EXPLAIN EXECUTE page(NULL, NULL, NULL, NULL, NULL, NULL, now() - interval '5000 seconds', gen_random_uuid(), "
      "3, 500)");
  std::string text;
  for (const auto& line : plan.column(0)) text += line + "\n";
  db_->run("DEALLOCATE page");
  EXPECT_NE(text.find("Index Scan using dead_letters_open"), std::string::npos) << text;
  EXPECT_EQ(text.find("Sort"), std::string::npos) << text;
}

TEST_F(Replay, ALetterThatIsResolvedAndItsEventArePrunedAsEver) {
  const auto letter = dead();
  start();
  replay(*db_, letter);
  complete_sent(*db_, claim(*db_, 1));
  db_->run("UPDATE zero_admin.outbox_done SET done_at = now() - interval '31 days'");
  db_->run("UPDATE zero_admin.dead_letters SET resolved_at = now() - interval '91 days'");
  EXPECT_EQ(db_->run(outbox_prune::sql::prune_done, std::move(pg::Params().add(std::int64_t{30}).add(std::int64_t{10}))).number(), 1);
  EXPECT_EQ(db_->run(outbox_prune::sql::prune_dead_letters, std::move(pg::Params().add(std::int64_t{90}).add(std::int64_t{10}))).number(), 1);
}
