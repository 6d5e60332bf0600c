#include "config.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "emit/output.hpp"
#include "http/signature.hpp"
#include "pg/connection.hpp"

namespace {

using Problems = std::vector<config::Problem>;

// What the webhook needs is checked only when there is one.
Problems check_webhook(const Config& config) {
  Problems problems;
  if (!config.webhook()) return problems;
  if (config.target.url.empty()) {
    problems.push_back({"WEBHOOK_URL", "is not set, but PUBLISH_TRANSPORT is webhook", "set WEBHOOK_URL to an https:// URL"});
  } else if (!http::host_allowed(config.target.host, config.domains)) {
    problems.push_back({"WEBHOOK_URL", "names a host outside WEBHOOK_DOMAIN_ALLOWLIST", "add its domain to WEBHOOK_DOMAIN_ALLOWLIST"});
  }
  if (!config.ca_file.empty() && access(config.ca_file.c_str(), R_OK) != 0) {
    problems.push_back({"WEBHOOK_CA_FILE", "cannot be read", "name a PEM file that this user may read"});
  }
  if ((config.success_codes & config.permanent_codes).any()) {
    problems.push_back({"WEBHOOK_PERMANENT_CODES", "has a code that WEBHOOK_SUCCESS_CODES has, too", "name each code in one of the two"});
  }
  if (config.signing_keys.size() > 1 && config.signing_keys.front().empty()) {
    problems.push_back({"WEBHOOK_SECRET_PREVIOUS", "is set without WEBHOOK_SECRET", "set WEBHOOK_SECRET to the new secret"});
  }
  return problems;
}

Problems check_flags(const Config& config) {
  if (!config.payload) return {};
  if (config.webhook()) return {{"--payload", "goes with the stdout transport only", "leave it out, or set PUBLISH_TRANSPORT=stdout"}};
  if (emit::is_journal(STDOUT_FILENO)) return {{"--payload", "is refused because stdout is the journal", "send stdout elsewhere, or leave it out"}};
  return {};
}

config::Store signing_key(std::vector<std::string>& keys, std::size_t index) {
  return [&keys, index](std::string_view value) {
    if (keys.size() <= index) keys.resize(index + 1);
    return http::parse_signing_key(value, keys[index]);
  };
}

}  // namespace

std::vector<app::Flag> flags(Config& config) {
  return {
      {"--service", "", "Run until stopped by a signal; without it, deliver what is due and exit.", app::set_flag(config.service)},
      {"--transport", "NAME", "Transport: stdout or webhook; overrides PUBLISH_TRANSPORT.", {}, "PUBLISH_TRANSPORT"},
      {"--payload", "", "Add the payload to each published line; refused when stdout is the journal.", app::set_flag(config.payload)},
      {"--max-batches", "N", "Without --service: stop after N claimed batches.", app::set_integer(config.max_batches, 1, 1000000000)},
      {"--max-seconds", "S", "Without --service: stop claiming after S seconds. Default: 60.", app::set_integer(config.max_seconds, 1, 86400)},
  };
}

config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  c.database.bind_listen(s, pg::check_url);
  s.bind("INSTANCE", config::instance_name(c.instance)).bind("RUN_DIR", config::absolute_path(c.run_dir));
  s.bind("PUBLISH_TRANSPORT", config::one_of(c.transport, {"stdout", "webhook"}), config::Need::required)
      .bind("PUBLISH_BATCH_SIZE", c.batch_size)
      .bind("PUBLISH_POLL_INTERVAL_MS", c.poll_interval_ms)
      .bind("PUBLISH_CONCURRENCY", c.concurrency)
      .bind("PUBLISH_RETRY_MAX", c.retry_max)
      .bind("PUBLISH_BACKOFF_STEPS", config::seconds_list(c.backoff_steps_s))
      .bind("PUBLISH_BREAKER_FAILURES", c.breaker_failures)
      .bind("PUBLISH_BREAKER_PROBE_MS", c.breaker_probe_ms)
      .bind("PUBLISH_TYPES", config::csv(c.types))
      .bind("PUBLISH_EXCLUDE_TYPES", config::csv(c.exclude_types))
      .bind("LEASE_SECONDS", c.lease_s)
      .bind("SHUTDOWN_GRACE_MS", c.grace_ms);
  c.tenants.bind(s);
  s.bind("WEBHOOK_URL", [&c](std::string_view value) { return http::parse_target(value, c.target); })
      .bind("WEBHOOK_TIMEOUT_MS", c.timeout_ms)
      .bind("WEBHOOK_SUCCESS_CODES", [&c](std::string_view value) { return http::parse_codes(value, c.success_codes); })
      .bind("WEBHOOK_PERMANENT_CODES", [&c](std::string_view value) { return http::parse_codes(value, c.permanent_codes); })
      .bind("WEBHOOK_HEADERS_ALLOWLIST", [&c](std::string_view value) { return http::parse_headers(value, c.headers); })
      .bind("WEBHOOK_DOMAIN_ALLOWLIST", config::csv(c.domains))
      .bind("WEBHOOK_ALLOW_PRIVATE", c.allow_private)
      .bind("WEBHOOK_CA_FILE", c.ca_file)
      .bind("WEBHOOK_CE_SOURCE",
            [&c](std::string_view value) -> std::optional<std::string> {
              c.ce_source = value;
              const auto printable = std::ranges::all_of(value, [](char ch) { return ch > 0x20 && ch < 0x7F; });
              if (value.size() > 1024 || !printable) return "has a character that is not allowed, or too many";
              return std::nullopt;
            })
      .bind("WEBHOOK_SECRET", signing_key(c.signing_keys, 0))
      .bind("WEBHOOK_SECRET_PREVIOUS", signing_key(c.signing_keys, 1));
  s.check([&c] { return check_webhook(c); });
  s.check([&c] { return check_flags(c); });
  return s;
}
