#include "pg/connection.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <filesystem>

#include "base/thread.hpp"
#include "pg/cluster.hpp"
#include "schema/check.hpp"

using cluster::Session;
using namespace std::chrono_literals;

namespace {

constexpr pg::Statement insert{"insert", "INSERT INTO scratch (a) VALUES ($1::int)", true};
constexpr pg::Statement fail{"fail", "SELECT 1 / $1::int", true};
constexpr pg::Statement count{"count", "SELECT count(*) FROM scratch"};
constexpr pg::Statement echo{"echo", "SELECT $1::text", true};

class Connection : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    db_->run("DROP TABLE IF EXISTS scratch");
    db_->run("CREATE TABLE scratch (a int CONSTRAINT scratch_positive CHECK (a > 0), b int)");
  }
  void TearDown() override { db_->run("DROP TABLE scratch"); }

  static std::unique_ptr<pg::Connection> open(const std::string& url = cluster::url(), base::Milliseconds statement_timeout = 30s) {
    return pg::Connection::open({url, "ops-test", 5s, statement_timeout});
  }
  std::int64_t rows() const { return db_->number("SELECT count(*) FROM scratch"); }
};

pg::Params number(std::int64_t n) { return std::move(pg::Params().add(n)); }

template <class F>
pg::Failure failure_of(F action) {
  try {
    action();
  } catch (const pg::Failure& failure) {
    return failure;
  }
  ADD_FAILURE() << "it did not fail";
  return {base::Outcome::ok, "", "", "", "", false};
}

std::string all_of(const pg::Failure& failure) { return failure.error + "|" + failure.detail + "|" + failure.hint + "|" + failure.sqlstate; }

// Runs one statement with nothing before it.
pg::Failure failure_of_sql(pg::Connection& connection, const char* sql) {
  return failure_of([&] { connection.run(pg::Batch().add({"one", sql}), pg::Commit::durable); });
}

}  // namespace

TEST_F(Connection, RunsABatchInOneTransactionAndYieldsResultsInOrder) {
  const auto connection = open();
  pg::Batch batch;
  batch.add(insert, number(1)).add(insert, number(2)).add(count).add({"xid", "SELECT pg_current_xact_id()"}).add({"xid", "SELECT pg_current_xact_id()"});
  const auto results = connection->run(std::move(batch), pg::Commit::durable);
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results[2].integer(0, 0), 2);
  EXPECT_EQ(results[3].text(0, 0), results[4].text(0, 0));
  EXPECT_EQ(rows(), 2);
}

