#include "look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/duration.hpp"
#include "base/file.hpp"
#include "beat.hpp"
#include "events.hpp"
#include "fleet.hpp"
#include "watch/table.hpp"

namespace {

Assessment unknown(std::string reason) {
  Assessment a;
  a.finding = watch::Finding::undetermined;
  a.reason = std::move(reason);
  return a;
}

Assessment assess_file(const Target& target, const watch::Moment& now, base::Milliseconds max_age) {
  try {
    return assess(base::read_regular_file(target.path, beat_limit, base::Links::refused).content, now, max_age);
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::no_such_file_or_directory) return assess_missing("missing", now, max_age);
    if (e.code() == std::errc::file_too_large) return unknown("too_large");
    const bool irregular = e.code() == std::errc::invalid_argument || e.code() == std::errc::too_many_symbolic_link_levels ||
                           e.code() == std::errc::is_a_directory || e.code() == std::errc::no_such_device_or_address;
    return unknown(irregular ? "not_regular" : "unreadable");
  }
}

std::vector<Assessment> assess_all(const Config& config, app::Context& context, const watch::State& state, const watch::Moment& now) {
  if (config.fleet) return assess_fleet(config, context, state);
  std::vector<Assessment> all;
  for (const auto& target : config.watched()) {
    all.push_back(assess_file(target, now, config.max_age));
    all.back().target = target.name;
  }
  return all;
}

std::optional<double> seconds(const std::optional<base::Milliseconds>& duration) {
  if (!duration) return std::nullopt;
  return static_cast<double>(duration->count()) / 1000;
}

std::string_view hint_for(std::string_view reason) {
  if (reason == "missing" || reason == "before_boot" || reason == "loop_stale" || reason == "stopped")
    return "it does not run, or hangs: systemctl status of its unit, and its journal";
  if (reason == "stuck") return "it runs but delivers nothing: look for publish_failed and breaker in its journal; health-probe all";
  if (reason == "clock_skew") return "the clock of this host was set back, or that of the writer is wrong";
  if (reason == "database") return "standard error says why; health-probe db";
  if (reason == "no_rows") return "no runner has ever worked on this database: is DATABASE_URL the right one?";
  if (reason == "unreadable" || reason == "not_regular" || reason == "too_large" || reason == "invalid")
    return "it must be a file of at most 4 KiB that its runner wrote and this user may read";
  return "";
}

HeartbeatLine line_of(const Assessment& a, const watch::Judged& judged, base::Milliseconds max_age) {
  HeartbeatLine line;
  line.target = judged.key;
  line.state = base::state_name(judged.state);
  line.phase = judged.phase;
  line.reason = judged.removed ? "target_removed" : a.reason;
  line.age_s = seconds(a.age);
  line.max_age_s = *seconds(max_age);
  line.success_age_s = seconds(a.success_age);
  line.backlog = a.backlog;
  line.since = base::iso8601(judged.since.wall);
  line.notify_reason = judged.news;
  line.fingerprint = watch::fingerprint("heartbeat-watch", judged.key);
  if (judged.level != base::Outcome::ok) line.hint = hint_for(a.reason);
  return line;
}

std::string about(const HeartbeatLine& line) {
  const auto text = [](double s) { return base::duration_text(base::Milliseconds(static_cast<std::int64_t>(s) * 1000)); };
  std::string out = line.reason;
  if (line.age_s) out += fmt::format("{}looped {} ago", out.empty() ? "" : ", ", text(*line.age_s));
  if (line.success_age_s) out += fmt::format(", succeeded {} ago", text(*line.success_age_s));
  if (line.backlog) out += fmt::format(", {} due", *line.backlog);
  return out.empty() ? "reachable" : out;
}

std::string perfdata_of(const std::vector<HeartbeatLine>& lines) {
  std::string out;
  for (const auto& line : lines) {
    if (line.target == "fleet") continue;
    // A quote in a label is doubled, and an equals sign has no place in one.
    std::string label;
    for (const char c : line.target) label += c == '\'' ? "''" : c == '=' ? "_" : std::string(1, c);
    out += fmt::format("{}'{}'={};;~:{};0", out.empty() ? "" : " ", label, line.age_s ? fmt::format("{}s", *line.age_s) : "U", line.max_age_s);
  }
  return out;
}

}  // namespace

base::Outcome look(const Config& config, app::Stop& stop, app::Context& context, const watch::Moment& now) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  watch::Session session(config.watch, config.fleet ? "heartbeat-watch.fleet" : "heartbeat-watch", context, stop, now);
  if (session.busy()) {
    if (context.plugin()) return context.finish_plugin(base::Outcome::skipped, "another run is at it");
    return session.finish(Summary{}, base::Outcome::skipped);
  }
  const auto assessments = assess_all(config, context, session.state(), now);
  std::vector<watch::Verdict> verdicts;
  verdicts.reserve(assessments.size());
  for (const auto& a : assessments) verdicts.push_back({a.target, base::Outcome::critical, a.finding, a.hold, base::Milliseconds(0)});
  const auto judged = session.judge(verdicts);

  Summary summary;
  std::vector<HeartbeatLine> lines;
  std::vector<watch::TableRow> rows;
  std::vector<watch::TableRow> selected;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const auto& one = judged[i];
    const auto line = line_of(one.removed ? Assessment{} : assessments[i], one, config.max_age);
    summary.targets += one.removed ? 0 : 1;
    summary.firing += one.phase == "firing" ? 1 : 0;
    summary.unknown += one.state == base::Outcome::unknown ? 1 : 0;
    rows.push_back({one, line.target, about(line), line.hint});
    if (!one.removed) lines.push_back(line);
    if (!session.selects(one)) continue;
    session.add(line);
    selected.push_back(rows.back());
  }
  if (session.prints_text()) output.plain(watch::table(std::move(selected), now));

  auto outcome = session.close();
  if (output.failed()) outcome = base::Outcome::output_error;
  if (context.plugin()) {
    const auto bad = watch::one_line(rows);
    const auto text = !bad.empty() ? bad : outcome == base::Outcome::ok ? fmt::format("{} targets ok", lines.size()) : "standard error says what is wrong";
    return context.finish_plugin(outcome, text, perfdata_of(lines));
  }
  summary.notified = session.lines();
  summary.state_saved = session.saved();
  return session.finish(summary, outcome);
}
