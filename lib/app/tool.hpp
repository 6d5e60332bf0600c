// The frame of every tool: parse, open, run, exit code.
//
//     int main(int argc, char** argv) {
//       return app::run(about, argc, argv, [](app::Context& context) {
//         const auto config = configure(context);
//         …
//         return context.finish(Summary{…}, base::Outcome::ok);
//       });
//     }
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/outcome.hpp"
#include "config/settings.hpp"
#include "emit/output.hpp"

namespace app {

// What --help, --version and the man page say about a tool.
struct About {
  std::string_view name;
  std::string_view summary;    // one line, as in the man page's NAME
  std::string_view arguments;  // what follows the options in the synopsis
  std::vector<emit::EventDoc> events;
};

// A command line option. `store` gets the value, or "" for a flag without one, and returns what is wrong with it.
struct Flag {
  std::string_view name;     // "--max-batches"
  std::string_view metavar;  // empty: takes no value
  std::string_view help;
  config::Store store;
  std::string_view shadows = {};  // the setting that it overrides for one call; `store` is then not used
};

config::Store set_flag(bool& into);
config::Store set_text(std::string& into);
config::Store set_integer(std::int64_t& into, std::int64_t min, std::int64_t max);
config::Store set_choice(std::string& into, std::vector<std::string_view> choices);
config::Store set_duration(base::Milliseconds& into, base::Milliseconds min, base::Milliseconds max);

// --plugin, for a tool that ends with finish_plugin().
Flag plugin_flag();

class Context {
 public:
  Context(const About& about, int argc, char** argv);

  // Parses the command line and the environment, and throws base::Error, or Done when there is nothing left to do (--help and the like).
  // All settings that are wrong are named, each in a line of its own; nothing is opened. A flag of the tool replaces
  // the common one of the same name. `command` gets what follows "--"; without it, that is positional, too.
  void configure(std::vector<Flag> flags, config::Settings settings, std::vector<std::string>* positional = nullptr,
                 std::vector<std::string>* command = nullptr);

  // Prints the last line and returns the outcome. `summary` has members `state`, `outcome` and `exit`, which are filled in here.
  template <class Summary>
  base::Outcome finish(Summary summary, base::Outcome outcome) {
    summary.state = base::state_name(outcome);
    summary.outcome = base::row_of(outcome).name;
    summary.exit = exit_code(outcome);
    if (closing_ == Closing::summary) output.event(summary);
    finished_ = true;
    return outcome;
  }
  // Returns the outcome without a last line: the result was complete without it.
  base::Outcome finish(base::Outcome outcome) {
    finished_ = true;
    return outcome;
  }

  // Whether --plugin was given: then nothing is printed but one line, by finish_plugin().
  [[nodiscard]] bool plugin() const { return closing_ == Closing::plugin; }
  // "ALERT-CHECK WARNING - text | perfdata", as the Monitoring Plugins have it. `perfdata` is 'label'=value;warn;crit;min;max, with blanks between.
  base::Outcome finish_plugin(base::Outcome outcome, std::string_view text, std::string_view perfdata = {});

  [[nodiscard]] int exit_code(base::Outcome outcome) const { return base::exit_code(outcome, view_); }
  [[nodiscard]] bool finished() const { return finished_; }
  // Ends a run that an error ended: with what stands in for the summary.
  void finish_failed(base::Outcome outcome, const std::string& error);
  [[nodiscard]] const About& about() const { return about_; }

  emit::Output output;

 private:
  enum class Closing { summary, plugin, nothing };

  const About& about_;
  int argc_;
  char** argv_;
  base::ExitView view_ = base::ExitView::simple;
  Closing closing_ = Closing::summary;
  bool finished_ = false;
};

// Thrown by configure() when a question about the tool itself has been answered.
struct Done {
  base::Outcome outcome;
};

// Thrown by configure() after it has said line by line what is wrong.
struct Failed {
  base::Outcome outcome;
  std::string error;
};

// The one catch that ends a process: turns whatever happened into one line on stderr, a summary and an exit code.
// With a thread that was let go it ends the process itself.
int run(const About& about, int argc, char** argv, const std::function<base::Outcome(Context&)>& body);

// "outbox-publish 0.1.0"
std::string version_of(std::string_view tool);
// "0admin-ops/0.1.0 (outbox-publish)"
std::string user_agent(std::string_view tool);

}  // namespace app
