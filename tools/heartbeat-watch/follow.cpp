#include "follow.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.hpp"
#include "base/lines.hpp"
#include "beat.hpp"
#include "emit/json.hpp"
#include "events.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::size_t longest_line = 1'048'576;
constexpr auto write_every = 1s;

class Keeper {
 public:
  Keeper(const Config& config, emit::Output& output) : config_(config), output_(output) {}

  void take(const RunnerLine& line) {
    const auto [known, is_new] = traces_.try_emplace(line.runner);
    if (is_new) known->second.trace.begin(before(line.runner));
    known->second.trace.take(line.type, line.at, line.backlog, line.done);
    known->second.changed = true;
    if (base::Boottime::now() - written_at_ >= write_every) write();
  }

  // Replaces the files of what changed.
  void write() {
    written_at_ = base::Boottime::now();
    for (auto& [runner, kept] : traces_) {
      if (!std::exchange(kept.changed, false)) continue;
      const auto path = config_.path_of(runner);
      try {
        base::replace_file(path, kept.trace.file(runner, watch::Moment::now()), 0640, false);
        failed_ = false;
      } catch (const std::system_error& e) {
        if (!std::exchange(failed_, true)) {
          output_.log(emit::Level::error, "the heartbeat file cannot be written", fmt::format("{}: {}", path, e.code().message()),
                      "create RUN_DIR, writable for this user; it is tried again");
        }
      }
    }
  }

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t count() const { return traces_.size(); }

 private:
  struct Kept {
    Trace trace;
    bool changed = false;
  };

  [[nodiscard]] std::string before(const std::string& runner) const {
    try {
      return base::read_regular_file(config_.path_of(runner), beat_limit, base::Links::refused).content;
    } catch (const std::system_error&) {
      return "";
    }
  }

  const Config& config_;
  emit::Output& output_;
  std::map<std::string, Kept> traces_;
  base::Boottime::time_point written_at_{};
  bool failed_ = false;
};

std::int64_t number(const json& object, const char* name) {
  const auto field = object.find(name);
  return field == object.end() || !field->is_number_integer() ? 0 : field->get<std::int64_t>();
}

std::string text(const json& object, const char* name) {
  const auto field = object.find(name);
  return field == object.end() || !field->is_string() ? "" : field->get<std::string>();
}

}  // namespace

void Trace::begin(std::string_view content) {
  if (const auto beat = parse_beat(content); beat && beat->success) success_ = base::iso8601(*beat->success);
}

void Trace::take(std::string_view type, base::WallTime at, std::int64_t backlog, std::int64_t done) {
  if (started_ == base::WallTime() || state_ == "stopped") started_ = at;
  loop_ = std::max(loop_, at);
  state_ = type == "summary" ? "stopped" : "running";
  const bool delivered = type == "published" || type == "parsed";
  if (delivered) ++done_;
  if (type == "pass") {
    ++loops_;
    backlog_ = backlog;
  }
  // A pass that found nothing due has succeeded, too.
  if (delivered || (type == "pass" && (done > 0 || backlog == 0))) success_ = base::iso8601(at);
}

std::string Trace::file(std::string_view name, const watch::Moment& now) const {
  const auto age = std::max(now.wall - loop_, base::Milliseconds(0));
  std::string line = R"({"v":1,"name":)";
  emit::append_string(line, name);
  line += fmt::format(
      R"(,"state":"{}","loop_ts":"{}","last_success_ts":{},"started_ts":"{}","loops":{},"done":{},"backlog":{},"pid":{},"boot_id":"{}","boottime_ns":{}}})",
      state_, base::iso8601(loop_), success_.empty() ? "null" : fmt::format("\"{}\"", success_), base::iso8601(started_), loops_, done_, backlog_, getpid(),
      now.boot_id, now.boottime_ns - std::chrono::nanoseconds(age).count());
  return line + "\n";
}

std::optional<RunnerLine> read_runner_line(std::string_view line) {
  const auto object = json::parse(line, nullptr, false);
  if (!object.is_object() || number(object, "v") != 1) return std::nullopt;
  const auto tool = text(object, "tool");
  RunnerLine read;
  read.runner = tool == "outbox-publish" ? "publisher" : tool == "inbox-work" ? "worker" : "";
  read.type = text(object, "type");
  const auto at = base::parse_time(text(object, "ts"));
  if (read.runner.empty() || read.type.empty() || read.type == "log" || !at) return std::nullopt;
  read.at = *at;
  read.backlog = number(object, "backlog");
  read.done = std::max(number(object, "sent"), number(object, "parsed"));  // each runner has one of them
  return read;
}

base::Outcome follow(const Config& config, app::Stop& stop, app::Context& context) {
  context.output.give_up_when([&stop] { return stop.requested(); });
  Keeper keeper(config, context.output);
  base::Lines lines(STDIN_FILENO, longest_line);
  std::string line;
  for (auto got = base::Lines::Got::nothing_yet; got != base::Lines::Got::end && !stop.requested();) {
    got = lines.next(line, write_every, stop.fd());
    if (got == base::Lines::Got::nothing_yet) keeper.write();
    if (got != base::Lines::Got::line) continue;
    if (const auto read = read_runner_line(line)) keeper.take(*read);
  }
  keeper.write();
  Summary summary;
  summary.targets = static_cast<std::int64_t>(keeper.count());
  const auto outcome = keeper.failed() ? base::Outcome::runtime_error : base::Outcome::ok;
  if (context.plugin()) return context.finish_plugin(outcome, fmt::format("{} files kept", keeper.count()));
  return context.finish(summary, outcome);
}
