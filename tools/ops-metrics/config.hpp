// The settings and flags of ops-metrics.
#pragma once

#include <string>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "metrics/snapshot.hpp"
#include "pg/connection.hpp"

struct Config {
  config::Database database;
  metrics::Scope scope;

  std::string format = "auto";
  std::string output;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {
      {"--format", "FORMAT", "Output format: json (or jsonl), prometheus, text, or auto (text on a terminal, else json). Default: auto.",
       config::one_of(c.format, {"auto", "json", "jsonl", "prometheus", "text"})},
      {"--output", "FILE", "Replace FILE by it, atomically and with mode 0644, instead of printing it; for the textfile collector of node_exporter.",
       app::set_text(c.output)},
  };
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  metrics::bind(s, c.scope);
  return s;
}
