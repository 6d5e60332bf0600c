// One run of a watcher: its flags, its state, and who is told what.
#pragma once

#include <string>
#include <vector>

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config/settings.hpp"
#include "watch/judge.hpp"
#include "watch/state.hpp"

namespace watch {

struct Config {
  std::string state_dir;
  std::string instance;

  std::string notify = "all";
  base::Milliseconds repeat{std::chrono::hours(4)};
  std::int64_t clear_after = 2;
  base::Milliseconds timeout{std::chrono::seconds(30)};
  std::vector<std::string> command;  // what follows "--"
};

std::vector<app::Flag> flags(Config& config);
void bind(config::Settings& settings, Config& config);

class Session {
 public:
  // `name` is that of the state file, before INSTANCE.
  Session(const Config& config, std::string name, app::Context& context, app::Stop& stop, Moment now);

  // Another run is at it: nothing is to be done.
  [[nodiscard]] bool busy() const { return file_.opened() == StateFile::Opened::busy; }
  // False where nothing can be remembered: what needs a past is unknown then.
  [[nodiscard]] bool remembers() const { return file_.opened() != StateFile::Opened::unusable; }
  [[nodiscard]] State& state() { return file_.state(); }
  [[nodiscard]] const Moment& now() const { return now_; }

  std::vector<Judged> judge(const std::vector<Verdict>& verdicts);
  // Whether --notify asks for a line about it.
  [[nodiscard]] bool selects(const Judged& judged) const;

  // Prints a line, or keeps it for the command.
  template <class Line>
  void add(const Line& line) {
    ++lines_;
    if (!config_.command.empty()) {
      for_command_ += context_.output.line(line);
    } else if (!context_.plugin() && !context_.output.text()) {
      context_.output.event(line);
    }
  }
  // Text for people is the tool's own: true when that is what it should print.
  [[nodiscard]] bool prints_text() const { return config_.command.empty() && !context_.plugin() && context_.output.text(); }

  // Tells the command, remembers what was told, saves the state, and says what the run came to.
  base::Outcome close();
  [[nodiscard]] bool saved() const { return saved_; }
  [[nodiscard]] std::int64_t lines() const { return lines_; }
  // Ends the run: with the summary, unless --notify changes had nothing to say.
  template <class Summary>
  base::Outcome finish(const Summary& summary, base::Outcome outcome) {
    if (config_.notify == "changes" && lines_ == 0) return context_.finish(outcome);
    return context_.finish(summary, outcome);
  }

 private:
  bool deliver();

  const Config& config_;
  app::Context& context_;
  app::Stop& stop_;
  Moment now_;
  StateFile file_;
  std::vector<Judged> judged_;
  std::string for_command_;
  std::int64_t lines_ = 0;
  bool saved_ = false;
};

}  // namespace watch
