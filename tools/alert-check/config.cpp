#include "config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

#include "base/digest.hpp"
#include "base/file.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t rules_limit = 1'048'576;

base::Error wrong_source(std::string detail) { return {base::Outcome::usage_error, "wrong command line", std::move(detail), "see alert-check --help"}; }

config::Store rules_file(std::vector<Rule>& into) {
  return [&into](std::string_view path) -> std::optional<std::string> {
    into.clear();
    try {
      return parse_rules(base::read_file(path, rules_limit), into);
    } catch (const std::system_error& e) {
      return fmt::format("cannot be read: {}", e.code().message());
    }
  };
}

// Throws base::Error.
void take_source(Config& c) {
  if (c.arguments.empty()) return;
  if (c.arguments.size() > 1) throw wrong_source("only one SOURCE can be given; a command stands after --");
  const auto& source = c.arguments.front();
  if (source == "-") {
    if (isatty(STDIN_FILENO) == 1) throw wrong_source("standard input is a terminal: a snapshot is to come from a pipe or a file");
    c.source = Source::stdin_stream;
  } else if (source.find("://") != std::string::npos) {
    if (const auto wrong = http::parse_source(source, c.url)) throw wrong_source(fmt::format("the URL {}", *wrong));
    c.source = Source::url;
  } else {
    c.source = Source::file;
    c.path = source;
  }
}

std::vector<config::Problem> check_database(Config& c) {
  take_source(c);
  if (c.source != Source::database || !c.database.url.empty()) return {};
  return {{"DATABASE_URL", "is not set, and no SOURCE is given", "set DATABASE_URL to a libpq connection URI (postgresql://…), or name a file, URL or -"}};
}

std::vector<config::Problem> check_token(const Config& c) {
  for (const char one : c.token) {
    if (static_cast<unsigned char>(one) <= 0x20 || static_cast<unsigned char>(one) >= 0x7F) {
      return {{"OPS_TOKEN", "has a blank or a control character", "set OPS_TOKEN to one line of printable ASCII characters"}};
    }
  }
  return {};
}

}  // namespace

std::vector<Rule> Config::rules() const {
  auto rules = default_rules();
  merge(rules, file_rules);
  merge(rules, flag_rules);
  return rules;
}

std::string Config::source_name() const {
  switch (source) {
    case Source::database:
      return "database";
    case Source::file:
      return "file:" + path;
    case Source::stdin_stream:
      return "stdin";
    case Source::url:
      break;
  }
  const auto digest = base::sha256(url.url);
  return "url:" + base::hex(base::bytes_of(digest)).substr(0, 16);
}

std::vector<app::Flag> flags(Config& c) {
  std::vector<app::Flag> flags{
      {"--rule", "RULE",
       "Add a rule, or replace the one of that name: NAME warning|critical EXPR [for DUR] [keep DUR], where EXPR is METRIC OP NUMBER or delta(METRIC, DUR) "
       "OP NUMBER. May be given several times.",
       [&c](std::string_view value) -> std::optional<std::string> {
         auto parsed = parse_rule(value);
         if (const auto* problem = std::get_if<RuleProblem>(&parsed)) return problem->text();
         merge(c.flag_rules, {std::get<Rule>(std::move(parsed))});
         return std::nullopt;
       }},
      {"--max-age", "DUR", "A snapshot older than DUR (its ts, or the time of its file) is unknown. Default: 2m.", app::set_duration(c.max_age, 1s, 24h * 365)},
      {"--dlq-size", "N", "Number of dead letters, for a snapshot that has none; otherwise the database is asked, where DATABASE_URL is set.",
       [&c](std::string_view value) -> std::optional<std::string> {
         std::int64_t number = 0;
         if (auto wrong = app::set_integer(number, 0, 1'000'000'000)(value)) return wrong;
         c.dlq_size = number;
         return std::nullopt;
       }},
  };
  for (auto& flag : watch::flags(c.watch)) flags.push_back(std::move(flag));
  return flags;
}

config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url, config::Need::optional);
  metrics::bind(s, c.scope);
  s.bind("ALERT_RULES_FILE", rules_file(c.file_rules)).bind("OPS_TOKEN", c.token);
  watch::bind(s, c.watch);
  s.check([&c] { return check_database(c); });
  s.check([&c] { return check_token(c); });
  return s;
}
