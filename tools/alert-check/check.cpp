#include "check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "evaluate.hpp"
#include "events.hpp"
#include "snapshot.hpp"
#include "source.hpp"
#include "watch/table.hpp"

namespace {

struct Shown {
  RuleLine line;
  const Rule* rule = nullptr;  // null: no longer watched
  watch::Judged judged;
};

Snapshot read_snapshot(const Config& config, app::Stop& stop, app::Context& context, const watch::Moment& now) {
  const auto reading = read_source(config, stop, context);
  Snapshot snapshot;
  if (!reading.problem.empty()) {
    snapshot.problem = reading.problem;
    return snapshot;
  }
  snapshot = parse_snapshot(reading.text);
  if (!snapshot.ts) snapshot.ts = reading.modified;
  // The database was asked just now, whatever its clock says.
  if (snapshot.problem.empty() && config.source != Source::database) snapshot.problem = judge_age(snapshot.ts, now, config.max_age);
  if (!snapshot.problem.empty() || snapshot.metrics.contains("dlq_size")) return snapshot;
  auto number = config.dlq_size;
  if (!number && !config.database.url.empty()) number = count_dead_letters(config, context);
  if (number) snapshot.metrics["dlq_size"].value = static_cast<double>(*number);
  return snapshot;
}

std::string_view hint_for_unknown(std::string_view reason) {
  constexpr auto hints = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"absent", "the snapshot has no such metric: check its name, or take another SOURCE"},
      {"clock_skew", "the clock of this host or of the snapshot's is wrong"},
      {"duplicate_key", "a name stands in the snapshot twice: repair what writes it"},
      {"empty", "what writes the snapshot wrote nothing: run it by hand"},
      {"json_invalid", "the snapshot is cut, or no JSON object: look at it with jq"},
      {"metrics_disabled", "switch the metrics on where they come from, or leave SOURCE out to ask the database"},
      {"negative_counter", "a counter cannot be negative: repair what writes the snapshot"},
      {"no_state", "make STATE_DIR a folder that this user may write"},
      {"not_a_number", "what stands there is no finite number: repair what writes the snapshot"},
      {"stale", "what writes the snapshot has stopped, or --max-age is too short"},
      {"too_large", "a snapshot has at most 1 MiB and 100000 names: is it the right file or URL?"},
  });
  const auto known = std::ranges::find(hints, reason, &std::pair<std::string_view, std::string_view>::first);
  return known != hints.end() ? known->second : "standard error says why; leave SOURCE out to ask the database";
}

std::string hint_of(const Evaluation& evaluation, const watch::Judged& judged) {
  if (judged.state == base::Outcome::unknown) return std::string(hint_for_unknown(evaluation.reason));
  return judged.level == base::Outcome::ok ? "" : std::string(evaluation.rule->hint);
}

RuleLine line_of(const Evaluation& evaluation, const watch::Judged& judged) {
  const auto& rule = *evaluation.rule;
  RuleLine line;
  line.rule = rule.name;
  line.severity = base::state_name(rule.severity);
  line.state = base::state_name(judged.state);
  line.phase = judged.phase;
  line.value = evaluation.value;
  line.op = rule.op;
  line.threshold = rule.threshold;
  line.since = base::iso8601(judged.since.wall);
  line.notify_reason = judged.news;
  line.fingerprint = watch::fingerprint("alert-check", rule.name);
  line.reason = evaluation.reason;
  line.hint = hint_of(evaluation, judged);
  return line;
}

RuleLine line_of_removed(const watch::Judged& judged) {
  RuleLine line;
  line.rule = judged.key;
  line.severity = line.state = "ok";
  line.phase = judged.phase;
  line.since = base::iso8601(judged.since.wall);
  line.notify_reason = judged.news;
  line.fingerprint = watch::fingerprint("alert-check", judged.key);
  line.reason = "rule_removed";
  return line;
}

std::string compared(const Shown& shown) {
  if (shown.rule == nullptr || !shown.line.value) return shown.line.reason;
  const auto special = shown.line.reason.empty() ? "" : fmt::format(" ({})", shown.line.reason);
  return fmt::format("{} {} {}{}", *shown.line.value, shown.judged.state == base::Outcome::ok && shown.line.phase != "pending" ? "is not" : "is",
                     fmt::format("{} {}", shown.line.op, shown.line.threshold), special);
}

