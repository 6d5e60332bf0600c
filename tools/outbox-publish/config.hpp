// The settings and flags of outbox-publish.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http/target.hpp"
#include "outbox/runner.hpp"

struct Config : outbox::Runner {
  std::string transport;
  std::vector<std::string> types;
  std::vector<std::string> exclude_types;
  std::vector<std::int64_t> backoff_steps_s;
  std::int64_t batch_size = 0;
  std::int64_t poll_interval_ms = 0;
  std::int64_t concurrency = 0;
  std::int64_t retry_max = 0;
  std::int64_t breaker_failures = 0;
  std::int64_t breaker_probe_ms = 0;

  http::Target target;
  http::Codes success_codes;
  http::Codes permanent_codes;
  std::vector<http::Header> headers;
  std::vector<std::string> domains;
  std::vector<std::string> signing_keys;  // active first
  std::string ca_file;
  std::string ce_source;
  std::int64_t timeout_ms = 0;
  bool allow_private = false;

  bool payload = false;

  [[nodiscard]] bool webhook() const { return transport == "webhook"; }
};

std::vector<app::Flag> flags(Config& config);
config::Settings settings(Config& config);
