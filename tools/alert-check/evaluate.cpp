#include "evaluate.hpp"

#include <algorithm>
#include <map>

#include "window.hpp"

namespace {

using watch::Finding::clear;
using watch::Finding::exceeded;
using watch::Finding::no_data;
using watch::Finding::undetermined;

constexpr base::Milliseconds skew{std::chrono::seconds(5)};

bool is_counter(const std::string& name) { return name.ends_with("_total"); }
bool is_histogram(const Rule& rule, const Metric& metric) { return !rule.window && !metric.value && metric.count && metric.sum && !is_counter(rule.metric); }

std::string sum_of(const std::string& metric) { return metric + "#sum"; }
std::string count_of(const std::string& metric) { return metric + "#count"; }

std::optional<double> number_of(const Metric& metric) { return metric.value ? metric.value : metric.count; }

const std::vector<watch::Sample>& samples_of(const watch::State& state, const std::string& key) {
  static const std::vector<watch::Sample> none;
  const auto known = state.samples.find(key);
  return known == state.samples.end() ? none : known->second;
}

void settle(Evaluation& finding, double value) {
  finding.value = value;
  finding.verdict.finding = finding.rule->exceeded(value) ? exceeded : clear;
}

void settle(Evaluation& finding, watch::Finding what, std::string reason) {
  finding.verdict.finding = what;
  finding.reason = std::move(reason);
}

void by_delta(Evaluation& finding, double value, const Past& past) {
  const auto change = delta(samples_of(past.state, finding.rule->metric), value, *finding.rule->window, past.now);
  if (!change) return settle(finding, no_data, "no_baseline");
  settle(finding, change->value);
  if (change->scaled) finding.reason = "scaled";
  if (change->reset) finding.reason = "reset";
}

// Mean of what was counted since the last run.
void by_mean(Evaluation& finding, const Metric& metric, const Past& past) {
  const auto& counts = samples_of(past.state, count_of(finding.rule->metric));
  const auto& sums = samples_of(past.state, sum_of(finding.rule->metric));
  if (counts.empty() || sums.empty()) return settle(finding, no_data, "no_baseline");
  const bool reset = *metric.count < counts.back().value;
  const double count = *metric.count - (reset ? 0 : counts.back().value);
  const double sum = *metric.sum - (reset ? 0 : sums.back().value);
  if (count <= 0) return settle(finding, no_data, "no_samples");
  settle(finding, sum / count);
  if (reset) finding.reason = "reset";
}

void judge(Evaluation& finding, const Metric& metric, const Past& past) {
  const auto& rule = *finding.rule;
  const auto value = number_of(metric);
  if (!metric.usable || !value) return settle(finding, undetermined, "not_a_number");
  if (is_counter(rule.metric) && *value < 0) return settle(finding, undetermined, "negative_counter");
  const bool needs_past = rule.window || is_histogram(rule, metric);
  if (needs_past && !past.kept) return settle(finding, undetermined, "no_state");
  if (rule.window) return by_delta(finding, *value, past);
  if (is_histogram(rule, metric)) return by_mean(finding, metric, past);
  settle(finding, *value);
}

}  // namespace

std::vector<Evaluation> evaluate(const std::vector<Rule>& rules, const Snapshot& snapshot, const std::string& problem, const Past& past) {
  std::vector<Evaluation> findings;
  for (const auto& rule : rules) {
    Evaluation finding;
    finding.rule = &rule;
    finding.verdict = {rule.name, rule.severity, clear, rule.hold, rule.keep};
    const auto metric = snapshot.metrics.find(rule.metric);
    if (!problem.empty()) {
      settle(finding, undetermined, problem);
    } else if (metric != snapshot.metrics.end()) {
      judge(finding, metric->second, past);
    } else if (rule.optional) {
      continue;
    } else {
      settle(finding, undetermined, "absent");
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

void remember(const std::vector<Rule>& rules, const Snapshot& snapshot, const Past& past) {
  std::map<std::string, std::pair<base::Milliseconds, double>> wanted;  // by the key of the samples
  for (const auto& rule : rules) {
    const auto found = snapshot.metrics.find(rule.metric);
    if (found == snapshot.metrics.end() || !found->second.usable || !number_of(found->second)) continue;
    const auto& metric = found->second;
    if (rule.window) {
      auto& one = wanted[rule.metric];
      one = {std::max(one.first, *rule.window), *number_of(metric)};
    } else if (is_histogram(rule, metric)) {
      wanted[count_of(rule.metric)] = {base::Milliseconds(0), *metric.count};
      wanted[sum_of(rule.metric)] = {base::Milliseconds(0), *metric.sum};
    }
  }
  std::erase_if(past.state.samples, [&](const auto& kept) {
    const auto metric = kept.first.substr(0, kept.first.find('#'));
    return std::ranges::find(rules, metric, &Rule::metric) == rules.end();
  });
  for (const auto& [key, sample] : wanted) add_sample(past.state.samples[key], sample.second, sample.first, past.now);
}

std::string judge_age(const std::optional<base::WallTime>& taken, const watch::Moment& now, base::Milliseconds max_age) {
  if (!taken) return "";
  if (*taken > now.wall + skew) return "clock_skew";
  return now.wall - *taken > max_age ? "stale" : "";
}
