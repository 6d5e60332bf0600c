#include "selection.hpp"

#include <algorithm>

#include "dlq_replay/sql.hpp"
#include "schema/check.hpp"

namespace {

constexpr std::int64_t page_size = 500;

void add_list(pg::Params& params, const std::vector<std::string>& items, bool given) {
  if (given) {
    params.add_array(items);
  } else {
    params.add_null();
  }
}

void add_age(pg::Params& params, const std::optional<base::Milliseconds>& age) {
  if (age) {
    params.add(age->count());
  } else {
    params.add_null();
  }
}

}  // namespace

std::unique_ptr<pg::Connection> open_database(const Config& config, app::Context& context) {
  auto db = pg::Connection::open(
      {config.database.url, "dlq-replay", base::Milliseconds(config.database.connect_timeout_ms), base::Milliseconds(config.database.statement_timeout_ms)});
  pg::Batch check;
  if (schema::is_ahead(db->run(schema::add_check(check), pg::Commit::durable).front())) {
    context.output.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
  }
  return db;
}

Item read_item(const pg::Result& result, int row) {
  const auto text = [&](int column) { return std::string(result.text(row, column)); };
  return {text(0), text(1), text(2), text(3), text(4), result.integer(row, 5), result.integer(row, 6), text(7)};
}

bool doable(Action action, std::string_view found) { return found == "open" || (action == Action::discard && found != "resolved"); }

void count(Summary& summary, std::string_view outcome) {
  if (outcome == "replayed") ++summary.replayed;
  if (outcome == "discarded") ++summary.discarded;
  if (outcome == "guarded") ++summary.guarded;
  if (outcome == "conflict") ++summary.conflict;
  if (outcome == "resolved") ++summary.resolved;
  if (outcome == "error") ++summary.errors;
}

void each_selected(const Config& config, pg::Connection& db, Summary& summary, const std::function<bool(Item)>& visit) {
  std::optional<std::string> last_failed_at;
  std::optional<std::string> last_id;
  for (auto left = config.most();;) {
    const auto most = std::min(left, page_size);
    pg::Params params;
    params.add_optional(config.tenant);
    add_list(params, config.ids, config.names_letters());
    add_list(params, config.types, !config.types.empty());
    add_list(params, config.reasons, !config.reasons.empty());
    add_age(params, config.older_than);
    add_age(params, config.newer_than);
    params.add_optional(last_failed_at).add_optional(last_id).add(config.max_replays).add(most + 1);
    const auto results = db.run(pg::Batch().add(dlq_replay::sql::select, std::move(params)), pg::Commit::durable);
    const auto& page = results.front();
    for (int row = 0; row < page.rows() && row < most; ++row) {
      last_failed_at = page.text(row, 8);
      last_id = page.text(row, 0);
      auto item = read_item(page, row);
      ++summary.selected;
      if (doable(config.action, item.outcome)) {
        ++summary.expect;
      } else {
        count(summary, item.outcome);
      }
      if (!visit(std::move(item))) return;
    }
    left -= most;
    summary.more = left == 0 && page.rows() > most;
    if (left == 0 || page.rows() <= most) break;
  }
  if (config.names_letters() && !summary.more) summary.not_found = static_cast<std::int64_t>(config.ids.size()) - summary.selected;
}
