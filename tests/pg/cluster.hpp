// A PostgreSQL cluster of its own for the process, made at the first use and removed at its end.
// It listens on a Unix socket only; when this is root it runs as the user postgres (or nobody).
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "pg/query.hpp"

namespace cluster {

// A libpq URI for `database` as `user` (by default the superuser).
std::string url(std::string_view database = "ops", std::string_view user = "postgres", std::string_view more = "");
std::string socket_folder();

// Runs psql on a file of the schema: "deploy/outbox.sql".
void run_schema_file(std::string_view database, std::string_view file);
// Names of the changes, in the order of sqitch.plan.
std::vector<std::string> plan();
void deploy(std::string_view database);
void revert(std::string_view database);
std::string dump_schema(std::string_view database);
// Makes (or makes anew) an empty database.
void create_database(std::string_view name);

using Cell = std::optional<std::string>;

// What a statement came to: rows, or an SQLSTATE. Null cells are nullopt.
struct Answer {
  std::string sqlstate;
  std::string constraint;
  std::string detail;
  std::vector<std::vector<Cell>> rows;
  int affected = 0;

  [[nodiscard]] bool ok() const { return sqlstate.empty(); }
  [[nodiscard]] std::string text(std::size_t row = 0, std::size_t column = 0) const { return rows.at(row).at(column).value_or("(null)"); }
  [[nodiscard]] std::int64_t number(std::size_t row = 0, std::size_t column = 0) const { return std::stoll(rows.at(row).at(column).value_or("-1")); }
  [[nodiscard]] std::vector<std::string> column(std::size_t column) const;
};

// One session, for plain SQL and for the product's own statements.
class Session {
 public:
  explicit Session(std::string_view database = "ops", std::string_view user = "postgres");

  // Whatever comes of it.
  Answer attempt(const std::string& sql, const pg::Params& params = {}) const;
  // Fails the test when the statement does.
  Answer run(const std::string& sql, const pg::Params& params = {}) const;
  Answer run(const pg::Statement& statement, const pg::Params& params = {}) const { return run(std::string(statement.text), params); }
  Answer attempt(const pg::Statement& statement, const pg::Params& params = {}) const { return attempt(std::string(statement.text), params); }
  // The first cell.
  std::string text(const std::string& sql) const { return run(sql).text(); }
  std::int64_t number(const std::string& sql) const { return run(sql).number(); }

  // Starts a statement without waiting, and collects it later.
  void send(const std::string& sql, const pg::Params& params = {}) const;
  void send(const pg::Statement& statement, const pg::Params& params = {}) const { send(std::string(statement.text), params); }
  Answer collect() const;
  // Waits until the statement that was sent waits for a lock.
  void wait_until_blocked(const Session& observer) const;

  // Notifications that have arrived by now, as channels; a round trip to the server goes before.
  std::vector<std::string> notifications() const;
  [[nodiscard]] int pid() const { return PQbackendPID(conn_.get()); }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> conn_;
};

// A test on the deployed schema; every table is empty when it begins.
class SchemaTest : public testing::Test {
 protected:
  void SetUp() override;
  // Enqueues through the public function and returns the id.
  std::string enqueue(std::string_view type = "Order", std::string_view payload = "{}", std::string_view tenant = tenant_a) const;
  // Due so many seconds ago.
  void make_due(const std::string& id, int seconds_ago) const;
  // The lease of an event runs out.
  void expire(const std::string& id) const;

  static constexpr std::string_view tenant_a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
  static constexpr std::string_view tenant_b = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
  static constexpr std::string_view tenant_c = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";

  std::unique_ptr<Session> db_;
};

}  // namespace cluster
