#include "webhook.hpp"

#include "exchange.hpp"

Finding judge_handshake(const http::Answer& answer, base::WallTime now, std::int64_t warn_days) {
  if (answer.failure != http::Failure::none) return found("webhook", base::Outcome::critical, answer.reason);
  if (!answer.certificate_end) return found("webhook", base::Outcome::unknown, "certificate_unknown");
  const auto left = std::chrono::floor<std::chrono::days>(*answer.certificate_end - now).count();
  auto finding = left < warn_days ? found("webhook", base::Outcome::warning, "certificate_expires") : found("webhook", base::Outcome::ok, "certificate_valid");
  finding.line.days_left = left;
  return finding;
}

Finding probe_webhook(const Config& config, base::Deadline deadline) {
  if (!config.webhook) return found("webhook", base::Outcome::skipped, "not_configured");
  auto finding = [&] {
    if (!http::host_allowed(config.webhook->host, config.webhook_domains)) return found("webhook", base::Outcome::critical, "host_not_allowed");
    http::Options options;
    options.target = *config.webhook;
    options.user_agent = app::user_agent("health-probe");
    options.ca_file = config.webhook_ca_file;
    options.allow_private = config.webhook_allow_private;
    options.method = http::Method::none;
    return judge_handshake(exchange(options, deadline), base::wall_now(), config.warn_days);
  }();
  finding.line.target = config.webhook->label;
  return finding;
}
