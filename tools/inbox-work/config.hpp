// The settings and flags of inbox-work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "outbox/runner.hpp"

struct Config : outbox::Runner {
  std::int64_t batch_size = 0;
  std::int64_t poll_interval_ms = 0;
  std::int64_t jobs = 0;  // never 0 once the settings are read
  std::int64_t max_bytes = 0;
  std::int64_t chunk_bytes = 0;
  std::int64_t retry_max = 0;
  std::int64_t timeout_ms = 0;
  std::int64_t memory_bytes = 0;
  std::vector<std::int64_t> backoff_steps_s;
  std::vector<std::string> kinds;  // storage::Kind names
  std::string storage_uri;
};

std::vector<app::Flag> flags(Config& config);
config::Settings settings(Config& config);
