// What claims cost while a transaction is held open, and where others claim, too. Buffers and rows are counted, not time.
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

class ClaimCost : public cluster::SchemaTest {
 protected:
  void SetUp() override { fill(5); }
  void fill(std::int64_t types) {
    SchemaTest::SetUp();
    db_->run("SET synchronous_commit = off");
    db_->run(
        "SELECT zero_admin.enqueue_event('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Type' || i % $2::bigint, '{}'::text) FROM generate_series(1, $1::bigint) i",
        std::move(pg::Params().add(waiting).add(types)));
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
    std::vector<outbox::EventPtr> found(events.size());
    std::ranges::transform(events, found.begin(), [](const Claimed& claimed) {
      auto event = std::make_unique<outbox::Event>();
      event->event_type = claimed.type;
      event->due_us = claimed.due_us;
      return event;
    });
    floors_.claimed(found, static_cast<std::int64_t>(found.size()) == batch);
    return events;
  }
  // The plan of a claim, which is rolled back.
  json plan_of(pg::Params params) const {
    db_->run("BEGIN");
    const auto answer = db_->run("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + std::string(outbox::sql::claim.text), std::move(params));
    db_->run("ROLLBACK");
    return json::parse(answer.text())[0]["Plan"];
  }
  json plan_of_a_batch(bool whole) {
    auto root = plan_of(params(whole));
    EXPECT_EQ(root["Actual Rows"].get<std::int64_t>(), batch);
    return root;
  }
  // Pages that it touches, in the cache or not.
  static std::int64_t pages(const json& root) { return root["Shared Hit Blocks"].get<std::int64_t>() + root["Shared Read Blocks"].get<std::int64_t>(); }
  std::int64_t cost_of_a_claim(bool whole = false) { return pages(plan_of_a_batch(whole)); }
  void deliver(std::int64_t count) {
    for (; count > 0; count -= batch) ASSERT_EQ(complete_sent(*db_, claim_on()).size(), static_cast<std::size_t>(batch));
  }

  outbox::Floors floors_;
  outbox::Floors::Time now_ = outbox::Floors::Time() + std::chrono::hours(1);
};

// A queue of one type, of which this runner claimed a batch, and goes on.
class Crowd : public ClaimCost {
 protected:
  void SetUp() override {
    fill(1);
    // In even steps, whatever the machine did while they were enqueued: how far a claim looks on is told by how fast they came.
    db_->run(
        "UPDATE zero_admin.outbox_queue q SET due_at = now() - interval '1 hour' + e.nth * interval '1 millisecond' "
        "FROM (SELECT id, row_number() OVER (ORDER BY due_at) AS nth FROM zero_admin.outbox_queue) e WHERE e.id = q.id");
    vacuum();
    ASSERT_EQ(claim_on().size(), static_cast<std::size_t>(batch));
    claim_on();  // since it has begun at a floor, it goes on where it ended
  }
  // Another runner, one batch after the other.
  std::vector<Claimed> others_claim(std::int64_t batches) const {
    std::vector<Claimed> taken;
    for (; batches > 0; --batches) std::ranges::copy(claim(other_, batch), std::back_inserter(taken));
    return taken;
  }
  // Rows of the queue that a claim reads by the index, taken or not.
  std::int64_t rows_read(bool whole = false) { return rows_read(plan_of_a_batch(whole)); }
  static std::int64_t rows_read(const json& node) {
    std::int64_t sum = 0;
    if (node.value("Index Name", "") == "outbox_queue_due")
      sum += node["Actual Loops"].get<std::int64_t>() * (node["Actual Rows"].get<std::int64_t>() + node.value("Rows Removed by Filter", std::int64_t{0}));
    for (const auto& child : node.value("Plans", json::array())) sum += rows_read(child);
    return sum;
  }
  static bool before(const Claimed& a, const Claimed& b) { return a.due_us < b.due_us; }

  Session other_;
};

}  // namespace

TEST_F(ClaimCost, AnOpenTransactionMakesClaimsAtMostTwiceAsDearHoweverManyEventsAreFinishedMeanwhile) {
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

TEST_F(ClaimCost, WhatAnotherTypeLeftBehindIsNotReadToFindTheTypes) {
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
  const auto cost = [&](const outbox::Scope& scope) { return pages(plan_of(claim_params(batch, scope))); };
  EXPECT_LT(cost(rest) + 50, cost(everything()));
}

TEST_F(Crowd, WhatOthersHoldIsNotReadThroughToFindWhatIsFree) {
  const auto taken = others_claim(100);
  EXPECT_LE(rows_read(), 2 * batch + 2 * 100) << "two looks for each batch that others took";
  EXPECT_GT(rows_read(true), 100 * batch) << "so much is what there was to read through";
  const auto next = claim_on();
  ASSERT_EQ(next.size(), static_cast<std::size_t>(batch));
  EXPECT_GT(next.front().due_us, std::ranges::max(taken, before).due_us);
}

TEST_F(Crowd, WhatOthersAreClaimingIsPassedOver) {
  other_.run("BEGIN");
  const auto taken = others_claim(20);
  EXPECT_LE(rows_read(), 2 * batch + 2 * 20);
  const auto next = claim_on();
  ASSERT_EQ(next.size(), static_cast<std::size_t>(batch));
  EXPECT_GT(next.front().due_us, std::ranges::max(taken, before).due_us);
  other_.run("COMMIT");
}

TEST_F(Crowd, WhatAClaimThatWasUndoneLeftIsFoundByAWholeOne) {
  other_.run("BEGIN");
  const auto undone = others_claim(1);
  other_.run("ROLLBACK");
  EXPECT_GT(claim_on().front().due_us, undone.back().due_us);
  EXPECT_EQ(sorted(ids_of(claimed(db_->run(outbox::sql::claim, params(true))))), sorted(ids_of(undone)));
}

TEST_F(Crowd, WhatWasGivenBackOrFailedIsFreeForAnyClaim) {
  auto back = others_claim(2);
  ASSERT_EQ(release(other_, back).size(), back.size());
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_until IS NULL AND xmax <> 0"), 0);
  back = others_claim(2);
  ASSERT_EQ(complete_failed(other_, back, {.wait_ms = 0}).size(), back.size());
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_until IS NULL AND xmax <> 0"), 0);
}

TEST_F(Crowd, AClaimThatFindsNothingFreeAheadTakesWhatIsLeftBehind) {
  const auto rest = claim(other_, waiting);
  ASSERT_EQ(rest.size(), static_cast<std::size_t>(waiting - 2 * batch));
  ASSERT_EQ(release(other_, {rest[7]}).size(), 1U);
  const auto found = claim_on();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, rest[7].id);
}
