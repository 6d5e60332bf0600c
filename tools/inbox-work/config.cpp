#include "config.hpp"

#include <unistd.h>

#include "storage/settings.hpp"

namespace {

std::int64_t cores() {
  const auto count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count;
}

}  // namespace

std::vector<app::Flag> flags(Config& config) {
  std::vector<app::Flag> flags;
  config.add_flags(flags);
  return flags;
}

config::Settings settings(Config& c) {
  config::Settings s;
  c.bind(s);
  s.bind("WORKER_BATCH_SIZE", c.batch_size)
      .bind("WORKER_POLL_INTERVAL_MS", c.poll_interval_ms)
      .bind("WORKER_JOBS", c.jobs)
      .bind("PARSER_MAX_BYTES", c.max_bytes)
      .bind("PARSER_CHUNK_THRESHOLD_BYTES", c.chunk_bytes)
      .bind("PARSER_RETRY_MAX", c.retry_max)
      .bind("PARSER_BACKOFF_STEPS", config::seconds_list(c.backoff_steps_s))
      .bind("PARSER_TIMEOUT_MS", c.timeout_ms)
      .bind("PARSER_MEMORY_BYTES", c.memory_bytes);
  storage::bind_kinds(s, c.kinds);
  storage::bind_base(s, c.storage_uri);
  s.check([&c]() -> std::vector<config::Problem> {
    if (c.jobs == 0) c.jobs = cores();
    return {};
  });
  return s;
}
