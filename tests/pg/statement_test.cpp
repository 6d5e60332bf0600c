#include <gtest/gtest.h>

#include <set>
#include <span>

#include "all_sql.hpp"
#include "pg/cluster.hpp"

namespace {

std::vector<const pg::Statement*> statements() {
  std::vector<const pg::Statement*> all;
  const auto add = [&](const auto&... lists) { (all.insert(all.end(), std::begin(lists), std::end(lists)), ...); };
  add(OPS_ALL_SQL);
  return all;
}

class Statements : public cluster::SchemaTest {};

}  // namespace

TEST_F(Statements, EveryOneIsAcceptedByTheRealSchema) {
  const auto all = statements();
  EXPECT_GE(all.size(), 20U);
  for (const auto* statement : all) {
    const auto answer = db_->attempt("PREPARE one AS " + std::string(statement->text));
    EXPECT_TRUE(answer.ok()) << statement->name << ": SQLSTATE " << answer.sqlstate;
    if (answer.ok()) db_->run("DEALLOCATE one");
  }
}

TEST_F(Statements, EveryParameterIsDescribedInItsFileAndNoOther) {
  for (const auto* statement : statements()) {
    const std::string text(statement->text);
    std::string comments;
    std::string code;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) (line.starts_with("--") ? comments : code) += line + "\n";
    for (int n = 1; n < 20; ++n) {
      const auto name = "$" + std::to_string(n);
      const auto used = [&](const std::string& where) {
        for (auto at = where.find(name); at != std::string::npos; at = where.find(name, at + 1)) {
          if (at + name.size() >= where.size() || std::isdigit(static_cast<unsigned char>(where[at + name.size()])) == 0) return true;
        }
        return false;
      };
      EXPECT_EQ(used(comments), used(code)) << statement->name << " " << name;
    }
    EXPECT_TRUE(comments.starts_with("-- ")) << statement->name << " does not say what it is for";
  }
}

TEST_F(Statements, NoneNeedsAPreparedStatementOrASessionSetting) {
  for (const auto* statement : statements()) {
    const std::string text(statement->text);
    for (const auto word : {"PREPARE ", "LISTEN", "pg_advisory_lock(", "set_config(", "SET SESSION"}) {
      if (std::string_view(word) == "set_config(" && text.find("true)") != std::string::npos) continue;  // local to the transaction
      EXPECT_EQ(text.find(word), std::string::npos) << statement->name << " keeps session state: " << word;
    }
  }
}

// Roles by what they are for: a runner delivers, the operator prunes, everybody may look at the version.
TEST_F(Statements, EachIsAllowedToTheRoleThatNeedsIt) {
  const auto check = [&](std::span<const pg::Statement* const> list, const std::string& role) {
    for (const auto* statement : list) {
      db_->run("BEGIN");
      db_->run("SET LOCAL ROLE " + role);
      db_->run("PREPARE one AS " + std::string(statement->text));
      const auto count = db_->number("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'one'");
      std::string nulls;
      for (std::int64_t n = 0; n < count; ++n) nulls += n == 0 ? "(NULL" : ", NULL";
      if (count > 0) nulls += ")";
      // Touches no row, but asks for every permission.
      const auto answer = db_->attempt("EXPLAIN EXECUTE one" + nulls);
      EXPECT_TRUE(answer.ok()) << statement->name << " as " << role << ": SQLSTATE " << answer.sqlstate;
      db_->run("ROLLBACK");
      db_->run("DEALLOCATE ALL");
    }
  };
  check(outbox::sql::all, "zero_admin_runner");
  check(outbox_prune::sql::all, "zero_admin_operator");
  check(dlq_replay::sql::all, "zero_admin_operator");
  check(ops_serve::sql::all, "zero_admin_watcher");
  for (const auto* role : {"zero_admin_application", "zero_admin_runner", "zero_admin_watcher", "zero_admin_operator"}) check(health_probe::sql::all, role);
  for (const auto* role : {"zero_admin_runner", "zero_admin_watcher", "zero_admin_operator"}) {
    check(metrics::sql::all, role);
    check(heartbeat_watch::sql::all, role);
  }
  for (const auto* role : {"zero_admin_application", "zero_admin_runner", "zero_admin_operator"}) check(outbox_add::sql::all, role);
  for (const auto* role : {"zero_admin_application", "zero_admin_runner", "zero_admin_operator", "zero_admin_watcher"}) check(schema::sql::all, role);
}
