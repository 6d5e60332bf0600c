#include "replay.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>

#include "actor.hpp"
#include "dlq_replay/sql.hpp"
#include "events.hpp"
#include "pace.hpp"
#include "selection.hpp"
#include "tell.hpp"

namespace {

namespace sql = dlq_replay::sql;
using nlohmann::ordered_json;

// Moved ahead by every item, so it only has to outlive the longest pause between two; a killed run blocks others for that long.
constexpr std::int64_t lease_s = 60;

std::string filter_of(const Config& config) {
  ordered_json filter;
  filter["tenant"] = config.tenant ? ordered_json(*config.tenant) : ordered_json(nullptr);
  if (config.names_letters()) filter["ids"] = config.ids.size();
  if (!config.types.empty()) filter["types"] = config.types;
  if (!config.reasons.empty()) filter["reasons"] = config.reasons;
  if (config.older_than) filter["older_than_ms"] = config.older_than->count();
  if (config.newer_than) filter["newer_than_ms"] = config.newer_than->count();
  filter["limit"] = config.most();
  filter["max_replays"] = config.max_replays;
  return filter.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string counts_of(const Summary& summary) {
  return ordered_json{{"selected", summary.selected}, {"expect", summary.expect},     {"replayed", summary.replayed}, {"discarded", summary.discarded},
                      {"guarded", summary.guarded},   {"conflict", summary.conflict}, {"resolved", summary.resolved}, {"errors", summary.errors}}
      .dump();
}

// A run that changes something: holds the lease from before its selection to its end.
class Run {
 public:
  Run(const Config& config, app::Stop& stop, app::Context& context)
      : config_(config), stop_(stop), output_(context.output), actor_(authorize(config)), db_(open_database(config, context)), pace_(config.rate) {
    summary_.action = name_of(config.action);
    summary_.dry_run = false;
  }

  base::Outcome perform() {
    acquire();
    const auto ids = plan();
    if (summary_.expect != *config_.expect) {
      db_->run(pg::Batch().add(sql::release, pg::Params().add(output_.run_id())), pg::Commit::durable);
      throw base::Error(base::Outcome::runtime_error, "nothing was done: another number than expected",
                        fmt::format("expected {}, found {}", *config_.expect, summary_.expect), "look at a dry run again, and give its number to --expect");
    }
    begin();
    std::size_t tried = 0;
    for (; tried < ids.size() && wait_for_turn(); ++tried) process(ids[tried]);
    summary_.partial = tried < ids.size();
    end();
    return outcome();
  }

  Summary& summary() { return summary_; }

 private:
  void acquire() {
    const auto& run_id = output_.run_id();
    const auto taken = db_->run(pg::Batch().add(sql::acquire, pg::Params().add(run_id).add(actor_.host).add(lease_s)).add(sql::holder), pg::Commit::durable);
    if (taken[0].rows() > 0) return;
    const auto& holder = taken[1];
    throw base::Error(base::Outcome::runtime_error, "another replay is active",
                      holder.rows() == 0 ? std::string("it has just ended")
                                         : fmt::format("run {} on {}, lease until {}", holder.text(0, 0), holder.text(0, 1), holder.text(0, 2)),
                      fmt::format("wait for its end and run this again; a run that was killed blocks for {} seconds at most", lease_s));
  }

  // What can be done, counted and fixed before anything is: what dies meanwhile is left to the next run.
  std::vector<std::string> plan() {
    std::vector<std::string> ids;
    each_selected(config_, *db_, summary_, [&](const Item& item) {
      if (doable(config_.action, item.outcome)) ids.push_back(item.id);
      return true;
    });
    return ids;
  }

  void begin() {
    pg::Params run;
    run.add(output_.run_id()).add(actor_.hash).add(actor_.key_id).add(actor_.host).add(actor_.user).add(actor_.uid);
    run.add(name_of(config_.action)).add(config_.cause).add(filter_of(config_)).add(counts_of(summary_));
    db_->run(pg::Batch().add(sql::begin_run, std::move(run)), pg::Commit::durable);
  }

  bool wait_for_turn() {
    const auto pause = std::chrono::ceil<base::Milliseconds>(pace_.next(base::Boottime::now()));
    pollfd stopped{stop_.fd(), POLLIN, 0};
    poll(&stopped, 1, static_cast<int>(pause.count()));
    return !stop_.requested() && !output_.lost();
  }

  void process(const std::string& id) {
    pg::Params params;
    params.add(output_.run_id()).add(id);
    if (config_.action == Action::replay) params.add(config_.max_replays);
    params.add(lease_s);
    Item item;
    try {
      const auto results = db_->run(pg::Batch().add(config_.action == Action::replay ? sql::replay : sql::discard, std::move(params)), pg::Commit::durable);
      if (results.front().rows() == 0) {
        throw base::Error(base::Outcome::runtime_error, "the run has lost its lease", "it was paused for longer than the lease, and another run began",
                          "what was printed is done; run this again for the rest");
      }
      item = read_item(results.front(), 0);
    } catch (const pg::Failure& failure) {
      if (!failure.is_data()) throw;
      output_.log(emit::Level::error, fmt::format("dead letter {} is left as it was", id), failure.detail, failure.hint);
      item.id = id;
      item.outcome = "error";
    }
    count(summary_, item.outcome);
    tell(item, output_);
  }

  void end() {
    const auto done = summary_.partial ? "partial" : "done";
    db_->run(pg::Batch()
                 .add(sql::end_run, pg::Params().add(output_.run_id()).add(done).add(counts_of(summary_)))
                 .add(sql::release, pg::Params().add(output_.run_id())),
             pg::Commit::durable);
    tell_end(config_, summary_, stop_, output_);
  }

  [[nodiscard]] base::Outcome outcome() const {
    if (output_.failed()) return base::Outcome::output_error;
    if (summary_.errors > 0) return base::Outcome::runtime_error;
    const bool all = summary_.replayed + summary_.discarded == summary_.expect;
    return all || summary_.partial ? base::Outcome::ok : base::Outcome::warning;
  }

  const Config& config_;
  app::Stop& stop_;
  emit::Output& output_;
  Actor actor_;
  std::unique_ptr<pg::Connection> db_;
  Pace pace_;
  Summary summary_;
};

}  // namespace

base::Outcome replay(const Config& config, app::Stop& stop, app::Context& context) {
  context.output.give_up_when([&stop] { return stop.requested(); });
  Run run(config, stop, context);
  const auto outcome = run.perform();
  return context.finish(run.summary(), outcome);
}
