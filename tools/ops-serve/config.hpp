// The settings and flags of ops-serve.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "listen.hpp"
#include "metrics/snapshot.hpp"
#include "pg/connection.hpp"

struct Config {
  config::Database database;
  metrics::Scope scope;
  std::vector<std::string> admin_tokens;
  Address listen;

  std::int64_t max_seconds = 0;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {{"--max-seconds", "S", "Stop after S seconds. Default: run until a signal.", app::set_integer(c.max_seconds, 1, 86400)}};
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  metrics::bind(s, c.scope);
  s.bind("ADMIN_TOKENS", config::csv(c.admin_tokens)).bind("OPS_LISTEN", [&c](std::string_view value) { return parse_address(value, c.listen); });
  return s;
}
