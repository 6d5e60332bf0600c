#include "fleet.hpp"

#include <fmt/format.h>

#include "heartbeat_watch/sql.hpp"
#include "schema/check.hpp"

namespace {

constexpr std::string_view fleet = "fleet";

Assessment from_row(const pg::Result& rows, int row, base::Milliseconds max_age) {
  Assessment a;
  a.target = fmt::format("{}@{}{}{}", rows.text(row, 0), rows.text(row, 1), rows.text(row, 2).empty() ? "" : "/", rows.text(row, 2));
  a.age = base::Milliseconds(rows.integer(row, 4));
  if (!rows.is_null(row, 5)) a.success_age = base::Milliseconds(rows.integer(row, 5));
  a.backlog = rows.integer(row, 6);
  judge_ages(a, rows.boolean(row, 3), max_age);
  return a;
}

pg::Result query(const Config& config, app::Context& context) {
  const auto db = pg::Connection::open({config.database.url, "heartbeat-watch", base::Milliseconds(config.database.connect_timeout_ms),
                                        base::Milliseconds(config.database.statement_timeout_ms)});
  pg::Batch batch;
  schema::add_check(batch).add(heartbeat_watch::sql::fleet, pg::Params().add(config.forget.count()));
  auto results = db->run(std::move(batch), pg::Commit::durable);
  if (schema::is_ahead(results.front())) context.output.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
  return std::move(results.back());
}

}  // namespace

std::vector<Assessment> assess_fleet(const Config& config, app::Context& context, const watch::State& state) {
  std::vector<Assessment> all{Assessment{}};
  all.front().target = fleet;
  const auto unknown = [](Assessment& a, std::string_view reason) {
    a.finding = watch::Finding::undetermined;
    a.reason = reason;
  };
  try {
    const auto rows = query(config, context);
    for (int row = 0; row < rows.rows(); ++row) all.push_back(from_row(rows, row, config.max_age));
    if (rows.rows() == 0) unknown(all.front(), "no_rows");
  } catch (const pg::Failure& failure) {
    if (failure.outcome == base::Outcome::config_error) throw;
    context.output.error(failure);
    unknown(all.front(), "database");
    for (const auto& [target, memory] : state.memories) {
      if (target == fleet) continue;
      auto& a = all.emplace_back();
      a.target = target;
      unknown(a, "database");
    }
  }
  return all;
}
