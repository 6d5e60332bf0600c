#include "app/tool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <span>

#include "app/describe.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/thread.hpp"

namespace app {
namespace {

// The summary of a run that an error ended.
struct Summary {
  static constexpr std::string_view type = "summary";
  std::string_view state;
  std::string_view outcome;
  std::string error;
  int exit = 0;
  static constexpr auto fields = emit::fields(emit::field("state", &Summary::state, ""), emit::field("outcome", &Summary::outcome, ""),
                                              emit::field("error", &Summary::error, ""), emit::field("exit", &Summary::exit, ""));
};

base::Error usage_error(std::string detail, std::string_view tool) {
  return {base::Outcome::usage_error, "wrong command line", std::move(detail), fmt::format("see {} --help", tool)};
}

// Before the real parsing, because the report of a parse error must already obey them.
std::string_view early(int argc, char** argv, std::string_view name) {
  std::string_view value;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument(argv[i]);
    if (argument == "--") break;
    if (argument == name && i + 1 < argc) value = argv[i + 1];
    if (argument.starts_with(name) && argument.substr(name.size()).starts_with('=')) value = argument.substr(name.size() + 1);
  }
  return value;
}

bool early_flag(int argc, char** argv, std::string_view name) {
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    if (argv[i] == name) return true;
  }
  return false;
}

// A descriptor that is closed must not become that of the next file or socket: it is replaced by one that fails as it would.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) < 0) std::ignore = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// User info and query of a URL stay out of every line.
std::string shown(const std::string& value) {
  const auto scheme = value.find("://");
  if (scheme == std::string::npos) return value;
  auto rest = value.substr(scheme + 3);
  if (const auto query = rest.find_first_of("?#"); query != std::string::npos) rest.erase(query);
  if (const auto at = rest.rfind('@', rest.find('/')); at != std::string::npos) rest.erase(0, at + 1);
  return value.substr(0, scheme + 3) + rest;
}

}  // namespace

config::Store set_flag(bool& into) {
  return [&into](std::string_view) -> std::optional<std::string> {
    into = true;
    return std::nullopt;
  };
}

config::Store set_text(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    into = value;
    return std::nullopt;
  };
}

config::Store set_integer(std::int64_t& into, std::int64_t min, std::int64_t max) {
  return [&into, min, max](std::string_view value) -> std::optional<std::string> {
    const auto number = base::parse_integer(value);
    if (!number || *number < min || *number > max) return fmt::format("takes a whole number from {} to {}", min, max);
    into = *number;
    return std::nullopt;
  };
}

config::Store set_choice(std::string& into, std::vector<std::string_view> choices) {
  return [&into, choices = std::move(choices)](std::string_view value) -> std::optional<std::string> {
    if (std::ranges::find(choices, value) == choices.end()) return fmt::format("takes one of: {}", fmt::join(choices, ", "));
    into = value;
    return std::nullopt;
  };
}

config::Store set_duration(base::Milliseconds& into, base::Milliseconds min, base::Milliseconds max) {
  return [&into, min, max](std::string_view value) -> std::optional<std::string> {
    const auto duration = base::parse_duration(value);
    if (!duration || *duration < min || *duration > max) {
      return fmt::format("takes a duration from {} to {}, with its unit (300000ms, 90s, 5m, 1h30m, 2d)", base::duration_text(min), base::duration_text(max));
    }
    into = *duration;
    return std::nullopt;
  };
}

Flag plugin_flag() {
  return {"--plugin", "", "Print one line as the Monitoring Plugins do, with performance data, instead of all others; implies --exit-codes plugin.",
          [](std::string_view) { return std::optional<std::string>(); }};
}

std::string version_of(std::string_view tool) { return fmt::format("{} {}", tool, OPS_VERSION); }
std::string user_agent(std::string_view tool) { return fmt::format("0admin-ops/{} ({})", OPS_VERSION, tool); }

Context::Context(const About& about, int argc, char** argv) : output(about.name, emit::Format::automatic), about_(about), argc_(argc), argv_(argv) {
  const auto view = early(argc, argv, "--exit-codes");
  if (view == "plugin") view_ = base::ExitView::plugin;
  if (view == "sysexits") view_ = base::ExitView::sysexits;
  const auto format = early(argc, argv, "--format");
  if (format == "prometheus") closing_ = Closing::nothing;  // its readers know no JSON line
  if (early_flag(argc, argv, "--plugin")) {
    view_ = base::ExitView::plugin;
    closing_ = Closing::plugin;
  }
  if (format == "jsonl") output.set_format(emit::Format::jsonl);
  if (format == "text") output.set_format(emit::Format::text);
}

base::Outcome Context::finish_plugin(base::Outcome outcome, std::string_view text, std::string_view perfdata) {
  // A bar would begin performance data, a line break a second line.
  std::string line(text);
  std::ranges::replace_if(
      line, [](char c) { return c == '|' || static_cast<unsigned char>(c) < 0x20; }, ' ');
  output.plain(fmt::format("{} {} - {}{}{}\n", base::upper(about_.name), base::upper(outcome == base::Outcome::skipped ? "ok" : base::state_name(outcome)),
                           line, perfdata.empty() ? "" : " | ", perfdata));
  return finish(outcome);
}

void Context::finish_failed(base::Outcome outcome, const std::string& error) {
  if (plugin()) {
    finish_plugin(outcome, error);
  } else {
    finish(Summary{{}, {}, error}, outcome);
  }
}

