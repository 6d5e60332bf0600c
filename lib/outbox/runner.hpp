// What outbox-publish and inbox-work have in common on the command line and in the environment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "outbox/engine.hpp"
#include "outbox/tenants.hpp"

namespace outbox {

struct Runner {
  config::Database database;
  Tenants tenants;
  std::string instance;
  std::string run_dir;
  std::int64_t lease_s = 0;
  std::int64_t grace_ms = 0;

  bool service = false;
  std::int64_t max_batches = 0;
  std::int64_t max_seconds = 0;  // 0: not given

  void add_flags(std::vector<app::Flag>& flags);
  void bind(config::Settings& settings);
  // Reads the list of tenants again if it changed; that it cannot be read is said once.
  void refresh_tenants(emit::Output& output);
  // A limit has no meaning for a service. Throws base::Error.
  void check_usage() const;
  // Of a runner with this heartbeat name, for the tool of that name.
  [[nodiscard]] EngineConfig engine_config(std::string_view name, std::string_view tool) const;

 private:
  bool said_tenants_ = false;
};

// For the summary: why the run ended. `fault` is the tool's own, empty for none.
std::string stopped_by(const app::Stop& stop, const emit::Output& output, std::string_view fault, bool more);

}  // namespace outbox
