// The settings and flags of dlq-replay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/tool.hpp"
#include "config/shared.hpp"
#include "pg/connection.hpp"

enum class Action { list, show, replay, discard };

struct Config {
  config::Database database;
  std::string token;
  std::vector<std::string> admin_tokens;
  std::string audit_key;
  std::string previous_audit_key;

  Action action = Action::list;
  std::optional<std::string> tenant;
  bool all_tenants = false;
  std::vector<std::string> ids;
  bool ids_from_stdin = false;
  std::vector<std::string> types;
  std::vector<std::string> reasons;
  std::optional<base::Milliseconds> older_than;
  std::optional<base::Milliseconds> newer_than;
  std::optional<std::int64_t> limit;
  std::int64_t max_replays = 3;
  std::int64_t rate = 0;  // items a second; 0: as fast as it goes
  bool commit = false;
  std::optional<std::int64_t> expect;
  std::string cause;

  [[nodiscard]] bool names_letters() const { return ids_from_stdin || !ids.empty(); }
  // Letters that are named are all meant, unless --limit says otherwise.
  [[nodiscard]] std::int64_t most() const { return limit.value_or(names_letters() ? static_cast<std::int64_t>(ids.size()) : 50); }
};

std::vector<app::Flag> flags(Config& c);
config::Settings settings(Config& c);

// Takes the action from the command line and refuses what does not fit together. Throws base::Error.
void check_call(Config& c, const std::vector<std::string>& arguments);

// "10/s" or "10".
std::optional<std::int64_t> parse_rate(std::string_view text);

std::string_view name_of(Action action);
