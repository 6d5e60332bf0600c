// A transaction that is held open while events go through: what claims cost then, and who tells. Buffers are counted, not time.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pg/protocol.hpp"

using namespace protocol;
using nlohmann::json;

namespace {

constexpr std::int64_t batch = 50;
constexpr std::int64_t waiting = 3000;
constexpr std::int64_t rounds = 30;

class Horizon : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    db_->run("SELECT zero_admin.enqueue_event('aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa', 'Order', '{}'::text, i::text) FROM generate_series(1, $1::bigint) i",
             std::move(pg::Params().add(waiting)));
    vacuum();
  }
  void vacuum() const { db_->run("VACUUM ANALYZE zero_admin.outbox_queue"); }
  // Pages that a claim of a batch touches, in the cache or not; it is rolled back.
  std::int64_t cost_of_a_claim() const {
    db_->run("BEGIN");
    const auto answer = db_->run("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + std::string(outbox::sql::claim.text), claim_params(batch));
    db_->run("ROLLBACK");
    const auto root = json::parse(answer.text())[0]["Plan"];
    EXPECT_EQ(root["Actual Rows"].get<std::int64_t>(), batch);
    return root["Shared Hit Blocks"].get<std::int64_t>() + root["Shared Read Blocks"].get<std::int64_t>();
  }
  void deliver() const {
    for (std::int64_t round = 0; round < rounds; ++round) ASSERT_EQ(complete_sent(*db_, claim(*db_, batch)).size(), static_cast<std::size_t>(batch));
  }
};

}  // namespace

TEST_F(Horizon, AnOpenTransactionMakesClaimsDearerByNoMoreThanAPageForEachEventFinishedMeanwhileAndOnlyWhileItLasts) {
  const auto before = cost_of_a_claim();
  const Session holder;
  holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
  holder.run("SELECT count(*) FROM zero_admin.outbox_queue");
  deliver();
  vacuum();  // cannot remove anything yet
  const auto during = cost_of_a_claim();
  EXPECT_LE(during, before + rounds * batch);
  EXPECT_GT(db_->number("SELECT (zero_admin.horizon_age_s() * 1000000)::bigint"), 0);
  holder.run("COMMIT");
  vacuum();
  EXPECT_EQ(db_->text("SELECT zero_admin.horizon_age_s()"), "0");
  EXPECT_LE(cost_of_a_claim(), 2 * before);
  RecordProperty("buffers", std::to_string(before) + " before, " + std::to_string(during) + " during");
}
