// The settings and flags of outbox-prune.
#pragma once

#include <cstdint>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "pg/connection.hpp"

struct Config {
  config::Database database;
  std::int64_t done_days = 0;
  std::int64_t dead_letter_days = 0;
  std::int64_t audit_days = 0;

  std::int64_t batch = 1000;
  std::int64_t max_seconds = 600;
  bool dry_run = false;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {
      {"--dry-run", "", "Count what would be removed, and remove nothing.", app::set_flag(c.dry_run)},
      {"--batch", "N", "Rows removed in one transaction. Default: 1000.", app::set_integer(c.batch, 1, 100000)},
      {"--max-seconds", "S", "Stop after S seconds; the next run goes on. Default: 600.", app::set_integer(c.max_seconds, 1, 86400)},
  };
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  s.bind("OUTBOX_RETENTION_DAYS", c.done_days).bind("DLQ_RETENTION_DAYS", c.dead_letter_days).bind("AUDIT_RETENTION_DAYS", c.audit_days);
  return s;
}
