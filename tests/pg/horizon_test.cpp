// A transaction that is held open while events go through: what claims cost then, and who tells. Buffers are counted, not time.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "outbox/floors.hpp"
#include "pg/protocol.hpp"

using namespace protocol;
using nlohmann::json;

namespace {

constexpr std::int64_t batch = 50;
constexpr std::int64_t waiting = 21'000;
constexpr std::int64_t finished = 20'000;

class Horizon : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    db_->run("SET synchronous_commit = off");
    db_->run("SELECT zero_admin.enqueue_event('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Type' || i % 5, '{}'::text) FROM generate_series(1, $1::bigint) i",
             std::move(pg::Params().add(waiting)));
    vacuum();
  }
  void vacuum() const { db_->run("VACUUM ANALYZE zero_admin.outbox_queue"); }

  // As the engine does it, with a hundred claims a second.
  pg::Params params(bool whole) {
    now_ += base::Milliseconds(10);
    pg::Params params;
    params.add(batch).add(std::int64_t{90}).add("test");
    everything().add_types(params);
    everything().add_endpoint(params);
    floors_.add_due(params, now_, whole);
    return params;
  }
  std::vector<Claimed> claim_on() {
    auto events = claimed(db_->run(outbox::sql::claim, params(false)));
    std::ranges::sort(events, {}, &Claimed::due_us);
    std::vector<outbox::Event> found(events.size());
    std::ranges::transform(events, found.begin(), [](const Claimed& claimed) {
      outbox::Event event;
      event.event_type = claimed.type;
      event.due_us = claimed.due_us;
      return event;
    });
    floors_.claimed(found, static_cast<std::int64_t>(found.size()) == batch);
    return events;
  }
  // Pages that a claim of a batch touches, in the cache or not; it is rolled back.
  std::int64_t cost_of_a_claim(bool whole = false) {
    db_->run("BEGIN");
    const auto answer = db_->run("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + std::string(outbox::sql::claim.text), params(whole));
    db_->run("ROLLBACK");
    const auto root = json::parse(answer.text())[0]["Plan"];
    EXPECT_EQ(root["Actual Rows"].get<std::int64_t>(), batch);
    return root["Shared Hit Blocks"].get<std::int64_t>() + root["Shared Read Blocks"].get<std::int64_t>();
  }
  void deliver(std::int64_t count) {
    for (; count > 0; count -= batch) ASSERT_EQ(complete_sent(*db_, claim_on()).size(), static_cast<std::size_t>(batch));
  }

  outbox::Floors floors_;
  outbox::Floors::Time now_ = outbox::Floors::Time() + std::chrono::hours(1);
};

}  // namespace

TEST_F(Horizon, AnOpenTransactionMakesClaimsAtMostTwiceAsDearHoweverManyEventsAreFinishedMeanwhile) {
  const auto before = cost_of_a_claim();
  const Session holder;
  holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  holder.run("SELECT count(*) FROM zero_admin.outbox_queue");
  deliver(finished / 2);
  const auto halfway = cost_of_a_claim();
  deliver(finished / 2);
  vacuum();  // cannot remove anything yet
  const auto during = cost_of_a_claim();
  EXPECT_LE(halfway, 2 * before);
  EXPECT_LE(during, 2 * before);
  // What a claim that begins at the beginning costs, so that it is noticed when nothing is in the way any more.
  const auto whole = cost_of_a_claim(true);
  EXPECT_GT(whole, 2 * before);
  EXPECT_LE(whole, before + finished);
  EXPECT_GT(db_->number("SELECT (zero_admin.horizon_age_s() * 1000000)::bigint"), 0);
  holder.run("COMMIT");
  vacuum();
  EXPECT_EQ(db_->text("SELECT zero_admin.horizon_age_s()"), "0");
  EXPECT_LE(cost_of_a_claim(true), 2 * before);
  RecordProperty("buffers", std::to_string(before) + " before, " + std::to_string(halfway) + " and " + std::to_string(during) + " during, " +
                                std::to_string(whole) + " for a whole claim");
}

TEST_F(Horizon, WhatAnotherTypeLeftBehindIsNotReadToFindTheTypes) {
  const Session holder;
  holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  holder.run("SELECT count(*) FROM zero_admin.outbox_queue");
  outbox::Scope only;
  only.types = {{"Type0"}};
  // Of a type that this runner leaves to others, all is finished.
  const auto of_others = claim(*db_, waiting / 5, only);
  ASSERT_EQ(complete_sent(*db_, of_others).size(), static_cast<std::size_t>(waiting / 5));
  outbox::Scope rest;
  rest.exclude = {"Type0"};
  const auto cost = [&](const outbox::Scope& scope) {
    db_->run("BEGIN");
    const auto answer = db_->run("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + std::string(outbox::sql::claim.text), claim_params(batch, scope));
    db_->run("ROLLBACK");
    const auto root = json::parse(answer.text())[0]["Plan"];
    return root["Shared Hit Blocks"].get<std::int64_t>() + root["Shared Read Blocks"].get<std::int64_t>();
  };
  EXPECT_LT(cost(rest) + 50, cost(everything()));
}
