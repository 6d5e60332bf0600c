#include "outbox/runner.hpp"

#include "pg/connection.hpp"

namespace outbox {

void Runner::add_flags(std::vector<app::Flag>& flags) {
  flags.push_back({"--service", "", "Run until stopped by a signal; without it, do what is due and exit.", app::set_flag(service)});
  flags.push_back({"--max-batches", "N", "Without --service: stop after N claimed batches.", app::set_integer(max_batches, 1, 1000000000)});
  flags.push_back({"--max-seconds", "S", "Without --service: stop claiming after S seconds. Default: 60.", app::set_integer(max_seconds, 1, 86400)});
}

void Runner::bind(config::Settings& settings) {
  database.bind(settings, pg::check_url);
  database.bind_listen(settings, pg::check_url);
  settings.bind("INSTANCE", config::instance_name(instance))
      .bind("RUN_DIR", config::absolute_path(run_dir))
      .bind("LEASE_SECONDS", lease_s)
      .bind("SHUTDOWN_GRACE_MS", grace_ms);
  tenants.bind(settings);
}

void Runner::refresh_tenants(emit::Output& output) {
  if (tenants.refresh() || said_tenants_) return;
  said_tenants_ = true;
  output.log(emit::Level::warning, "TENANT_ALLOWLIST_PATH cannot be read again", "", "the list read before stays in force; repair the file");
}

void Runner::check_usage() const {
  if (!service || (max_batches == 0 && max_seconds == 0)) return;
  throw base::Error(base::Outcome::usage_error, "wrong command line", "--max-batches and --max-seconds bound a tick, --service has no end",
                    "leave out --service, or the limit");
}

EngineConfig Runner::engine_config(std::string_view name, std::string_view tool) const {
  EngineConfig e;
  e.name = name;
  e.instance = instance;
  e.run_dir = run_dir;
  e.database = {database.url, std::string(tool), base::Milliseconds(database.connect_timeout_ms), base::Milliseconds(database.statement_timeout_ms), true};
  e.listen_url = database.listen_url.empty() ? database.url : database.listen_url;
  e.service = service;
  e.max_batches = max_batches;
  e.max_time = std::chrono::seconds(max_seconds == 0 ? 60 : max_seconds);
  e.lease = std::chrono::seconds(lease_s);
  return e;
}

std::string stopped_by(const app::Stop& stop, const emit::Output& output, std::string_view fault, bool more) {
  if (stop.requested()) return std::string(stop.signal());
  if (output.lost()) return "output";
  if (!fault.empty()) return "fault";
  return more ? "limit" : "idle";
}

}  // namespace outbox
