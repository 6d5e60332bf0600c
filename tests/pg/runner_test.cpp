#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "pg/protocol.hpp"
#include "schema/check.hpp"

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
    return params;
  }
  // As a runner that has connected: adopts, and enrols where there is no row to adopt.
  static Answer open(const Session& session, const Copy& copy) {
    auto answer = session.run(outbox::sql::adopt, params(copy));
    if (answer.rows.empty()) answer = session.run(outbox::sql::enrol, params(copy));
    EXPECT_EQ(answer.rows.size(), 1U);
    return answer;
  }
  // The row that the copy works with.
  std::string adopt(const Copy& copy) const { return open(*db_, copy).text(); }
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
  EXPECT_EQ(column(copy.id, "backlog || ' ' || (last_success_at IS NULL)"), "0 true") << "what it is, the first look tells";
}

TEST_F(Runner, OpeningTellsWhetherTheQueueHoldsAnything) {
  const Copy copy;
  const auto filled = [&] {
    const auto told = open(*db_, copy).text(0, 1);
    EXPECT_EQ(column(copy.id, "coalesce(last_success_at < now() - interval '59 minutes', true)"), told);
    db_->run("UPDATE zero_admin.runner_heartbeats SET last_success_at = now() - interval '1 hour'");
    return told;
  };
  EXPECT_EQ(filled(), "f") << "enrolled";
  EXPECT_EQ(filled(), "f") << "adopted";
  const auto id = enqueue();
  EXPECT_EQ(filled(), "t");
  make_due(id, -3600);
  EXPECT_EQ(filled(), "t") << "due in an hour";
  db_->run("DELETE FROM zero_admin.runner_heartbeats");
  EXPECT_EQ(filled(), "t") << "enrolled";
  db_->run("DELETE FROM zero_admin.outbox_queue");
  EXPECT_EQ(filled(), "f");
}

// Loading PL/pgSQL and compiling a function was a tenth of what a cold tick cost.
TEST_F(Runner, ATickThatFindsNothingLoadsNoProceduralLanguage) {
  adopt(Copy{.state = "stopped"});
  const Session session;
  const auto loaded = [&] {
    std::ifstream maps("/proc/" + std::to_string(session.pid()) + "/maps");
    const std::string text{std::istreambuf_iterator<char>(maps), {}};
    EXPECT_NE(text.find("libc.so"), std::string::npos) << "the maps can be read";
    return text.find("plpgsql") != std::string::npos;
  };
  session.run(schema::sql::require, schema::expected());
  EXPECT_EQ(session.run(outbox::sql::adopt, params(Copy())).text(0, 1), "f");
  EXPECT_FALSE(loaded());
  session.run("SELECT zero_admin.require_schema(zero_admin.schema_changes())");
  EXPECT_TRUE(loaded()) << "where it is called, it is seen";
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
  const auto yours = open(other, Copy()).text();
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
