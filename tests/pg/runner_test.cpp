#include <gtest/gtest.h>

#include "base/text.hpp"
#include "pg/protocol.hpp"

using namespace protocol;

namespace {

struct Copy {
  std::string id = base::random_uuid();
  std::string name = "publisher";
  std::string host = "host-a";
  std::string instance = {};
  std::string state = "running";
  std::int64_t pid = 100;
};

class Runner : public cluster::SchemaTest {
 protected:
  static pg::Params params(const Copy& copy) {
    pg::Params params;
    params.add(copy.id).add(copy.name).add(copy.host).add(copy.instance).add(copy.pid).add(copy.state);
    everything().add_types(params);
    everything().add_endpoint(params);
    return params;
  }
  // The row that the copy works with.
  std::string adopt(const Copy& copy) const {
    const auto answer = db_->run(outbox::sql::adopt, params(copy));
    EXPECT_EQ(answer.rows.size(), 1U);
    return answer.text();
  }
  void beat(const std::string& id, std::int64_t passes, bool success, std::int64_t backlog, std::string_view state) const {
    db_->run(outbox::sql::beat, std::move(pg::Params().add(id).add(passes).add(success ? "true" : "false").add(backlog).add(state)));
  }
  std::string column(const std::string& id, const std::string& expression) const {
    return db_->run("SELECT " + expression + " FROM zero_admin.runner_heartbeats WHERE id = $1::uuid", pg::Params().add(id)).text();
  }
  std::int64_t rows() const { return db_->number("SELECT count(*) FROM zero_admin.runner_heartbeats"); }
};

}  // namespace

TEST_F(Runner, TheFirstCopyMakesARow) {
  const Copy copy;
  EXPECT_EQ(adopt(copy), copy.id);
  EXPECT_EQ(column(copy.id, "name || ' ' || host || ' ' || pid || ' ' || state || ' ' || loops"), "publisher host-a 100 running 1");
  EXPECT_EQ(column(copy.id, "last_success_at IS NOT NULL"), "t") << "finding nothing is a success";
}

TEST_F(Runner, WorkThatWaitsIsNoSuccessYet) {
  enqueue();
  const Copy copy;
  adopt(copy);
  EXPECT_EQ(column(copy.id, "backlog || ' ' || (last_success_at IS NULL)"), "1 true");
}

TEST_F(Runner, TheRowOfAStoppedCopyIsTakenOverWithItsCounters) {
  Copy first;
  adopt(first);
  db_->run(
      "UPDATE zero_admin.runner_heartbeats SET attempts_total = 7, done_total = 5, failures_total = 2, dead_total = 1, duration_ms_sum = 99, state = "
      "'stopped'");
  Copy second;
  second.pid = 200;
  EXPECT_EQ(adopt(second), first.id);
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(column(first.id,
                   "attempts_total || ' ' || done_total || ' ' || failures_total || ' ' || dead_total || ' ' || duration_ms_sum || ' ' || pid || ' ' || state "
                   "|| ' ' || loops"),
            "7 5 2 1 99 200 running 2");
}

TEST_F(Runner, ACopyThatRunsKeepsItsRow) {
  const Copy first;
  const Copy second;
  adopt(first);
  EXPECT_EQ(adopt(second), second.id);
  EXPECT_EQ(rows(), 2);
}

TEST_F(Runner, ACopyThatDiedWithoutAWordIsTakenOverAfterAWhile) {
  const Copy first;
  adopt(first);
  db_->run("UPDATE zero_admin.runner_heartbeats SET loop_at = now() - interval '10 minutes'");
  EXPECT_EQ(adopt(Copy()), first.id);
}

TEST_F(Runner, AfterAReconnectACopyFindsItsOwnRow) {
  const Copy copy;
  adopt(copy);
  const Copy stopped{.state = "stopped"};
  adopt(stopped);
  EXPECT_EQ(adopt(copy), copy.id) << "and not another that happens to be free";
}

TEST_F(Runner, RowsOfOtherHostsNamesAndInstancesAreLeftAlone) {
  adopt(Copy{.state = "stopped"});
  for (const auto& other : {Copy{.name = "worker"}, Copy{.host = "host-b"}, Copy{.instance = "two"}}) EXPECT_EQ(adopt(other), other.id);
  EXPECT_EQ(rows(), 4);
}

TEST_F(Runner, TwoCopiesThatStartAtOnceDoNotShareOneRow) {
  adopt(Copy{.state = "stopped"});
  const Session other;
  db_->run("BEGIN");
  const auto mine = adopt(Copy());
  const auto yours = other.run(outbox::sql::adopt, params(Copy())).text();
  db_->run("COMMIT");
  EXPECT_NE(mine, yours);
}

TEST_F(Runner, ABeatMovesTheRowAndASuccessOnlyWhenThereWasOne) {
  const Copy copy;
  adopt(copy);
  db_->run("UPDATE zero_admin.runner_heartbeats SET last_success_at = now() - interval '1 hour', loop_at = now() - interval '1 hour'");
  beat(copy.id, 3, false, 12, "running");
  EXPECT_EQ(column(copy.id, "loops || ' ' || backlog || ' ' || (loop_at = now()) || ' ' || (last_success_at < now() - interval '59 minutes')"),
            "4 12 false true");
  EXPECT_EQ(column(copy.id, "loop_at > now() - interval '1 minute'"), "t");
  beat(copy.id, 0, true, 0, "stopped");
  EXPECT_EQ(column(copy.id, "loops || ' ' || state || ' ' || (last_success_at > now() - interval '1 minute')"), "4 stopped true");
}

TEST_F(Runner, ABeatDoesNotWaitForAnotherThatSharesTheRow) {
  const Copy copy;
  adopt(copy);
  const Session other;
  other.run("BEGIN");
  other.run("SELECT FROM zero_admin.runner_heartbeats FOR UPDATE");
  beat(copy.id, 5, true, 0, "running");  // would hang here
  other.run("COMMIT");
  EXPECT_EQ(column(copy.id, "loops"), "1") << "skipped";
}
