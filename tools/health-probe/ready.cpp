#include "ready.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "exchange.hpp"

namespace {

constexpr std::size_t body_limit = 65536;
constexpr std::size_t longest_version = 64;

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

Finding judge_body(const std::string& body) {
  const auto object = nlohmann::json::parse(body, nullptr, false);
  if (!object.is_object()) return found("ready", base::Outcome::critical, "body_invalid");
  if (text_of(object, "status") != "OK") return found("ready", base::Outcome::critical, "status_not_ok");
  if (text_of(object, "db") != "OK") return found("ready", base::Outcome::critical, "db_not_ok");
  const auto version = text_of(object, "version");
  if (version.empty() || version == "unknown") return found("ready", base::Outcome::critical, "version_missing");
  auto finding = found("ready", base::Outcome::ok, "ready");
  finding.line.version = version.substr(0, longest_version);
  return finding;
}

}  // namespace

Finding judge_ready(const http::Answer& answer) {
  if (answer.failure != http::Failure::none) return found("ready", base::Outcome::critical, answer.reason);
  auto finding = answer.status >= 300 && answer.status < 400 ? found("ready", base::Outcome::critical, "redirect")
                 : answer.status != 200                      ? found("ready", base::Outcome::critical, fmt::format("http_{}", answer.status))
                                                             : judge_body(answer.body);
  finding.line.http_status = answer.status;
  return finding;
}

Finding probe_ready(const Config& config, base::Deadline deadline) {
  http::Options options;
  options.target = *config.ready;
  options.user_agent = app::user_agent("health-probe");
  options.ca_file = config.ca_file;
  options.allow_private = true;  // the operator named it; what it is to be kept from are webhooks
  options.method = http::Method::get;
  options.body_limit = body_limit;
  auto finding = judge_ready(exchange(options, deadline));
  finding.line.target = config.ready->label;
  return finding;
}