watch::TableRow row_of(const Shown& shown) { return {shown.judged, shown.line.rule, compared(shown), shown.line.hint}; }

std::vector<watch::TableRow> rows_of(const std::vector<Shown>& all) {
  std::vector<watch::TableRow> rows;
  std::ranges::transform(all, std::back_inserter(rows), row_of);
  return rows;
}

std::string_view unit_of(const std::string& metric) {
  for (const auto& [suffix, unit] : {std::pair<std::string_view, std::string_view>("_ms", "ms"), {"_s", "s"}, {"_seconds", "s"}, {"_bytes", "B"}}) {
    if (metric.ends_with(suffix)) return unit;
  }
  return "";
}

// 'label'=value[UOM];warn;crit;min. A threshold is a range outside of which it is exceeded: "~:5" for > 5, "5:" for < 5.
std::string perfdata_of(const std::vector<Shown>& all) {
  std::string out;
  for (const auto& one : all) {
    if (one.rule == nullptr) continue;
    const auto range = one.line.op == ">"   ? fmt::format("~:{}", one.line.threshold)
                       : one.line.op == "<" ? fmt::format("{}:", one.line.threshold)
                                            : std::string();
    const bool warning = one.rule->severity == base::Outcome::warning;
    out += fmt::format("{}'{}'={}{};{};{};0", out.empty() ? "" : " ", one.line.rule, one.line.value ? fmt::format("{}", *one.line.value) : "U",
                       one.line.value && !one.rule->window ? unit_of(one.rule->metric) : "", warning ? range : "", warning ? "" : range);
  }
  return out;
}

std::string plugin_text(const std::vector<Shown>& all, base::Outcome outcome) {
  auto bad = watch::one_line(rows_of(all));
  if (!bad.empty()) return bad;
  return outcome == base::Outcome::ok ? fmt::format("{} rules ok", all.size()) : "standard error says what is wrong";
}

}  // namespace

base::Outcome check(const Config& config, app::Stop& stop, app::Context& context, const watch::Moment& now) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  watch::Session session(config.watch, "alert-check", context, stop, now);
  if (session.busy()) {
    if (context.plugin()) return context.finish_plugin(base::Outcome::skipped, "another run is at it");
    return session.finish(Summary{}, base::Outcome::skipped);
  }
  const auto rules = config.rules();
  const auto snapshot = read_snapshot(config, stop, context, now);
  if (stop.requested()) return session.finish(Summary{}, base::Outcome::ok);
  if (session.state().source != config.source_name()) session.state().samples.clear();  // counters of another source go their own ways
  session.state().source = config.source_name();
  const auto evaluations = evaluate(rules, snapshot, snapshot.problem, {session.state(), session.remembers(), now});
  if (snapshot.problem.empty()) remember(rules, snapshot, {session.state(), session.remembers(), now});

  std::vector<watch::Verdict> verdicts;
  verdicts.reserve(evaluations.size());
  for (const auto& evaluation : evaluations) verdicts.push_back(evaluation.verdict);
  const auto judged = session.judge(verdicts);
  std::vector<Shown> all;
  Summary summary;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const bool removed = judged[i].removed;
    all.push_back({removed ? line_of_removed(judged[i]) : line_of(evaluations[i], judged[i]), removed ? nullptr : evaluations[i].rule, judged[i]});
    summary.rules += removed ? 0 : 1;
    summary.firing += judged[i].phase == "firing" ? 1 : 0;
    summary.unknown += judged[i].state == base::Outcome::unknown ? 1 : 0;
  }
  std::vector<Shown> selected;
  std::ranges::copy_if(all, std::back_inserter(selected), [&](const Shown& one) { return session.selects(one.judged); });
  if (session.prints_text()) output.plain(watch::table(rows_of(selected), now));
  for (const auto& one : selected) session.add(one.line);

  auto outcome = session.close();
  if (output.failed()) outcome = base::Outcome::output_error;
  if (context.plugin()) return context.finish_plugin(outcome, plugin_text(all, outcome), perfdata_of(all));
  summary.notified = session.lines();
  if (snapshot.ts) summary.snapshot_age_s = static_cast<double>(std::max<std::int64_t>((now.wall - *snapshot.ts).count(), 0)) / 1000;
  summary.state_saved = session.saved();
  return session.finish(summary, outcome);
}