void Context::configure(std::vector<Flag> flags, config::Settings settings, std::vector<std::string>* positional, std::vector<std::string>* command) {
  for (auto& common : common_flags()) {
    if (std::ranges::find(flags, common.name, &Flag::name) == flags.end()) flags.push_back(std::move(common));
  }
  if (command != nullptr) {
    const std::span arguments(argv_, static_cast<std::size_t>(argc_));
    const auto separator = std::ranges::find(arguments, std::string_view("--"), [](const char* argument) { return std::string_view(argument); });
    if (separator != arguments.end()) command->assign(separator + 1, arguments.end());
    argc_ = static_cast<int>(separator - arguments.begin());
  }
  std::string level;
  settings.bind("LOG_LEVEL", config::one_of(level, {"error", "warning", "info", "debug"}));
  auto environment = config::process_environment();
  config::hide_secrets();
  CLI::App parser;
  parser.set_help_flag();
  std::map<std::string_view, bool> asked;
  std::string what;
  std::vector<std::string> wrong;
  for (const auto& flag : flags) {
    const auto store = [&flag, &environment, &wrong, &asked, &what](const std::string& value) {
      asked[flag.name] = true;
      if (flag.name == "--describe") what = value;
      if (!flag.shadows.empty()) {
        environment[std::string(flag.shadows)] = value;
      } else if (flag.store) {
        if (const auto problem = flag.store(value)) wrong.push_back(fmt::format("{} {}", flag.name, *problem));
      }
    };
    const std::string names = flag.name == "--help" ? "-h,--help" : flag.name == "--version" ? "-V,--version" : std::string(flag.name);
    if (flag.metavar.empty()) {
      parser.add_flag_callback(names, [store] { store(""); });
    } else {
      parser
          .add_option_function<std::vector<std::string>>(names,
                                                         [store](const std::vector<std::string>& values) {
                                                           for (const auto& value : values) store(value);
                                                         })
          ->allow_extra_args(false);
    }
  }
  if (positional != nullptr) parser.add_option("arguments", *positional);
  try {
    parser.parse(argc_, argv_);
  } catch (const CLI::ParseError& e) {
    throw usage_error(e.what(), about_.name);
  }
  if (!wrong.empty()) throw usage_error(fmt::format("{}", fmt::join(wrong, "; ")), about_.name);
  if (asked["--help"]) {
    output.plain(describe_as("help", about_, flags, settings));
    throw Done{base::Outcome::help};
  }
  if (asked["--version"]) {
    output.plain(version_of(about_.name) + "\n");
    throw Done{base::Outcome::help};
  }
  if (!what.empty()) {
    output.plain(describe_as(what, about_, flags, settings));
    throw Done{base::Outcome::help};
  }

  const auto loaded = settings.load(environment);
  if (level == "error") output.set_level(emit::Level::error);
  if (level == "warning") output.set_level(emit::Level::warning);
  if (level == "debug") output.set_level(emit::Level::debug);
  for (const auto& warning : loaded.warnings)
    output.log(emit::Level::warning, fmt::format("{}: {}", warning.name, "unknown setting"), warning.detail, warning.hint);
  if (!loaded.problems.empty()) {
    for (const auto& problem : loaded.problems)
      output.log(emit::Level::error, fmt::format("bad setting {}", problem.name), fmt::format("{} {}", problem.name, problem.detail), problem.hint);
    throw Failed{base::Outcome::config_error,
                 loaded.problems.size() == 1 ? "a setting is missing or wrong" : fmt::format("{} settings are missing or wrong", loaded.problems.size())};
  }
  if (asked["--check-config"]) {
    nlohmann::ordered_json object;
    for (const auto& one : loaded.effective) object[std::string(one.name)] = {{"value", shown(one.value)}, {"source", one.source}};
    output.object(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    throw Done{base::Outcome::ok};
  }
}

int run(const About& about, int argc, char** argv, const std::function<base::Outcome(Context&)>& body) {
  std::ignore = std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(2) then, and told as one
  prctl(PR_SET_DUMPABLE, 0);                    // a core would hold secrets and payloads, and nobody but root is to look into this memory
  occupy_standard_descriptors();
  Context context(about, argc, argv);
  const auto fail = [&](base::Outcome outcome, const std::string& error) {
    if (!context.finished()) context.finish_failed(outcome, error);
    return outcome;
  };
  auto outcome = base::Outcome::ok;
  try {
    outcome = body(context);
  } catch (const Done& done) {
    outcome = done.outcome;
  } catch (const Failed& failed) {
    outcome = fail(failed.outcome, failed.error);
  } catch (const base::Error& error) {
    context.output.error(error);
    outcome = fail(error.outcome, error.error);
  } catch (const std::exception& error) {
    // Not ours, so its text may hold anything: only its kind is told.
    context.output.log(emit::Level::error, "unexpected error", typeid(error).name(), "this is a bug: please report it");
    outcome = fail(base::Outcome::runtime_error, "unexpected error");
  }
  if (context.output.failed()) {
    context.output.log(emit::Level::error, "standard output could not be written", "closed or full", "check the reader of the pipe, or the disk");
    outcome = base::Outcome::output_error;
  }
  const int code = context.exit_code(outcome);
  if (base::has_let_go()) _exit(code);
  return code;
}

}  // namespace app
