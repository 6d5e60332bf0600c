// The settings and flags of heartbeat-watch.
#pragma once

#include <string>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "pg/connection.hpp"
#include "watch/session.hpp"

struct Target {
  std::string name;
  std::string path;
};

struct Config {
  config::Database database;
  watch::Config watch;
  std::string run_dir;

  std::vector<Target> targets;  // of --target
  bool fleet = false;
  bool follow = false;
  base::Milliseconds max_age{std::chrono::minutes(10)};
  base::Milliseconds forget{std::chrono::days(7)};

  // Those of --target, else publisher and worker of this host and instance.
  [[nodiscard]] std::vector<Target> watched() const;
  [[nodiscard]] std::string path_of(std::string_view name) const;
};

std::vector<app::Flag> flags(Config& config);
config::Settings settings(Config& config);
