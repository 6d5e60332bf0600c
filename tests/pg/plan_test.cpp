// How claims behave on a table with a long past. Buffers are counted, not time.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "metrics/sql.hpp"
#include "pg/protocol.hpp"

using namespace protocol;
using nlohmann::json;

namespace {

constexpr std::int64_t sent_rows = 1'000'000;
constexpr std::int64_t due_rows = 10'000;
constexpr std::int64_t expired_rows = 1000;
constexpr std::int64_t batch = 50;

struct Plan {
  std::int64_t rows = 0;
  std::int64_t buffers = 0;
  std::vector<std::string> sequential;  // big tables that are read as a whole
  std::vector<std::string> indexes;
};

void walk(const json& node, Plan& plan) {
  const auto table = node.value("Relation Name", "");
  if (node["Node Type"] == "Seq Scan" && table.starts_with("outbox_")) plan.sequential.push_back(table);
  if (node.contains("Index Name")) plan.indexes.push_back(node["Index Name"]);
  for (const auto& child : node.value("Plans", json::array())) walk(child, plan);
}

class Plans : public cluster::SchemaTest {
 protected:
  // Filled once for all tests of this suite; what they do is rolled back.
  void SetUp() override {
    db_ = std::make_unique<Session>();
    if (!filled_) fill();
    filled_ = true;
    db_->run("BEGIN");
  }
  void TearDown() override { db_->run("ROLLBACK"); }
  static void TearDownTestSuite() {
    const Session session;
    session.run("TRUNCATE zero_admin.outbox_events, zero_admin.outbox_queue, zero_admin.outbox_done");
    filled_ = false;
  }

