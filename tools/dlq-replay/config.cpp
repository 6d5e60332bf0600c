#include "config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace {

constexpr std::size_t shortest_key = 32;
constexpr std::size_t longest_cause = 500;

constexpr std::array actions{Action::list, Action::show, Action::replay, Action::discard};

config::Store append_uuid(std::vector<std::string>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (!base::is_uuid(value)) return "takes a UUID";
    const auto id = base::lower(value);
    if (std::ranges::find(into, id) == into.end()) into.push_back(id);
    return std::nullopt;
  };
}

config::Store append_text(std::vector<std::string>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (value.empty() || base::has_control(value)) return "takes a text without control characters";
    into.emplace_back(value);
    return std::nullopt;
  };
}

config::Store set_duration(std::optional<base::Milliseconds>& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    into = base::parse_duration(value);
    return into ? std::nullopt : std::optional<std::string>("takes a duration like 90s, 5m, 1h30m or 7d");
  };
}

config::Store set_number(std::optional<std::int64_t>& into, std::int64_t min, std::int64_t max) {
  return [&into, min, max](std::string_view value) -> std::optional<std::string> {
    const auto number = base::parse_integer(value);
    if (!number || *number < min || *number > max) return fmt::format("takes a whole number from {} to {}", min, max);
    into = *number;
    return std::nullopt;
  };
}

config::Store key(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (value.size() < shortest_key) return fmt::format("is shorter than {} bytes", shortest_key);
    into = value;
    return std::nullopt;
  };
}

base::Error usage(std::string detail) { return {base::Outcome::usage_error, "wrong command line", std::move(detail), "see dlq-replay --help"}; }

}  // namespace

std::string_view name_of(Action action) {
  switch (action) {
    case Action::list:
      return "list";
    case Action::show:
      return "show";
    case Action::replay:
      return "replay";
    case Action::discard:
      break;
  }
  return "discard";
}

std::optional<std::int64_t> parse_rate(std::string_view text) {
  if (text.ends_with("/s")) text.remove_suffix(2);
  const auto number = base::parse_integer(text);
  return number && *number >= 1 && *number <= 10000 ? number : std::nullopt;
}

std::vector<app::Flag> flags(Config& c) {
  return {
      {"--tenant", "UUID", "Dead letters of this tenant. This or --all-tenants must be said.",
       [&c](std::string_view value) -> std::optional<std::string> {
         if (!base::is_uuid(value)) return "takes a UUID";
         c.tenant = base::lower(value);
         return std::nullopt;
       }},
      {"--all-tenants", "", "Dead letters of all tenants.", app::set_flag(c.all_tenants)},
      {"--id", "UUID", "This dead letter, resolved or not. May be repeated.", append_uuid(c.ids)},
      {"--ids", "-", "The dead letters that standard input names: an id or a line of `list` on each line.",
       [&c](std::string_view value) -> std::optional<std::string> {
         if (value != "-") return "takes - (standard input)";
         c.ids_from_stdin = true;
         return std::nullopt;
       }},
      {"--type", "NAME", "Dead letters of events of this type. May be repeated.", append_text(c.types)},
      {"--reason", "NAME", "Dead letters with this reason. May be repeated.", append_text(c.reasons)},
      {"--older-than", "DURATION", "Dead for longer than that, for example 1h30m or 7d.", set_duration(c.older_than)},
      {"--newer-than", "DURATION", "Dead for less than that.", set_duration(c.newer_than)},
      {"--limit", "N", "At most N dead letters, the oldest. Default: 50, or all that --id and --ids name.", set_number(c.limit, 1, 1'000'000)},
      {"--max-replays", "N", "Leave events alone that have been replayed N times. Default: 3.", app::set_integer(c.max_replays, 1, 1000)},
      {"--rate", "N/s", "At most N dead letters a second. Default: as fast as it goes.",
       [&c](std::string_view value) -> std::optional<std::string> {
         const auto rate = parse_rate(value);
         if (!rate) return "takes a number from 1 to 10000 with /s, for example 10/s";
         c.rate = *rate;
         return std::nullopt;
       }},
      {"--commit", "", "Do it. Without this, `replay` and `discard` only say what they would do.", app::set_flag(c.commit)},
      {"--expect", "N", "With --commit: the number that the dry run's summary told as `expect`. With another number nothing is done.",
       set_number(c.expect, 0, 1'000'000)},
      {"--cause", "TEXT", "With --commit: why, for the audit. 1 to 500 bytes.",
       [&c](std::string_view value) -> std::optional<std::string> {
         if (value.empty() || value.size() > longest_cause || base::has_control(value) || !base::is_utf8(value)) {
           return fmt::format("takes 1 to {} bytes of text without control characters", longest_cause);
         }
         c.cause = value;
         return std::nullopt;
       }},
  };
}

config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  s.bind("OPS_TOKEN", c.token)
      .bind("ADMIN_TOKENS", config::csv(c.admin_tokens))
      .bind("AUDIT_HMAC_KEY", key(c.audit_key))
      .bind("AUDIT_HMAC_KEY_PREVIOUS", key(c.previous_audit_key));
  return s;
}

void check_call(Config& c, const std::vector<std::string>& arguments) {
  bool known = false;
  for (const auto action : actions) {
    if (arguments.size() != 1 || arguments.front() != name_of(action)) continue;
    c.action = action;
    known = true;
  }
  if (!known) throw usage("one of list, show, replay and discard is needed");
  if (c.tenant.has_value() == c.all_tenants) throw usage("either --tenant UUID or --all-tenants must be said");
  if (c.ids_from_stdin && !c.ids.empty()) throw usage("--id and --ids exclude each other");
  const bool changes = c.action == Action::replay || c.action == Action::discard;
  if (c.commit && !changes) throw usage("--commit goes with replay and discard");
  if (c.commit && (!c.expect || c.cause.empty())) throw usage("--commit needs --expect N and --cause TEXT");
  if (!c.commit && (c.expect || !c.cause.empty())) throw usage("--expect and --cause go with --commit");
}
