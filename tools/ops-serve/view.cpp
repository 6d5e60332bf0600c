#include "view.hpp"

#include "ops_serve/sql.hpp"
#include "pg/within.hpp"

namespace {

using namespace std::chrono_literals;
namespace sql = ops_serve::sql;

// A load balancer asks every few seconds and gives up soon.
constexpr base::Milliseconds ready_within{2000};
constexpr base::Milliseconds view_within{5000};

pg::Options options_of(const Config& config, base::Milliseconds most) {
  return {config.database.url, "ops-serve", std::min(most, base::Milliseconds(config.database.connect_timeout_ms)),
          std::min(most, base::Milliseconds(config.database.statement_timeout_ms))};
}

std::string text(const pg::Result& result, int row, int column) { return std::string(result.text(row, column)); }

void read_page(View& view, pg::Connection& db, base::Deadline deadline) {
  const auto results = pg::run_within(db, pg::Batch().add(sql::runners).add(sql::breakers).add(sql::reasons).add(sql::history, pg::Params().add(history_hours)),
                                      pg::Commit::durable, deadline);
  const auto& runners = results.at(0);
  for (int row = 0; row < runners.rows(); ++row) {
    view.runners.push_back({text(runners, row, 0), text(runners, row, 1), text(runners, row, 2), text(runners, row, 3), runners.integer(row, 4),
                            runners.is_null(row, 5) ? std::nullopt : std::optional(runners.integer(row, 5)), runners.integer(row, 6), runners.integer(row, 7),
                            runners.integer(row, 8)});
  }
  const auto& breakers = results.at(1);
  for (int row = 0; row < breakers.rows(); ++row) {
    view.breakers.push_back(
        {text(breakers, row, 0), breakers.text(row, 1) == "open", text(breakers, row, 2), breakers.integer(row, 3), breakers.integer(row, 4)});
  }
  const auto& reasons = results.at(2);
  for (int row = 0; row < reasons.rows(); ++row) {
    view.reasons.push_back({text(reasons, row, 0), text(reasons, row, 1), reasons.integer(row, 2), reasons.integer(row, 3)});
  }
  const auto& minutes = results.at(3);
  for (int row = 0; row < minutes.rows(); ++row) {
    view.minutes.push_back({minutes.integer(row, 0), minutes.integer(row, 1), minutes.integer(row, 2), minutes.integer(row, 3), minutes.integer(row, 4),
                            minutes.integer(row, 5), minutes.integer(row, 6)});
  }
}

}  // namespace

View ViewReader::read() {
  const base::Deadline deadline(view_within);
  const bool reused = db_ != nullptr;
  auto view = attempt(deadline);
  return !view.ok && reused ? attempt(deadline) : view;
}

View ViewReader::attempt(base::Deadline deadline) {
  View view;
  try {
    if (!db_) db_ = pg::open_within(options_of(config_, view_within), deadline);
    view.snapshot = metrics::read(*db_, config_.scope);
    read_page(view, *db_, deadline);
    view.ok = true;
  } catch (const pg::Failure& failure) {
    db_.reset();
    view.error = failure.error;
  }
  return view;
}

Readiness ReadinessReader::read() {
  const base::Deadline deadline(ready_within);
  const bool reused = db_ != nullptr;
  return {attempt(deadline) || (reused && attempt(deadline))};
}

bool ReadinessReader::attempt(base::Deadline deadline) {
  try {
    if (!db_) db_ = pg::open_within(options_of(config_, ready_within), deadline);
    if (pg::run_within(*db_, pg::Batch().add(sql::ping), pg::Commit::separate, deadline).front().ok()) return true;
  } catch (const pg::Failure&) {
  }
  db_.reset();
  return false;
}
