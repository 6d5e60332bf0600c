#include "config.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace {

using namespace std::chrono_literals;

struct Name {
  std::string_view text;
  Mode mode;
};

constexpr auto names = std::to_array<Name>({{"live", Mode::live},
                                            {"ready", Mode::ready},
                                            {"db", Mode::db},
                                            {"schema", Mode::schema},
                                            {"webhook", Mode::webhook},
                                            {"secrets", Mode::secrets},
                                            {"all", Mode::all}});

base::Error usage(std::string detail) { return {base::Outcome::usage_error, "wrong command line", std::move(detail), "see health-probe --help"}; }

Mode mode_of(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return Mode::all;
  const auto found = std::ranges::find(names, arguments.front(), &Name::text);
  if (found == names.end()) throw usage("the probe is one of live, ready, db, schema, webhook, secrets and all");
  return found->mode;
}

// What a mode cannot do without.
std::vector<config::Problem> check_mode(const Config& c) {
  const auto mode = mode_of(c.arguments);
  if ((mode == Mode::db || mode == Mode::schema || mode == Mode::all) && c.database.url.empty()) {
    return {{"DATABASE_URL", "is not set", "set DATABASE_URL to a libpq connection URI (postgresql://…)"}};
  }
  if (mode == Mode::webhook && !c.webhook) return {{"WEBHOOK_URL", "is not set", "set WEBHOOK_URL to the https:// URL of the webhook"}};
  return {};
}

}  // namespace

std::vector<app::Flag> flags(Config& c) {
  return {
      {"--timeout", "DURATION", "One deadline for everything. Default: 5s.", app::set_duration(c.timeout, 10ms, 10min)},
      {"--warn-days", "N", "Warn when the webhook's certificate runs out in less than N days. Default: 21.", app::set_integer(c.warn_days, 0, 3650)},
      {"--app-head", "REV,…", "Also compare the application's alembic_version with this revision, or these.", config::csv(c.app_heads)},
      {"--ca-file", "FILE", "Certificates to trust for the URL of `ready`, instead of the system's.", app::set_text(c.ca_file)},
      app::plugin_flag(),
  };
}

config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url, config::Need::optional);
  s.bind("WEBHOOK_URL",
         [&c](std::string_view value) {
           http::Target target;
           auto wrong = http::parse_target(value, target);
           if (!wrong) c.webhook = std::move(target);
           return wrong;
         })
      .bind("WEBHOOK_DOMAIN_ALLOWLIST", config::csv(c.webhook_domains))
      .bind("WEBHOOK_ALLOW_PRIVATE", c.webhook_allow_private)
      .bind("WEBHOOK_CA_FILE", c.webhook_ca_file);
  s.check([&c] { return check_mode(c); });
  return s;
}

void check_call(Config& c) {
  c.mode = mode_of(c.arguments);
  const bool takes_url = c.mode == Mode::ready || c.mode == Mode::all;
  if (c.arguments.size() > (takes_url ? 2U : 1U)) throw usage("too many arguments");
  if (c.mode == Mode::ready && c.arguments.size() < 2) throw usage("ready needs a URL");
  if (c.arguments.size() == 2) {
    http::Target target;
    if (const auto wrong = http::parse_source(c.arguments[1], target)) throw usage("the URL " + *wrong);
    c.ready = std::move(target);
  }
  if (!c.app_heads.empty() && c.mode != Mode::schema && c.mode != Mode::all) throw usage("--app-head goes with schema and all");
}
