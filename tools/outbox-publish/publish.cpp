#include "publish.hpp"

#include <memory>

#include "events.hpp"
#include "fault.hpp"
#include "outbox/engine.hpp"
#include "stream.hpp"
#include "webhook.hpp"

namespace {

constexpr std::string_view worker_type = "InboxItemValidated";

outbox::EngineConfig engine_config(const Config& c) {
  auto e = c.engine_config("publisher", "outbox-publish");
  e.bells = {outbox::Bells::outbox};
  for (const auto& type : c.types) {
    if (type == worker_type) e.bells.push_back(outbox::Bells::inbox);
  }
  if (!c.types.empty()) e.scope.types = c.types;
  e.scope.exclude = c.exclude_types;
  if (c.webhook()) e.scope.endpoint = c.target.endpoint;
  e.batch_size = c.batch_size;
  e.poll_interval = base::Milliseconds(c.poll_interval_ms);
  e.probe_time = base::Milliseconds(c.timeout_ms) + std::chrono::seconds(2);
  return e;
}

}  // namespace

base::Outcome publish(Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  // Unless it is named, the worker's type is not ours.
  if (config.types.empty()) config.exclude_types.emplace_back(worker_type);
  output.give_up_when([&stop] { return stop.grace_over(); });

  const auto began = base::Boottime::now();
  std::unique_ptr<Delivery> delivery;
  const std::string* fault = nullptr;
  static const std::string none;
  if (config.webhook()) {
    auto webhook = std::make_unique<Webhook>(config, output);
    fault = &webhook->fault();
    delivery = std::move(webhook);
  } else {
    fault = &none;
    delivery = std::make_unique<Stream>(config, output);
  }
  outbox::Engine engine(engine_config(config), *delivery, stop, output);
  delivery->attach(engine);
  Counts before;
  engine.on_pass([&](const outbox::PassReport& pass) {
    const auto now = delivery->counts();
    output.event(Pass{pass.tally.claimed, now.sent - before.sent, now.retried - before.retried, now.dead - before.dead,
                      pass.tally.released + now.given_back - before.given_back, pass.tally.stale, pass.backlog, pass.took.count()});
    before = now;
  });
  engine.run();

  const auto& counts = delivery->counts();
  const auto& tally = engine.tally();
  auto outcome = base::Outcome::ok;
  if (!fault->empty() && !stop.requested()) {
    output.error(own_fault(*fault, config.target.label));
    outcome = base::Outcome::runtime_error;
  }
  if (output.failed()) outcome = base::Outcome::output_error;
  Summary summary;
  summary.claimed = tally.claimed;
  summary.sent = counts.sent;
  summary.retried = counts.retried;
  summary.dead = counts.dead;
  summary.released = tally.released + counts.given_back;
  summary.stale = tally.stale;
  summary.batches = tally.batches;
  summary.duration_ms = std::chrono::round<base::Milliseconds>(base::Boottime::now() - began).count();
  summary.more = engine.more();
  summary.stopped_by = outbox::stopped_by(stop, output, *fault, summary.more);
  return context.finish(summary, outcome);
}
