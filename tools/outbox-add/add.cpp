#include "add.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "base/lines.hpp"
#include "events.hpp"
#include "item.hpp"
#include "outbox_add/sql.hpp"
#include "schema/check.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t chunk_lines = 1000;
constexpr std::size_t chunk_bytes = 4'194'304;
constexpr std::size_t envelope_bytes = 65536;  // what may stand around a payload
constexpr auto patience = 50ms;                // a slow writer's lines are not kept waiting for more

class Adder {
 public:
  Adder(const Config& config, app::Context& context) : config_(config), output_(context.output) {}

  void take(Item item) {
    bytes_ += item.payload.size();
    chunk_.push_back(std::move(item));
    if (chunk_.size() >= chunk_lines || bytes_ >= chunk_bytes) flush();
  }

  void flush() {
    if (chunk_.empty()) return;
    try {
      store(chunk_);
    } catch (const pg::Failure& failure) {
      if (!failure.is_data()) throw;
      one_by_one();
    }
    chunk_.clear();
    bytes_ = 0;
  }

  void refuse(std::int64_t line, std::string_view why) {
    ++summary.refused;
    output_.log(emit::Level::error, fmt::format("line {} is refused", line), why, "correct it and add it again; the other lines are kept");
  }

  Summary summary;

 private:
  // The database refused something in the chunk: each line by itself finds out which.
  void one_by_one() {
    for (auto& item : chunk_) {
      const auto line = item.line;
      std::vector<Item> single;
      single.push_back(std::move(item));
      try {
        store(single);
      } catch (const pg::Failure& failure) {
        if (!failure.is_data()) throw;
        refuse(line, fmt::format("the database refuses it: {}", failure.detail));
      }
    }
  }

  void store(const std::vector<Item>& items) {
    std::vector<std::string> tenants;
    std::vector<std::string> types;
    std::vector<std::string> payloads;
    std::vector<std::string> keys;
    std::vector<std::string> versions;
    std::vector<std::optional<std::string>> traces;
    for (const auto& item : items) {
      tenants.push_back(item.tenant);
      types.push_back(item.event_type);
      payloads.push_back(item.payload);
      keys.push_back(item.key);
      versions.push_back(item.schema_version);
      traces.push_back(item.trace_id);
    }
    pg::Batch batch;
    const bool first = db_ == nullptr;
    if (first) {
      db_ = pg::Connection::open({config_.database.url, "outbox-add", base::Milliseconds(config_.database.connect_timeout_ms),
                                  base::Milliseconds(config_.database.statement_timeout_ms)});
      schema::add_check(batch);
    }
    batch.add(outbox_add::sql::limit, pg::Params().add(config_.max_payload_bytes));
    batch.add(outbox_add::sql::enqueue,
              pg::Params().add_array(tenants).add_array(types).add_array(payloads).add_array(keys).add_array(versions).add_array(traces));
    const auto results = db_->run(std::move(batch), pg::Commit::durable);
    if (first && schema::is_ahead(results.front())) output_.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
    const auto& result = results.back();
    for (int row = 0; row < result.rows(); ++row) {
      const bool duplicate = result.boolean(row, 2);
      ++(duplicate ? summary.duplicates : summary.enqueued);
      output_.event(Enqueued{std::string(result.text(row, 1)), duplicate, items.at(static_cast<std::size_t>(result.integer(row, 0) - 1)).line});
    }
  }

  const Config& config_;
  emit::Output& output_;
  std::unique_ptr<pg::Connection> db_;
  std::vector<Item> chunk_;
  std::size_t bytes_ = 0;
};

}  // namespace

base::Outcome add(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  Adder adder(config, context);
  base::Lines lines(STDIN_FILENO, static_cast<std::size_t>(config.max_payload_bytes) + envelope_bytes);
  auto& summary = adder.summary;
  std::string line;
  for (auto got = base::Lines::Got::nothing_yet; got != base::Lines::Got::end && !stop.requested() && !output.lost();) {
    got = lines.next(line, patience, stop.fd());
    if (got == base::Lines::Got::nothing_yet) adder.flush();
    if (got == base::Lines::Got::too_long) adder.refuse(lines.number(), "it is longer than OUTBOX_MAX_PAYLOAD_BYTES allows");
    if (got != base::Lines::Got::line) continue;
    auto read = read_item(line, lines.number(), config, fmt::format("{}:{}", output.run_id(), lines.number()));
    if (auto* item = std::get_if<Item>(&read)) {
      adder.take(std::move(*item));
    } else if (const auto* refused = std::get_if<Refuse>(&read)) {
      adder.refuse(lines.number(), refused->why);
    } else {
      ++summary.skipped;
    }
  }
  if (!output.lost()) adder.flush();
  summary.lines = lines.number();
  summary.stopped_by = stop.requested() ? std::string(stop.signal()) : output.lost() ? "output" : "end";
  auto outcome = summary.refused > 0 ? base::Outcome::runtime_error : base::Outcome::ok;
  if (output.failed()) outcome = base::Outcome::output_error;
  return context.finish(summary, outcome);
}
