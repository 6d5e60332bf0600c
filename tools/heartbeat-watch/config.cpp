#include "config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace {

using namespace std::chrono_literals;

std::optional<std::string> add_target(std::vector<Target>& targets, std::string_view value) {
  const auto equals = value.find('=');
  const auto name = value.substr(0, equals);
  if (equals == std::string_view::npos || name.empty() || equals + 1 == value.size()) return "takes NAME=PATH";
  if (name.size() > 64 || base::has_control(name) || !base::is_utf8(name)) return "has a name that is longer than 64 bytes, or no text";
  if (std::ranges::find(targets, name, &Target::name) != targets.end()) return fmt::format("names {} twice", name);
  targets.push_back({std::string(name), std::string(value.substr(equals + 1))});
  return std::nullopt;
}

std::vector<config::Problem> check(const Config& c) {
  if (static_cast<int>(c.fleet) + static_cast<int>(c.follow) + static_cast<int>(!c.targets.empty()) > 1) {
    throw base::Error(base::Outcome::usage_error, "wrong command line", "only one of --target, --fleet and --follow can be given",
                      "see heartbeat-watch --help");
  }
  if (c.fleet && c.database.url.empty()) {
    return {{"DATABASE_URL", "is not set, but --fleet asks the database", "set DATABASE_URL to a libpq connection URI (postgresql://…)"}};
  }
  return {};
}

}  // namespace

std::string Config::path_of(std::string_view name) const {
  return watch.instance.empty() ? fmt::format("{}/{}.last", run_dir, name) : fmt::format("{}/{}@{}.last", run_dir, name, watch.instance);
}

std::vector<Target> Config::watched() const {
  if (!targets.empty()) return targets;
  return {{"publisher", path_of("publisher")}, {"worker", path_of("worker")}};
}

std::vector<app::Flag> flags(Config& c) {
  std::vector<app::Flag> flags{
      {"--target", "NAME=PATH", "Watch this heartbeat file. May be given several times. Default: publisher.last and worker.last in RUN_DIR.",
       [&c](std::string_view value) { return add_target(c.targets, value); }},
      {"--fleet", "", "Watch the runners of all hosts, by their rows in the database.", app::set_flag(c.fleet)},
      {"--max-age", "DUR", "A loop, or with work due a success, that is older than DUR is an alarm. Default: 10m.",
       app::set_duration(c.max_age, 1s, 24h * 365)},
      {"--forget", "DUR", "With --fleet: a runner that has been silent for DUR was taken away and is left out. Default: 7d.",
       app::set_duration(c.forget, 1s, 24h * 36500)},
      {"--follow", "", "Read lines of runners on standard input and keep their heartbeat files, until it ends; for services that write none.",
       app::set_flag(c.follow)},
  };
  for (auto& flag : watch::flags(c.watch)) flags.push_back(std::move(flag));
  return flags;
}

config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url, config::Need::optional);
  s.bind("RUN_DIR", config::absolute_path(c.run_dir));
  watch::bind(s, c.watch);
  s.check([&c] { return check(c); });
  return s;
}
