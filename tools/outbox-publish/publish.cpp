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
  outbox::EngineConfig e;
  e.name = "publisher";
  e.instance = c.instance;
  e.run_dir = c.run_dir;
  e.database = {c.database.url, "outbox-publish", base::Milliseconds(c.database.connect_timeout_ms), base::Milliseconds(c.database.statement_timeout_ms)};
  e.listen_url = c.database.listen_url.empty() ? c.database.url : c.database.listen_url;
  e.bells = {outbox::Bells::outbox};
  for (const auto& type : c.types) {
    if (type == worker_type) e.bells.push_back(outbox::Bells::inbox);
  }
  if (!c.types.empty()) e.scope.types = c.types;
  e.scope.exclude = c.exclude_types;
  if (c.webhook()) e.scope.endpoint = c.target.endpoint;
  e.service = c.service;
  e.max_batches = c.max_batches;
  e.max_time = std::chrono::seconds(c.max_seconds == 0 ? 60 : c.max_seconds);
  e.batch_size = c.batch_size;
  e.poll_interval = base::Milliseconds(c.poll_interval_ms);
  e.probe_time = base::Milliseconds(c.timeout_ms) + std::chrono::seconds(2);
  e.lease = std::chrono::seconds(c.lease_s);
  return e;
}

std::string stopped_by(const app::Stop& stop, const emit::Output& output, const std::string& fault, bool more) {
  if (stop.requested()) return std::string(stop.signal());
  if (output.lost()) return "output";
  if (!fault.empty()) return "fault";
  return more ? "limit" : "idle";
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
  summary.stopped_by = stopped_by(stop, output, *fault, summary.more);
  return context.finish(summary, outcome);
}
