// The settings and flags of health-probe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "http/target.hpp"
#include "pg/connection.hpp"

enum class Mode { live, ready, db, schema, webhook, secrets, all };

struct Config {
  config::Database database;
  std::optional<http::Target> webhook;
  std::vector<std::string> webhook_domains;
  std::string webhook_ca_file;
  bool webhook_allow_private = false;

  std::vector<std::string> arguments;
  Mode mode = Mode::all;
  std::optional<http::Target> ready;
  std::string ca_file;
  std::vector<std::string> app_heads;
  base::Milliseconds timeout{5000};
  std::int64_t warn_days = 21;
};

std::vector<app::Flag> flags(Config& c);
config::Settings settings(Config& c);

// Takes mode and URL from the command line. Throws base::Error.
void check_call(Config& c);
