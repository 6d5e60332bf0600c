// The settings and flags of alert-check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "http/target.hpp"
#include "metrics/snapshot.hpp"
#include "pg/connection.hpp"
#include "rule.hpp"
#include "watch/session.hpp"

enum class Source { database, file, stdin_stream, url };

struct Config {
  config::Database database;
  metrics::Scope scope;
  watch::Config watch;
  std::string token;
  std::vector<Rule> file_rules;

  std::vector<std::string> arguments;  // SOURCE, and nothing else
  Source source = Source::database;
  std::string path;
  http::Target url;
  std::vector<Rule> flag_rules;
  std::optional<std::int64_t> dlq_size;
  base::Milliseconds max_age{std::chrono::minutes(2)};

  // The default ones, those of ALERT_RULES_FILE, those of --rule.
  [[nodiscard]] std::vector<Rule> rules() const;
  // Names the source in the state without what may be secret in it.
  [[nodiscard]] std::string source_name() const;
};

std::vector<app::Flag> flags(Config& config);
config::Settings settings(Config& config);
