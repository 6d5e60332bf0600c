#include "prune.hpp"

#include <array>

#include "events.hpp"
#include "outbox_prune/sql.hpp"
#include "schema/check.hpp"

namespace {

namespace sql = outbox_prune::sql;

struct Kind {
  std::string_view name;
  std::int64_t days;
  pg::Statement count;
  pg::Statement remove;
};

}  // namespace

base::Outcome prune(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  const base::Deadline deadline{std::chrono::seconds(config.max_seconds)};
  const auto db = pg::Connection::open(
      {config.database.url, "outbox-prune", base::Milliseconds(config.database.connect_timeout_ms), base::Milliseconds(config.database.statement_timeout_ms)});
  pg::Batch check;
  if (schema::is_ahead(db->run(schema::add_check(check), pg::Commit::durable).front())) output.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);

  const std::array kinds{
      Kind{"events", config.done_days, sql::count_done, sql::prune_done},
      Kind{"dead_letters", config.dead_letter_days, sql::count_dead_letters, sql::prune_dead_letters},
      Kind{"audit", config.audit_days, sql::count_audit, sql::prune_audit},
  };
  Summary summary;
  summary.stopped_by = "end";
  const auto interrupted = [&] { return stop.requested() || deadline.over() || output.lost(); };
  for (const auto& kind : kinds) {
    std::int64_t rows = 0;
    if (config.dry_run) {
      rows = db->run(pg::Batch().add(kind.count, pg::Params().add(kind.days)), pg::Commit::durable).front().integer(0, 0);
    } else {
      for (std::int64_t removed = config.batch; removed == config.batch && !interrupted(); rows += removed) {
        // Losing one of these to a crash only means removing the rows again, so no commit waits for the disk.
        removed = db->run(pg::Batch().add(kind.remove, pg::Params().add(kind.days).add(config.batch)), pg::Commit::relaxed).front().integer(0, 0);
        ++summary.batches;
        summary.more = removed == config.batch;
      }
    }
    summary.rows += rows;
    output.event(Pruned{kind.name, rows, kind.days, config.dry_run});
    if (interrupted()) break;
  }
  if (!config.dry_run && !interrupted()) db->run(pg::Batch().add(sql::fold_runners).add(sql::prune_history), pg::Commit::durable);
  if (stop.requested()) {
    summary.stopped_by = stop.signal();
  } else if (output.lost()) {
    summary.stopped_by = "output";
  } else if (deadline.over()) {
    summary.stopped_by = "limit";
  }
  return context.finish(summary, output.failed() ? base::Outcome::output_error : base::Outcome::ok);
}
