// What the metrics and the status page show.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config.hpp"
#include "metrics/snapshot.hpp"

struct Runner {
  std::string name;
  std::string host;
  std::string instance;
  std::string state;
  std::int64_t loop_age_s = 0;
  std::optional<std::int64_t> success_age_s;
  std::int64_t backlog = 0;
  std::int64_t done = 0;
  std::int64_t failures = 0;
};

struct Breaker {
  std::string host;
  bool open = false;
  std::string reason;
  std::int64_t since_s = 0;
  std::int64_t failing = 0;
};

struct Reason {
  std::string event_type;
  std::string reason;
  std::int64_t letters = 0;
  std::int64_t oldest_s = 0;
};

struct Minute {
  std::int64_t minutes_ago = 0;
  std::int64_t sent_total = 0;
  std::int64_t failures_total = 0;
  std::int64_t parsed_total = 0;
  std::int64_t lag_ms = 0;
  std::int64_t due = 0;
  std::int64_t dlq = 0;
};

struct View {
  bool ok = false;
  std::string error;  // fit to be shown; empty when ok
  metrics::Snapshot snapshot;
  std::vector<Runner> runners;
  std::vector<Breaker> breakers;
  std::vector<Reason> reasons;
  std::vector<Minute> minutes;  // oldest first
};

inline constexpr std::int64_t history_hours = 6;

struct Readiness {
  bool ok = false;
};

// Each keeps a connection of its own. One that was lost meanwhile is made anew at once. They never throw.
class ViewReader {
 public:
  explicit ViewReader(const Config& config) : config_(config) {}
  View read();

 private:
  View attempt(base::Deadline deadline);

  const Config& config_;
  std::unique_ptr<pg::Connection> db_;
};

class ReadinessReader {
 public:
  explicit ReadinessReader(const Config& config) : config_(config) {}
  Readiness read();

 private:
  bool attempt(base::Deadline deadline);

  const Config& config_;
  std::unique_ptr<pg::Connection> db_;
};
