// Keeps heartbeat files from the lines of runners, for services that write none.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "watch/moment.hpp"

// What the lines of one runner say.
class Trace {
 public:
  // What the file before says about successes, so that a restart forgets none.
  void begin(std::string_view before);
  // A line of type `type` of that time. `backlog` and `done` as a pass line has them.
  void take(std::string_view type, base::WallTime at, std::int64_t backlog, std::int64_t done);
  // The file, as runners write it. The age of the last line by the wall clock becomes one by CLOCK_BOOTTIME.
  [[nodiscard]] std::string file(std::string_view name, const watch::Moment& now) const;

 private:
  std::string state_ = "running";
  base::WallTime loop_{};
  base::WallTime started_{};
  std::string success_;
  std::int64_t loops_ = 0;
  std::int64_t done_ = 0;
  std::int64_t backlog_ = 0;
};

// One line of a journal: which runner it is of, and what it says; nullopt for whatever else is there.
struct RunnerLine {
  std::string runner;  // publisher or worker
  std::string type;
  base::WallTime at;
  std::int64_t backlog = 0;
  std::int64_t done = 0;
};
std::optional<RunnerLine> read_runner_line(std::string_view line);

base::Outcome follow(const Config& config, app::Stop& stop, app::Context& context);