TEST_F(Connection, AFailureRollsBackEverythingAndTheConnectionGoesOn) {
  const auto connection = open();
  for (const auto mode : {pg::Commit::durable, pg::Commit::relaxed}) {
    const auto failure = failure_of([&] { connection->run(pg::Batch().add(insert, number(1)).add(fail, number(0)).add(insert, number(2)), mode); });
    EXPECT_EQ(failure.sqlstate, "22012");
    EXPECT_FALSE(failure.lost);
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(db_->number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ops-test' AND state LIKE 'idle in transaction%'"), 0)
        << "no transaction is left open";
    EXPECT_EQ(connection->run(pg::Batch().add(insert, number(3)).add(count), mode).back().integer(0, 0), 1);
    db_->run("TRUNCATE scratch");
  }
}

TEST_F(Connection, TheFirstFailureIsTheOneThatIsTold) {
  const auto connection = open();
  const auto failure = failure_of([&] { connection->run(pg::Batch().add(fail, number(0)).add(insert, number(-1)), pg::Commit::durable); });
  EXPECT_EQ(failure.sqlstate, "22012");
  EXPECT_NE(failure.detail.find("statement fail"), std::string::npos) << failure.detail;
}

TEST_F(Connection, AFailureOfTheCommitItselfIsAFailure) {
  db_->run("ALTER TABLE scratch ADD CONSTRAINT scratch_once UNIQUE (b) DEFERRABLE INITIALLY DEFERRED");
  const auto connection = open();
  constexpr pg::Statement twice{"twice", "INSERT INTO scratch (a, b) VALUES (1, 7), (2, 7)"};
  const auto failure = failure_of([&] { connection->run(pg::Batch().add(twice), pg::Commit::durable); });
  EXPECT_EQ(failure.sqlstate, "23505");
  EXPECT_TRUE(failure.is_data());
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(connection->run(pg::Batch().add(count), pg::Commit::durable).front().integer(0, 0), 0);
}

TEST_F(Connection, SeparateStatementsFailForThemselvesOnly) {
  const auto connection = open();
  const auto results =
      connection->run(pg::Batch().add(insert, number(1)).add(insert, number(-1)).add(fail, number(0)).add(insert, number(2)), pg::Commit::separate);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_TRUE(results[0].ok());
  EXPECT_FALSE(results[1].ok());
  EXPECT_FALSE(results[2].ok());
  EXPECT_TRUE(results[3].ok());
  EXPECT_EQ(rows(), 2);
}

TEST_F(Connection, AnEmptyBatchIsFine) {
  const auto connection = open();
  EXPECT_TRUE(connection->run({}, pg::Commit::durable).empty());
  EXPECT_TRUE(connection->run({}, pg::Commit::separate).empty());
  EXPECT_EQ(connection->run(pg::Batch().add(count), pg::Commit::durable).front().integer(0, 0), 0);
}

TEST_F(Connection, ALargeBatchBothWaysDoesNotLockUp) {
  const auto connection = open();
  pg::Batch batch;
  const std::string large(20000, 'x');
  for (int i = 0; i < 1000; ++i) batch.add(echo, std::move(pg::Params().add(large)));
  const auto results = connection->run(std::move(batch), pg::Commit::durable);
  ASSERT_EQ(results.size(), 1000U);
  EXPECT_EQ(results.back().text(0, 0), large);
}

TEST_F(Connection, ParametersArriveAsTheyAre) {
  const auto connection = open();
  const std::vector<std::string> items{"", "NULL", "a\\b\"c", "{,}", "ä\n\t😀", "'; DROP TABLE scratch; --"};
  std::vector<std::optional<std::string>> optional(items.begin(), items.end());
  optional.emplace_back();
  pg::Params params;
  params.add_array(items)
      .add_array(optional)
      .add_array(std::vector<std::int64_t>{1, -9223372036854775807 - 1})
      .add_null()
      .add_array(std::vector<std::string>{});
  constexpr pg::Statement back{"back", "SELECT to_json($1::text[]), to_json($2::text[]), $3::bigint[], $4::text IS NULL, cardinality($5::text[])"};
  const auto results = connection->run(pg::Batch().add(back, params), pg::Commit::durable);
  const auto& result = results.front();
  nlohmann::json wanted = items;
  EXPECT_EQ(nlohmann::json::parse(result.text(0, 0)), wanted);
  wanted.push_back(nullptr);
  EXPECT_EQ(nlohmann::json::parse(result.text(0, 1)), wanted);
  EXPECT_EQ(result.text(0, 2), "{1,-9223372036854775808}");
  EXPECT_TRUE(result.boolean(0, 3));
  EXPECT_EQ(result.integer(0, 4), 0);
}

TEST_F(Connection, UuidsArriveAsTheyAre) {
  const auto connection = open();
  const auto arrived = [&](const std::vector<std::string_view>& uuids) {
    return std::string(
        connection->run(pg::Batch().add({"cast", "SELECT $1::uuid[]"}, std::move(pg::Params().add_uuids(uuids))), pg::Commit::durable).front().text(0, 0));
  };
  EXPECT_EQ(arrived({}), "{}");
  const std::string low = "00000000-0000-0000-0000-000000000000";
  const std::string mixed = "01a2b3c4-d5e6-f789-8abc-def001020304";
  const std::string high = "ffffffff-ffff-ffff-ffff-ffffffffffff";
  EXPECT_EQ(arrived({low, mixed, high}), "{" + low + "," + mixed + "," + high + "}");
  EXPECT_EQ(arrived({"01A2B3C4-D5E6-F789-8ABC-DEF001020304"}), "{" + mixed + "}") << "as the server reads it";
  for (const auto* wrong : {"", "01a2b3c4", "01a2b3c4-d5e6-f789-8abc-def00102030g", "01a2b3c4-d5e6-f789-8abc_def001020304"})
    EXPECT_EQ(failure_of([&] { arrived({low, wrong}); }).sqlstate, "22P02") << wrong;
}

TEST_F(Connection, AStatementThatTakesTooLongIsEndedByTheServerAndTheConnectionGoesOn) {
  const auto connection = open(cluster::url(), 100ms);
  const auto failure = failure_of_sql(*connection, "SELECT pg_sleep(60)");
  EXPECT_EQ(failure.sqlstate, "57014");
  EXPECT_FALSE(failure.lost);
  EXPECT_NE(failure.hint.find("DATABASE_STATEMENT_TIMEOUT_MS"), std::string::npos);
  EXPECT_EQ(connection->run(pg::Batch().add(count), pg::Commit::durable).front().integer(0, 0), 0);
}

TEST_F(Connection, TransactionsAreReadCommittedAndSettingsEndWithThem) {
  db_->run("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'");
  const auto connection = open(cluster::url(), 12345ms);
  db_->run("ALTER ROLE postgres RESET default_transaction_isolation");
  constexpr pg::Statement show{"show",
                               "SELECT current_setting('transaction_isolation'), current_setting('statement_timeout'), current_setting('synchronous_commit')"};
  const auto durable = connection->run(pg::Batch().add(show), pg::Commit::durable);
  EXPECT_EQ(durable.front().text(0, 0), "read committed");
  EXPECT_EQ(durable.front().text(0, 1), "12345ms");
  EXPECT_EQ(durable.front().text(0, 2), "on");
  EXPECT_EQ(connection->run(pg::Batch().add(show), pg::Commit::relaxed).front().text(0, 2), "off");
  const auto after =
      connection->run(pg::Batch().add(show).add({"names", "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"}), pg::Commit::separate);
  EXPECT_EQ(after.front().text(0, 1), "0") << "a pooled session keeps nothing";
  EXPECT_EQ(after.front().text(0, 2), "on");
  EXPECT_EQ(after.back().integer(0, 0), 0);
}

TEST_F(Connection, FailuresOfRowsAreData) {
  const auto connection = open();
  const auto check = failure_of_sql(*connection, "INSERT INTO scratch (a) VALUES (-1)");
  EXPECT_EQ(check.sqlstate, "23514");
  EXPECT_TRUE(check.is_data());
  EXPECT_NE(check.detail.find("constraint scratch_positive"), std::string::npos) << check.detail;
  EXPECT_TRUE(failure_of_sql(*connection, "SELECT 'x'::int").is_data());
  EXPECT_TRUE(failure_of_sql(*connection, "SELECT 1/0").is_data());
  EXPECT_FALSE(failure_of_sql(*connection, "SELECT nosuch").is_data());
  EXPECT_FALSE(failure_of_sql(*connection, "DO $$ BEGIN RAISE serialization_failure; END $$").is_data());
}

TEST_F(Connection, WhatTheServerSaysAboutValuesIsNotRepeated) {
  const auto connection = open();
  for (const auto sql : {"SELECT 's3cret'::int", "SELECT 's3cret'::json", "SELECT \"s3cret\"", "DO $$ BEGIN RAISE EXCEPTION 's3cret'; END $$"}) {
    EXPECT_EQ(all_of(failure_of_sql(*connection, sql)).find("s3cret"), std::string::npos) << sql;
  }
}

TEST_F(Connection, ASchemaThatDoesNotFitIsAConfigError) {
  const auto connection = open();
  const auto require = [&](const std::string& changes) {
    return failure_of([&] { connection->run(pg::Batch().add(schema::sql::require, std::move(pg::Params().add(changes))), pg::Commit::durable); });
  };
  const auto behind = require(fmt::format("{},newer", fmt::join(schema::changes, ",")));
  EXPECT_EQ(behind.sqlstate, "ZA001");
  EXPECT_EQ(behind.outcome, base::Outcome::config_error);
  EXPECT_NE(behind.hint.find("sqitch deploy"), std::string::npos) << behind.hint;
  const auto diverged = require("version,another");
  EXPECT_EQ(diverged.sqlstate, "ZA002");
  EXPECT_EQ(diverged.outcome, base::Outcome::config_error);
  EXPECT_FALSE(diverged.hint.empty());

  pg::Batch head;
  EXPECT_EQ(connection->run(schema::add_check(head), pg::Commit::durable).front().text(0, 0), "at_head");
  EXPECT_EQ(connection->run(pg::Batch().add(schema::sql::require, std::move(pg::Params().add("version"))), pg::Commit::durable).front().text(0, 0), "ahead");
}

TEST_F(Connection, NothingIsDoneOnAWrongSchemaInTheSameRoundTrip) {
  const auto connection = open();
  pg::Batch batch;
  batch.add(insert, number(1)).add(schema::sql::require, std::move(pg::Params().add("another"))).add(insert, number(2));
  failure_of([&] { connection->run(std::move(batch), pg::Commit::durable); });
  EXPECT_EQ(rows(), 0);
}

TEST_F(Connection, AMissingSchemaIsAConfigErrorWithTheCommandToRun) {
  cluster::create_database("bare");
  const auto connection = open(cluster::url("bare"));
  pg::Batch batch;
  const auto failure = failure_of([&] { connection->run(schema::add_check(batch), pg::Commit::durable); });
  EXPECT_EQ(failure.outcome, base::Outcome::config_error);
  EXPECT_NE(failure.hint.find("sqitch deploy"), std::string::npos) << failure.hint;
}

TEST_F(Connection, AMissingPermissionIsAConfigErrorThatNamesTheRoles) {
  db_->run("DROP ROLE IF EXISTS nobody_special");
  db_->run("CREATE ROLE nobody_special LOGIN");
  {
    const auto connection = open(cluster::url("ops", "nobody_special"));
    const auto failure = failure_of_sql(*connection, "SELECT FROM scratch");
    EXPECT_EQ(failure.sqlstate, "42501");
    EXPECT_EQ(failure.outcome, base::Outcome::config_error);
    EXPECT_NE(failure.hint.find("_runner"), std::string::npos);
  }
  db_->run("DROP ROLE nobody_special");
}

TEST_F(Connection, EachKindOfFailedConnectionIsToldApart) {
  db_->run("DROP ROLE IF EXISTS locked");
  db_->run("CREATE ROLE locked LOGIN PASSWORD 'right'");
  struct Case {
    std::string url;
    std::string kind;
  };
  for (const auto& [url, kind] : std::vector<Case>{
           {"postgresql://locked:wr0ng-s3cret@/ops?host=" + cluster::socket_folder(), "login failed"},
           {cluster::url("ops", "locked"), "a password is needed"},
           {cluster::url("s3cret_database"), "no such database"},
           {cluster::url("ops", "s3cret_user"), "login"},
           {"postgresql://u:s3cret@/ops?host=/nonexistent/s3cret", "no socket there"},
           {"postgresql://u:s3cret@127.0.0.1:1/ops", "connection refused"},
           {"postgresql://u:s3cret@127.0.0.1:1,127.0.0.1:2/ops", "host 2 of 2: connection refused"},
       }) {
    const auto failure = failure_of([&] { open(url); });
    EXPECT_EQ(failure.outcome, base::Outcome::runtime_error) << url;
    EXPECT_TRUE(failure.lost) << url;
    EXPECT_NE(failure.detail.find(kind), std::string::npos) << url << ": " << failure.detail;
    EXPECT_FALSE(failure.hint.empty());
    for (const std::string hidden : {"s3cret", "127.0.0.1", "locked", "nonexistent"})
      EXPECT_EQ(all_of(failure).find(hidden), std::string::npos) << all_of(failure);
  }
  EXPECT_NO_THROW(open("postgresql://locked:right@/ops?host=" + cluster::socket_folder()));
  db_->run("DROP ROLE locked");
}

TEST_F(Connection, TheNextHostIsTriedWhenOneDoesNotAnswer) {
  const auto folder = cluster::socket_folder();
  const auto connection = open("postgresql://postgres@/ops?host=/nonexistent," + folder);
  EXPECT_EQ(connection->run(pg::Batch().add(count), pg::Commit::durable).front().integer(0, 0), 0);
}

TEST_F(Connection, ADatabaseThatIsReadOnlyIsNotWhatIsWanted) {
  cluster::create_database("readonly");
  db_->run("ALTER DATABASE readonly SET default_transaction_read_only = on");
  const auto failure = failure_of([&] { open(cluster::url("readonly")); });
  EXPECT_NE(failure.detail.find("read-only"), std::string::npos) << failure.detail;
  EXPECT_NO_THROW(open(cluster::url("readonly", "postgres", "&target_session_attrs=any"))) << "unless the URI says otherwise";
}

TEST_F(Connection, ABackendThatIsTerminatedIsALostConnection) {
  const auto connection = open();
  db_->run("SELECT pg_terminate_backend(" + std::to_string(connection->backend_pid()) + ", 10000)");
  const auto failure = failure_of([&] { connection->run(pg::Batch().add(count), pg::Commit::durable); });
  EXPECT_TRUE(failure.lost);
  EXPECT_EQ(failure.outcome, base::Outcome::runtime_error);
}

TEST_F(Connection, ARunningStatementThatIsCutOffIsALostConnection) {
  const auto connection = open();
  connection->start(pg::Batch().add({"lock", "LOCK TABLE scratch"}).add({"nap", "SELECT pg_sleep(60)"}), pg::Commit::durable);
  db_->run("SELECT pg_terminate_backend(" + std::to_string(connection->backend_pid()) + ", 10000)");
  const auto failure = failure_of([&] {
    while (!connection->pump()) {
      pollfd ready{connection->fd(), connection->events(), 0};
      poll(&ready, 1, 1000);
    }
  });
  EXPECT_TRUE(failure.lost);
}

TEST_F(Connection, ATransactionThatBecameReadOnlyIsALostConnection) {
  const auto connection = open();
  const auto failure = failure_of([&] {
    connection->run(pg::Batch().add({"readonly", "SET TRANSACTION READ ONLY"}).add(insert, number(1)), pg::Commit::durable);
  });
  EXPECT_EQ(failure.sqlstate, "25006");
  EXPECT_TRUE(failure.lost) << "after a failover this is the wrong host";
}

TEST_F(Connection, PlansAreKeptOnDemandAndOfWhatHasButOne) {
  constexpr pg::Statement kept{"kept", "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'echo%' OR name LIKE 'other%'"};
  constexpr pg::Statement other{"other", "SELECT $1::text || 'y'"};
  for (const bool keep : {false, true}) {
    const auto connection = pg::Connection::open({cluster::url(), "ops-test", 5s, 30s, keep});
    for (int nth = 0; nth < 4; ++nth) {
      connection->run(pg::Batch().add(echo, std::move(pg::Params().add("x"))), pg::Commit::durable);
      connection->run(pg::Batch().add(other, std::move(pg::Params().add("x"))), pg::Commit::durable);
    }
    EXPECT_EQ(connection->run(pg::Batch().add(kept), pg::Commit::durable).front().integer(0, 0), keep ? 1 : 0);
  }
}

TEST_F(Connection, WhatIsForKeptPlansIsNotForOthers) {
  constexpr const char* text = "SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan'), $1::text";
  constexpr pg::Statement show_one{"show_one", text, true};
  constexpr pg::Statement show_other{"show_other", text};
  const auto x = [] { return std::move(pg::Params().add("x")); };
  const auto connection = pg::Connection::open({cluster::url(), "ops-test", 5s, 30s, true});
  for (int nth = 0; nth < 4; ++nth) {
    const auto alone = connection->run(pg::Batch().add(show_one, x()), pg::Commit::durable);
    EXPECT_EQ(alone.front().text(0, 0), nth == 0 ? "auto" : "force_generic_plan") << "known to be direct once it has answered";
    EXPECT_EQ(alone.front().text(0, 1), nth == 0 ? "on" : "off");
    for (const auto& result : connection->run(pg::Batch().add(show_one, x()).add(show_other, x()), pg::Commit::durable)) {
      EXPECT_EQ(result.text(0, 0), "auto");
      EXPECT_EQ(result.text(0, 1), "on");
    }
  }
}

TEST_F(Connection, ABatchMayHaveAStatementAsOftenAsItLikes) {
  const auto connection = pg::Connection::open({cluster::url(), "ops-test", 5s, 30s, true});
  for (int nth = 0; nth < 3; ++nth) {
    pg::Batch batch;
    for (int n = 1; n <= 4; ++n) batch.add(insert, number(n));
    EXPECT_EQ(connection->run(std::move(batch), pg::Commit::durable).size(), 4U);
  }
  EXPECT_EQ(rows(), 12);
}

TEST_F(Connection, AFailureLeavesKeptPlansUsable) {
  const auto connection = pg::Connection::open({cluster::url(), "ops-test", 5s, 30s, true});
  for (int nth = 0; nth < 3; ++nth) {
    EXPECT_EQ(failure_of([&] { connection->run(pg::Batch().add(fail, number(0)).add(insert, number(1)), pg::Commit::durable); }).sqlstate, "22012");
    connection->run(pg::Batch().add(insert, number(1)), pg::Commit::durable);
    EXPECT_EQ(rows(), nth + 1);
  }
}

TEST_F(Connection, APlanThatTheServerHasLostIsALostConnection) {
  const auto connection = pg::Connection::open({cluster::url(), "ops-test", 5s, 30s, true});
  for (int nth = 0; nth < 3; ++nth) connection->run(pg::Batch().add(insert, number(1)), pg::Commit::durable);
  connection->run(pg::Batch().add({"forget", "DEALLOCATE ALL"}), pg::Commit::separate);
  EXPECT_TRUE(failure_of([&] { connection->run(pg::Batch().add(insert, number(1)), pg::Commit::durable); }).lost);
  EXPECT_EQ(rows(), 3);
}

TEST_F(Connection, NotificationsArriveWhileIdle) {
  const auto connection = open();
  connection->run(pg::Batch().add({"listen", "LISTEN some_channel"}), pg::Commit::separate);
  EXPECT_EQ(connection->notification(), std::nullopt);
  db_->run("SELECT pg_notify('some_channel', 'text')");
  pollfd ready{connection->fd(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, 10000), 1);
  EXPECT_TRUE(connection->listen());
  EXPECT_EQ(connection->notification(), std::pair(std::string("some_channel"), std::string("text")));
}

TEST_F(Connection, AConnectorOpensWithoutBlockingAndTellsItsFailure) {
  pg::Connector good({cluster::url(), "ops-test", 5s, 30s});
  pollfd ready{good.fd(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, 10000), 1);
  EXPECT_TRUE(good.done());
  EXPECT_EQ(good.take()->run(pg::Batch().add(count), pg::Commit::durable).front().integer(0, 0), 0);
  pg::Connector bad({"postgresql://u@/x?host=/nonexistent", "ops-test", 5s, 30s});
  ready.fd = bad.fd();
  ASSERT_EQ(poll(&ready, 1, 10000), 1);
  EXPECT_NE(failure_of([&] { bad.take(); }).detail.find("no socket there"), std::string::npos);
}

TEST_F(Connection, OnlyAConnectorWithoutAnOutcomeLetsItsThreadGo) {
  const auto before = base::has_let_go();
  {
    pg::Connector taken({cluster::url(), "ops-test", 5s, 30s});
    const pg::Connector untaken({cluster::url(), "ops-test", 5s, 30s});
    while (!taken.done() || !untaken.done()) std::this_thread::yield();
    auto moved = std::move(taken);
    EXPECT_NE(moved.take(), nullptr);
  }
  EXPECT_EQ(base::has_let_go(), before);

  // It accepts, and never says a word.
  const base::Fd silent(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(silent.get(), 1), 0);
  ASSERT_EQ(getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  { const pg::Connector hanging({"postgresql://u@127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x", "ops-test", 60s, 30s}); }
  EXPECT_TRUE(base::has_let_go());
}
