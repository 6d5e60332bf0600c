#include "database.hpp"

#include <algorithm>

#include "health_probe/sql.hpp"
#include "pg/within.hpp"
#include "schema/changes.hpp"

namespace {

namespace sql = health_probe::sql;

std::unique_ptr<pg::Connection> connect(const Config& config, base::Deadline deadline) {
  const auto at_most = [&](std::int64_t ms) { return std::min(deadline.left(), base::Milliseconds(ms)); };
  return pg::open_within({config.database.url, "health-probe", at_most(config.database.connect_timeout_ms), at_most(config.database.statement_timeout_ms)},
                         deadline);
}

// Outside of a transaction: one that writes cannot begin on a standby.
pg::Result ask(pg::Connection& db, const pg::Statement& statement, base::Deadline deadline) {
  auto results = pg::run_within(db, pg::Batch().add(statement), pg::Commit::separate, deadline);
  if (!results.front().ok()) throw pg::failure_of(results.front().get(), statement.name);
  return std::move(results.front());
}

Finding judge_failure(const std::string& probe, const pg::Failure& failure) {
  if (!failure.reason.empty()) return found(probe, base::Outcome::critical, failure.reason);
  if (failure.sqlstate == "3F000" || failure.sqlstate == "42P01" || failure.sqlstate == "42883") return found(probe, base::Outcome::critical, "missing");
  if (failure.sqlstate == "42501") return found(probe, base::Outcome::unknown, "not_allowed");
  if (failure.sqlstate == "57014") return found(probe, base::Outcome::critical, "timeout");
  return found(probe, base::Outcome::critical, failure.sqlstate.empty() ? "closed" : "sqlstate_" + failure.sqlstate);
}

// Turns whatever goes wrong between us and the database into a finding.
template <class Body>
Finding guarded(const std::string& probe, Body body) {
  try {
    return body();
  } catch (const pg::Failure& failure) {
    auto finding = judge_failure(probe, failure);
    if (finding.line.reason != "timeout") finding.line.hint = failure.hint;
    return finding;
  }
}

Finding judge_own(pg::Connection& db, base::Deadline deadline) {
  const auto rows = ask(db, sql::changes, deadline);
  std::vector<std::string> deployed;
  deployed.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) deployed.emplace_back(rows.text(row, 0));
  return judge_changes(deployed, {schema::changes.begin(), schema::changes.end()});
}

Finding judge_app(const Config& config, pg::Connection& db, base::Deadline deadline) {
  const auto rows = ask(db, sql::app_heads, deadline);
  return judge_app_heads(rows.is_null(0, 0) ? std::nullopt : std::optional<std::string>(rows.text(0, 0)), config.app_heads);
}

}  // namespace

Finding probe_database(const Config& config, base::Deadline deadline) {
  return guarded("db", [&] {
    const auto db = connect(config, deadline);
    const bool read_only = ask(*db, sql::writable, deadline).boolean(0, 0);
    auto finding = read_only ? found("db", base::Outcome::critical, "read_only") : found("db", base::Outcome::ok, "writable");
    finding.line.read_only = read_only;
    return finding;
  });
}

std::vector<Finding> probe_schema(const Config& config, base::Deadline deadline) {
  std::unique_ptr<pg::Connection> db;
  std::vector<Finding> findings{guarded("schema", [&] {
    db = connect(config, deadline);
    return judge_own(*db, deadline);
  })};
  if (config.app_heads.empty()) return findings;
  if (!db) {
    findings.push_back(findings.front());
    findings.back().line.probe = "app_schema";
    return findings;
  }
  findings.push_back(guarded("app_schema", [&] { return judge_app(config, *db, deadline); }));
  return findings;
}

Finding judge_changes(const std::vector<std::string>& deployed, const std::vector<std::string>& expected) {
  const auto [left, right] = std::ranges::mismatch(deployed, expected);
  auto finding = left != deployed.end() && right != expected.end() ? found("schema", base::Outcome::critical, "diverged")
                 : right != expected.end()                         ? found("schema", base::Outcome::critical, "behind")
                 : left != deployed.end()                          ? found("schema", base::Outcome::warning, "ahead")
                                                                   : found("schema", base::Outcome::ok, "at_head");
  if (!deployed.empty()) finding.line.version = deployed.back();
  return finding;
}

Finding judge_app_heads(const std::optional<std::string>& heads, std::vector<std::string> expected) {
  if (!heads) return found("app_schema", base::Outcome::critical, "missing");
  constexpr std::string_view open = "<version_num>";
  std::vector<std::string> deployed;
  for (auto at = heads->find(open); at != std::string::npos; at = heads->find(open, at)) {
    at += open.size();
    deployed.push_back(heads->substr(at, heads->find('<', at) - at));
  }
  std::ranges::sort(expected);
  std::ranges::sort(deployed);
  auto finding = deployed.empty()       ? found("app_schema", base::Outcome::critical, "empty")
                 : deployed == expected ? found("app_schema", base::Outcome::ok, "at_head")
                                        : found("app_schema", base::Outcome::critical, "not_at_head");
  if (!deployed.empty()) finding.line.version = deployed.front();
  return finding;
}
