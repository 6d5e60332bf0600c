#include <gtest/gtest.h>

#include "ops_serve/sql.hpp"
#include "outbox_prune/sql.hpp"
#include "pg/protocol.hpp"

using namespace protocol;

namespace {

class History : public cluster::SchemaTest {
 protected:
  void note() const { db_->run("SELECT zero_admin.note_history()"); }
  std::string rows() const {
    return db_->text(
        "SELECT coalesce(string_agg(concat_ws('/', sent_total, failures_total, parsed_total, due, dlq), ' ' ORDER BY minute), '') FROM zero_admin.ops_history");
  }
  void runner(std::string_view name, int done, int failures) const {
    db_->run(
        "INSERT INTO zero_admin.runner_heartbeats (id, pid, name, host, state, done_total, failures_total) VALUES (gen_random_uuid(), 1, $1, 'h', 'running', "
        "$2::int, $3::int)",
        std::move(pg::Params().add(name).add(std::int64_t{done}).add(std::int64_t{failures})));
  }
};

}  // namespace

TEST_F(History, AMinuteIsNotedOnceForTheWholeFleet) {
  runner("publisher", 5, 1);
  runner("publisher", 7, 0);
  runner("worker", 3, 2);
  make_due(enqueue(), 60);
  enqueue("InboxItemValidated");
  note();
  EXPECT_EQ(rows(), "12/3/3/2/0");
  EXPECT_GE(db_->number("SELECT lag_ms FROM zero_admin.ops_history"), 60000);
  runner("publisher", 100, 0);
  note();
  EXPECT_EQ(rows(), "12/3/3/2/0");
  db_->run("UPDATE zero_admin.ops_history SET minute = minute - interval '1 minute'");
  note();
  EXPECT_EQ(rows(), "12/3/3/2/0 112/3/3/2/0");
}

TEST_F(History, WhoComesSecondDoesNotWait) {
  const Session first;
  first.run("BEGIN");
  first.run("SELECT zero_admin.note_history()");
  note();
  EXPECT_EQ(rows(), "") << "nothing is committed yet";
  first.run("COMMIT");
  EXPECT_EQ(rows(), "0/0/0/0/0");
}

TEST_F(History, TheHeartbeatOfARunnerNotesIt) {
  runner("publisher", 1, 0);
  const auto id = db_->text("SELECT id FROM zero_admin.runner_heartbeats");
  db_->run("SET ROLE zero_admin_runner");
  db_->run(outbox::sql::beat, std::move(pg::Params().add(id).add(std::int64_t{1}).add("true").add(std::int64_t{0}).add("running")));
  db_->run("RESET ROLE");
  EXPECT_EQ(rows(), "1/0/0/0/0");
}

TEST_F(History, ServesTheLastHoursOldestFirstAndIsPrunedAfterAWeek) {
  db_->run(
      "INSERT INTO zero_admin.ops_history SELECT date_trunc('minute', now()) - m * interval '1 minute', 1, 2, 3, 4, 5, 6 FROM unnest(ARRAY[0, 30, 500, 10000, "
      "10100]) m");
  const auto minutes = db_->run(ops_serve::sql::history, std::move(pg::Params().add(std::int64_t{6}))).column(0);
  EXPECT_EQ(minutes, (std::vector<std::string>{"30", "0"}));
  db_->run(outbox_prune::sql::prune_history);
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.ops_history"), 4);
}