  Plan explain(const pg::Statement& statement, const pg::Params& params) const {
    const auto answer = db_->run("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + std::string(statement.text), params);
    const auto root = json::parse(answer.text())[0]["Plan"];
    Plan plan;
    plan.rows = root["Actual Rows"].get<std::int64_t>();
    plan.buffers = root["Shared Hit Blocks"].get<std::int64_t>() + root["Shared Read Blocks"].get<std::int64_t>();
    walk(root, plan);
    return plan;
  }
  static void expect_bounded(const Plan& plan, std::int64_t rows, std::int64_t beside = 0) {
    EXPECT_EQ(plan.rows, rows);
    EXPECT_EQ(plan.sequential, std::vector<std::string>());
    EXPECT_LT(plan.buffers, 20 * rows + 200 + beside);
    RecordProperty("buffers_for_" + std::to_string(rows), std::to_string(plan.buffers));
  }
  static bool uses(const Plan& plan, std::string_view index) { return std::ranges::find(plan.indexes, index) != plan.indexes.end(); }

  static outbox::Scope publisher() {
    outbox::Scope scope = at_endpoint(7);
    scope.exclude = {"InboxItemValidated"};
    return scope;
  }

 private:
  void fill() const {
    empty();
    db_->run("SET synchronous_commit = off");
    // Five event types, as a mixed load has them.
    const std::string events =
        "INSERT INTO zero_admin.outbox_events (id, tenant_id, created_at, event_type, schema_version, idempotency_key, payload)"
        " SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', now(), 'Type' || i % 5, '1.0', "
        "i::text, '{\"n\":1}' FROM generate_series(1, $1::bigint) i";
    db_->run("ALTER TABLE zero_admin.outbox_queue DISABLE TRIGGER outbox_queue_bell");
    db_->run(events, std::move(pg::Params().add(sent_rows + due_rows + expired_rows)));
    db_->run(
        "INSERT INTO zero_admin.outbox_done (id, done_at, endpoint, attempt_count, replay_count, status)"
        " SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, now() - interval '1 day' + i * interval '1 millisecond', 7, 1, 0, 'sent' FROM "
        "generate_series(1, $1::bigint) i",
        std::move(pg::Params().add(sent_rows)));
    db_->run(
        "INSERT INTO zero_admin.outbox_queue (id, tenant_id, due_at, event_type, lease_until, lease_token)"
        " SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', now() - interval '1 hour' + i * "
        "interval '1 millisecond', 'Type' || i % 5,"
        "        CASE WHEN i <= $2::bigint THEN now() - interval '5 minutes' END, CASE WHEN i <= $2::bigint THEN gen_random_uuid() END"
        "   FROM generate_series($1::bigint + 1, $2::bigint + $3::bigint) i",
        std::move(pg::Params().add(sent_rows).add(sent_rows + expired_rows).add(due_rows)));
    db_->run("ALTER TABLE zero_admin.outbox_queue ENABLE TRIGGER outbox_queue_bell");
    db_->run("VACUUM ANALYZE zero_admin.outbox_events, zero_admin.outbox_done, zero_admin.outbox_queue");
  }
  void empty() const {
    db_->run(
        "TRUNCATE zero_admin.outbox_events, zero_admin.outbox_queue, zero_admin.outbox_done, zero_admin.dead_letters, zero_admin.runner_heartbeats, "
        "zero_admin.delivery_breakers");
  }
  static inline bool filled_ = false;
};

using KeptPlans = cluster::SchemaTest;

}  // namespace

TEST_F(Plans, AClaimReadsTheIndexAndAsManyBuffersAsItHasRows) {
  const auto plan = explain(outbox::sql::claim, claim_params(batch, publisher()));
  expect_bounded(plan, batch);
  EXPECT_TRUE(uses(plan, "outbox_queue_due"));
}

TEST_F(Plans, AClaimOfOneOrOfManyIsBoundedToo) {
  // What is held lies before what is free.
  expect_bounded(explain(outbox::sql::claim, claim_params(1, publisher())), 1, expired_rows / 10);
  expect_bounded(explain(outbox::sql::claim, claim_params(1000, publisher())), 1000);
}

TEST_F(Plans, AClaimOfSuspectsReadsTheIndexAndFewBuffers) {
  const auto plan = explain(outbox::sql::claim_suspect, suspect_params(publisher()));
  // Without settings for kept plans, what is due of a type may be sorted while it is little.
  expect_bounded(plan, 1, expired_rows / 4);
  EXPECT_TRUE(uses(plan, "outbox_queue_due"));
}

TEST_F(Plans, AClaimThatFindsNothingIsCheap) {
  outbox::Scope scope;
  scope.types = {{"Nothing"}};
  expect_bounded(explain(outbox::sql::claim, claim_params(batch, scope)), 0);
  db_->run("INSERT INTO zero_admin.delivery_breakers (endpoint, host, state) VALUES (7, 'h', 'open')");
  expect_bounded(explain(outbox::sql::claim, claim_params(batch, publisher())), 0);
}

TEST_F(Plans, ABacklogOfATypeThatIsNotWantedCostsNothing) {
  outbox::Scope scope;
  scope.exclude = {"Type0", "Type1", "Type2", "Type3"};
  expect_bounded(explain(outbox::sql::claim, claim_params(batch, scope)), batch);
}

TEST_F(Plans, AProbeOfAnOpenBreakerIsBounded) {
  db_->run("INSERT INTO zero_admin.delivery_breakers (endpoint, host, state, probe_at) VALUES (7, 'h', 'open', now() - interval '1 second')");
  const auto plan = explain(outbox::sql::claim_probe, probe_params(publisher(), 5000));
  EXPECT_EQ(plan.rows, 1);
  EXPECT_EQ(plan.sequential, std::vector<std::string>());
  EXPECT_LT(plan.buffers, 3000) << "it looks at the next thousand";
}

TEST_F(Plans, LookingIsBoundedByWhatItCounts) {
  const auto plan = explain(outbox::sql::look, look_params(publisher()));
  EXPECT_LT(plan.buffers, 3000) << "it counts up to a thousand of each type";
}

TEST_F(Plans, OpeningOnALargeQueueIsBoundedToo) {
  pg::Params params;
  params.add(no_runner).add("publisher").add("host").add("").add(std::int64_t{1}).add("running");
  db_->run("INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state) VALUES (gen_random_uuid(), 'publisher', 'host', 1, 'stopped')");
  const auto plan = explain(outbox::sql::adopt, params);
  EXPECT_EQ(plan.rows, 1);
  EXPECT_EQ(plan.sequential, std::vector<std::string>());
  EXPECT_LT(plan.buffers, 50) << "it looks for one row";
}

TEST_F(Plans, WhatSettlesManyEventsReadsNoTableAsAWhole) {
  constexpr std::int64_t many = 1000;
  const auto events = claim(*db_, many, publisher());
  ASSERT_EQ(events.size(), static_cast<std::size_t>(many));
  expect_bounded(explain(outbox::sql::renew, keys(events).add(std::int64_t{90})), many);
  db_->run("SAVEPOINT held");
  expect_bounded(explain(outbox::sql::complete_sent, sent_params(events, {.endpoint = 7})), many);
  db_->run("ROLLBACK TO held");
  expect_bounded(explain(outbox::sql::release, keys(events)), many);
}

TEST_F(Plans, CompletingReadsNoTableAsAWhole) {
  const auto events = claim(*db_, batch, publisher());
  ASSERT_EQ(events.size(), static_cast<std::size_t>(batch));
  const auto plan = explain(outbox::sql::complete_sent, sent_params({events.begin(), events.begin() + batch / 2}, {.endpoint = 7}));
  expect_bounded(plan, batch / 2);

  const auto failed = failed_params({events.begin() + batch / 2, events.end()}, {.endpoint_fault = true, .endpoint = 7});
  expect_bounded(explain(outbox::sql::complete_failed, failed), batch / 2);
}

TEST_F(Plans, RenewingAndReleasingReadNoTableAsAWhole) {
  const auto events = claim(*db_, batch, publisher());
  expect_bounded(explain(outbox::sql::renew, keys(events).add(std::int64_t{90})), batch);
  expect_bounded(explain(outbox::sql::release, keys(events)), batch);
}

TEST_F(Plans, JudgingAnEndpointIsBoundedWhateverItDeliveredBefore) {
  const auto plan = explain(outbox::sql::breaker_failed, trouble_params(ids_of(claim(*db_, 4, publisher())), {}, publisher()));
  EXPECT_LT(plan.buffers, 300);
}

TEST_F(Plans, TheMetricsSnapshotReadsNothingOfWhatIsFinished) {
  db_->run(metrics::sql::by_index);
  const auto plan = explain(metrics::sql::read, std::move(pg::Params().add_null().add_array(std::vector<std::string>{"InboxItemValidated"})));
  EXPECT_EQ(plan.rows, 1);
  EXPECT_EQ(plan.sequential, std::vector<std::string>());
  EXPECT_TRUE(uses(plan, "outbox_queue_due"));
  EXPECT_TRUE(uses(plan, "dead_letters_open"));
  // In the order of an index, which the planner may prefer to a bitmap, it comes back to a page for each type. Reading all that is finished would take
  // twice as many.
  EXPECT_LT(plan.buffers, (due_rows + expired_rows) / 4) << "the queue by its index, not its million neighbours";
}

TEST_F(Plans, AClaimIsBoundedWithoutStatisticsToo) {
  // A fresh table that was never analyzed.
  db_->run("DELETE FROM pg_statistic WHERE starelid IN ('zero_admin.outbox_queue'::regclass, 'zero_admin.outbox_events'::regclass)");
  expect_bounded(explain(outbox::sql::claim, claim_params(batch, publisher())), batch);
  expect_bounded(explain(outbox::sql::claim_suspect, suspect_params(publisher())), 1);
}

// A runner that began on empty tables keeps its plans for as long as it is connected. Nothing tells it that they have become full.
TEST_F(KeptPlans, GoByIndexOnFullTablesThoughTheyWereMadeOnEmptyOnes) {
  constexpr pg::Statement reading{
      "reading",
      "WITH tables AS (SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'zero_admin'::regnamespace AND c.relname IN ('outbox_queue', 'outbox_events', "
      "'outbox_done', 'delivery_breakers'))"
      " SELECT (SELECT sum(pg_stat_get_xact_numscans(t.oid)) FROM tables t),"
      "        (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM tables t JOIN pg_index i ON i.indrelid = t.oid),"
      // The next transaction begins at nought.
      "        pg_stat_force_next_flush()",
      true};
  constexpr pg::Statement kept{"kept",
                               "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 3 AND (name LIKE 'claim%' OR name LIKE 'complete%' OR name "
                               "LIKE 'breaker%' OR name LIKE 'look%')"};
  const std::string fill =
      "WITH added AS (INSERT INTO zero_admin.outbox_events (id, tenant_id, created_at, event_type, schema_version, idempotency_key, payload)"
      " SELECT gen_random_uuid(), gen_random_uuid(), now(), 'Type' || i % 5, '1.0', i::text, '{}' FROM generate_series(1, $1::int) i RETURNING id, event_type),"
      " done AS (INSERT INTO zero_admin.outbox_done (id, attempt_count, replay_count, status) SELECT gen_random_uuid(), 1, 0, 'sent' FROM added)"
      " INSERT INTO zero_admin.outbox_queue (id, tenant_id, due_at, event_type) SELECT id, id, now() - interval '1 hour', event_type FROM added";
  const auto add = [&](std::int64_t count) { db_->run(fill, std::move(pg::Params().add(count))); };
  const auto analyze = [&] { db_->run("VACUUM ANALYZE zero_admin.outbox_events, zero_admin.outbox_queue, zero_admin.outbox_done"); };
  const auto empty = [&] {
    for (const std::string table : {"outbox_queue", "outbox_events", "outbox_done"}) db_->run("DELETE FROM zero_admin." + table);
  };
  const std::vector<std::pair<std::string, std::function<void()>>> pasts = {
      {"never analyzed", [] {}},
      {"one row",
       [&] {
         add(1);
         analyze();
       }},
      {"full once, and empty now",
       [&] {
         add(20000);
         analyze();
         empty();
         db_->run("VACUUM zero_admin.outbox_events, zero_admin.outbox_queue, zero_admin.outbox_done");
       }},
      {"full once, empty, and analyzed again",
       [&] {
         add(20000);
         analyze();
         empty();
         analyze();
       }},
  };
  for (const auto& [past, make] : pasts) {
    empty();
    make();
    const auto connection = pg::Connection::open({cluster::url(), "ops-test", std::chrono::seconds(5), std::chrono::seconds(30), true});
    connection->run(pg::Batch().add(reading), pg::Commit::durable);
    // As a publisher sends them: what a batch brings is of one kind, or none of it has a plan that is kept.
    const auto run = [&](const pg::Statement& statement, pg::Params params, std::int64_t most = 20 * batch) {
      pg::Batch sent;
      sent.add(statement, std::move(params)).add(outbox::sql::breaker_closed, std::move(pg::Params().add(7))).add(reading);
      auto results = connection->run(std::move(sent), pg::Commit::durable);
      EXPECT_EQ(results.back().integer(0, 0), 0) << past << ": " << statement.name << " reads a table as a whole";
      EXPECT_LT(results.back().integer(0, 1), most) << past << ": " << statement.name;
      return std::move(results.front());
    };
    const auto round = [&] {
      const auto result = run(outbox::sql::claim, claim_params(batch, at_endpoint(7)));
      std::vector<Claimed> events(static_cast<std::size_t>(result.rows()));
      for (int row = 0; row < result.rows(); ++row) {
        events[static_cast<std::size_t>(row)].id = result.text(row, 0);
        events[static_cast<std::size_t>(row)].token = result.text(row, 1);
      }
      const auto part = [&](std::size_t from, std::size_t to) {
        return std::vector<Claimed>(events.begin() + static_cast<std::ptrdiff_t>(from), events.begin() + static_cast<std::ptrdiff_t>(to));
      };
      const auto tenth = events.size() / 10;
      const auto delivered = part(2 * tenth, events.size());
      for (const bool resubmitted : {false, true}) {
        const auto sent = run(outbox::sql::complete_sent, sent_params(delivered, {.endpoint = 7, .resubmitted = resubmitted}));
        EXPECT_EQ(sent.rows(), static_cast<int>(delivered.size())) << past << ", resubmitted: " << resubmitted;
      }
      for (const bool dead : {false, true}) {
        const auto failed = dead ? part(0, tenth) : part(tenth, 2 * tenth);
        const auto settled = run(outbox::sql::complete_failed, failed_params(failed, {.final = dead, .endpoint_fault = true, .endpoint = 7}));
        EXPECT_EQ(settled.rows(), static_cast<int>(failed.size())) << past << ", dead: " << dead;
        auto ids = ids_of(failed);
        ids.emplace_back(no_runner);  // never none
        run(outbox::sql::breaker_failed, trouble_params(ids, {.threshold = 1000}, at_endpoint(7)));
      }
      constexpr std::int64_t a_thousand_of_each_type = 6000;
      run(outbox::sql::look, look_params(at_endpoint(7)), a_thousand_of_each_type);
      EXPECT_EQ(run(outbox::sql::claim_suspect, suspect_params(at_endpoint(7)), a_thousand_of_each_type).rows(), 0) << past;
      return result.rows();
    };
    for (int nth = 0; nth < 3; ++nth) round();
    add(20000);
    for (int nth = 0; nth < 3; ++nth) EXPECT_EQ(round(), batch) << past;
    EXPECT_EQ(connection->run(pg::Batch().add(kept), pg::Commit::durable).front().integer(0, 0), 7) << past;
  }
}
