#include "work.hpp"

#include "events.hpp"
#include "outbox/engine.hpp"
#include "reading.hpp"

namespace {

outbox::EngineConfig engine_config(const Config& config) {
  auto e = config.engine_config("worker", "inbox-work");
  e.bells = {outbox::Bells::inbox};
  e.scope.types = {"InboxItemValidated"};
  e.batch_size = config.batch_size;
  e.poll_interval = base::Milliseconds(config.poll_interval_ms);
  return e;
}

}  // namespace

base::Outcome work(Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.grace_over(); });
  const auto began = base::Boottime::now();
  Reading reading(config, output);
  outbox::Engine engine(engine_config(config), reading, stop, output);
  reading.attach(engine);
  Counts before;
  engine.on_pass([&](const outbox::PassReport& pass) {
    const auto now = reading.counts();
    output.event(Pass{pass.tally.claimed, now.parsed - before.parsed, now.errors - before.errors, now.retried - before.retried, now.dead - before.dead,
                      pass.tally.released, pass.tally.stale, pass.backlog, pass.took.count()});
    before = now;
  });
  engine.run();

  const auto& counts = reading.counts();
  const auto& tally = engine.tally();
  auto outcome = base::Outcome::ok;
  if (!reading.fault().empty() && !stop.requested()) {
    output.error(reading.fault_error());
    outcome = base::Outcome::runtime_error;
  }
  if (output.failed()) outcome = base::Outcome::output_error;
  Summary summary;
  summary.claimed = tally.claimed;
  summary.parsed = counts.parsed;
  summary.errors = counts.errors;
  summary.retried = counts.retried;
  summary.dead = counts.dead;
  summary.released = tally.released;
  summary.stale = tally.stale;
  summary.batches = tally.batches;
  summary.duration_ms = std::chrono::round<base::Milliseconds>(base::Boottime::now() - began).count();
  summary.more = engine.more();
  summary.stopped_by = outbox::stopped_by(stop, output, reading.fault(), summary.more);
  return context.finish(summary, outcome);
}
