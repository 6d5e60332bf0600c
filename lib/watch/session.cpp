#include "watch/session.hpp"

#include <fmt/format.h>

#include "config/shared.hpp"
#include "watch/command.hpp"

namespace watch {

using namespace std::chrono_literals;

std::vector<app::Flag> flags(Config& c) {
  return {
      {"--notify", "WHAT",
       "Which lines to print: all; changes (what begins, worsens, repeats or is resolved, and nothing at all when nothing does); or firing. Default: all.",
       config::one_of(c.notify, {"all", "changes", "firing"})},
      {"--repeat", "DUR", "With --notify changes: say an alarm that goes on again after DUR. Default: 4h.", app::set_duration(c.repeat, 1s, 24h * 365)},
      {"--clear-after", "N", "Clean runs after which an alarm is resolved. Default: 2.", app::set_integer(c.clear_after, 1, 1000)},
      {"--timeout", "DUR", "Longest time for a source to answer, and for COMMAND. Default: 30s.", app::set_duration(c.timeout, 100ms, 1h)},
      app::plugin_flag(),
  };
}

void bind(config::Settings& settings, Config& c) {
  settings.bind("STATE_DIR", config::absolute_path(c.state_dir)).bind("INSTANCE", config::instance_name(c.instance));
}

Session::Session(const Config& config, std::string name, app::Context& context, app::Stop& stop, Moment now)
    : config_(config),
      context_(context),
      stop_(stop),
      now_(std::move(now)),
      file_(config.state_dir, config.instance.empty() ? std::move(name) : fmt::format("{}@{}", name, config.instance)) {
  if (file_.opened() == StateFile::Opened::damaged) {
    context.output.log(emit::Level::error, "the state was damaged and begins anew", file_.problem(),
                       "alarms that went on are said again; look at STATE_DIR's disk");
  }
}

std::vector<Judged> Session::judge(const std::vector<Verdict>& verdicts) {
  judged_ = judge_all(verdicts, state(), {config_.repeat, static_cast<int>(config_.clear_after)}, now_);
  return judged_;
}

bool Session::selects(const Judged& judged) const {
  if (config_.notify == "changes") return judged.news.has_value();
  if (judged.removed) return false;
  return config_.notify == "all" || judged.level != base::Outcome::ok || judged.state != base::Outcome::ok;
}

bool Session::deliver() {
  if (config_.command.empty()) return !context_.plugin() && !context_.output.lost();
  if (for_command_.empty()) return true;
  const auto problem = tell(config_.command, for_command_, config_.timeout, stop_.fd());
  if (problem.empty()) return true;
  context_.output.log(emit::Level::error, "the command did not take what it was told", problem, "it is said again in the next run; try the command by hand");
  return false;
}

base::Outcome Session::close() {
  auto outcome = file_.opened() == StateFile::Opened::damaged ? base::Outcome::unknown : base::Outcome::ok;
  for (const auto& judged : judged_) outcome = base::worst(outcome, judged.state);
  if (!deliver()) {
    // What was measured is not hidden by it.
    if (!config_.command.empty() && outcome < base::Outcome::warning) outcome = base::Outcome::runtime_error;
  } else if (config_.notify == "changes") {
    for (const auto& judged : judged_) acknowledge(judged, state(), now_);
  }
  saved_ = file_.save();
  if (!saved_) {
    context_.output.log(emit::Level::error, "the state cannot be kept", fmt::format("{}: {}", config_.state_dir, file_.problem()),
                        "make STATE_DIR a folder that this user may write");
    outcome = base::worst(outcome, base::Outcome::unknown);
  }
  return outcome;
}

}  // namespace watch
