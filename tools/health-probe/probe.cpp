#include "probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "advice.hpp"
#include "base/thread.hpp"
#include "database.hpp"
#include "finding.hpp"
#include "ready.hpp"
#include "secrets.hpp"
#include "table.hpp"
#include "webhook.hpp"

namespace {

using namespace std::chrono_literals;

// For what a probe has to say about its own deadline.
constexpr base::Milliseconds last_words{100};

struct Task {
  std::string probe;
  std::function<std::vector<Finding>(base::Deadline)> run;
};

// Shared with threads that may outlive everything else.
struct Board {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<std::vector<Finding>>> found;
  std::size_t left = 0;
};

std::vector<Task> tasks_of(const Config& c) {
  const auto wanted = [&](Mode mode) { return c.mode == mode || c.mode == Mode::all; };
  std::vector<Task> tasks;
  if (wanted(Mode::live)) tasks.push_back({"live", [](base::Deadline) { return std::vector{found("live", base::Outcome::ok, "running")}; }});
  if (c.ready) tasks.push_back({"ready", [c](base::Deadline deadline) { return std::vector{probe_ready(c, deadline)}; }});
  if (wanted(Mode::db)) tasks.push_back({"db", [c](base::Deadline deadline) { return std::vector{probe_database(c, deadline)}; }});
  if (wanted(Mode::schema)) tasks.push_back({"schema", [c](base::Deadline deadline) { return probe_schema(c, deadline); }});
  if (wanted(Mode::webhook)) tasks.push_back({"webhook", [c](base::Deadline deadline) { return std::vector{probe_webhook(c, deadline)}; }});
  if (wanted(Mode::secrets)) tasks.push_back({"secrets", [](base::Deadline) { return probe_secrets(config::process_environment(), base::wall_now()); }});
  return tasks;
}

std::jthread start(const Task& task, std::size_t nth, const std::shared_ptr<Board>& board, base::Deadline deadline) {
  return std::jthread([task, nth, board, deadline] {
    const auto began = base::Boottime::now();
    std::vector<Finding> findings;
    try {
      findings = task.run(deadline);
    } catch (const std::exception&) {
      findings = {found(task.probe, base::Outcome::unknown, "error")};
    }
    const auto took = std::chrono::round<base::Milliseconds>(base::Boottime::now() - began).count();
    for (auto& finding : findings) finding.line.duration_ms = took;
    const std::scoped_lock lock(board->mutex);
    board->found[nth] = std::move(findings);
    --board->left;
    board->changed.notify_one();
  });
}

// In the order of the tasks. One that is not back by the deadline has timed out, and is let go of.
std::vector<Finding> run_all(const std::vector<Task>& tasks, base::Milliseconds timeout) {
  const base::Deadline deadline(timeout);
  const auto board = std::make_shared<Board>();
  board->found.resize(tasks.size());
  board->left = tasks.size();
  // Whoever is back is waited for: it still gives up what libraries keep for each thread, and these are not to be gone before.
  std::vector<std::jthread> threads;
  for (std::size_t nth = 0; nth < tasks.size(); ++nth) threads.push_back(start(tasks[nth], nth, board, deadline));

  std::unique_lock lock(board->mutex);
  board->changed.wait_for(lock, timeout + last_words, [&] { return board->left == 0; });
  std::vector<Finding> findings;
  for (std::size_t nth = 0; nth < tasks.size(); ++nth) {
    auto of_task = board->found[nth].value_or(std::vector{found(tasks[nth].probe, base::Outcome::critical, "timeout")});
    if (!board->found[nth]) of_task.front().line.duration_ms = timeout.count();
    std::ranges::move(of_task, std::back_inserter(findings));
    if (!board->found[nth]) base::let_go(std::move(threads[nth]));
  }
  return findings;
}

bool needs_somebody(const Finding& finding) { return finding.outcome != base::Outcome::ok && finding.outcome != base::Outcome::skipped; }

base::Outcome worst_of(const std::vector<Finding>& findings) {
  auto outcome = base::Outcome::ok;
  for (const auto& finding : findings) {
    if (needs_somebody(finding)) outcome = base::worst(outcome, finding.outcome);
  }
  return outcome;
}

base::Outcome finish_plugin(const std::vector<Finding>& findings, app::Context& context) {
  std::vector<std::string> texts;
  std::vector<std::string> perfdata;
  for (const auto& [outcome, line] : findings) {
    texts.push_back(fmt::format("{} {}", line.probe, line.reason));
    if (line.probe != "secrets") perfdata.push_back(fmt::format("'{}'={}ms", line.probe, line.duration_ms));
  }
  return context.finish_plugin(worst_of(findings), fmt::format("{}", fmt::join(texts, ", ")), fmt::format("{}", fmt::join(perfdata, " ")));
}

}  // namespace

base::Outcome probe(const Config& config, app::Context& context) {
  const auto began = base::Boottime::now();
  auto findings = run_all(tasks_of(config), config.timeout);
  for (auto& finding : findings) {
    if (needs_somebody(finding) && finding.line.hint.empty()) finding.line.hint = advice_for(finding.line.reason);
  }
  if (context.plugin()) return finish_plugin(findings, context);
  if (context.output.text()) {
    context.output.plain(table(findings));
  } else {
    for (const auto& finding : findings) context.output.event(finding.line);
  }
  Summary summary;
  summary.probes = static_cast<std::int64_t>(findings.size());
  summary.not_ok = std::ranges::count_if(findings, needs_somebody);
  summary.duration_ms = std::chrono::round<base::Milliseconds>(base::Boottime::now() - began).count();
  return context.finish(summary, worst_of(findings));
}
