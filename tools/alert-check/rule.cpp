#include "rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view in_name = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.:-";
// Longest first: ">=" is not ">" and something.
constexpr auto operators = std::to_array<std::string_view>({">=", "<=", "==", "!=", ">", "<"});
constexpr base::Milliseconds shortest_window{std::chrono::seconds(1)};
constexpr base::Milliseconds longest_window{std::chrono::days(7)};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Rule rule() {
    Rule rule;
    rule.name = word("a name of letters, digits and _ . : -");
    rule.severity = severity();
    expression(rule);
    rule.op = operation();
    rule.threshold = number();
    options(rule);
    return rule;
  }

 private:
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size()); }

  [[noreturn]] void fail(std::string_view expected) const {
    const auto rest = text_.substr(at_);
    const auto found = rest.substr(0, std::min<std::size_t>(rest.find_first_of(" \t"), 20));
    throw RuleProblem{at_ + 1, fmt::format("expected {}, found {}", expected, found.empty() ? "the end" : fmt::format("\"{}\"", found))};
  }

  std::string_view peek_word() {
    skip_blanks();
    if (at_ == text_.size() || letters.find(text_[at_]) == std::string_view::npos) return {};
    return text_.substr(at_, text_.find_first_not_of(in_name, at_) - at_);
  }

  std::string word(std::string_view expected) {
    const auto found = peek_word();
    if (found.empty()) fail(expected);
    at_ += found.size();
    return std::string(found);
  }

  base::Outcome severity() {
    const auto found = peek_word();
    if (found != "warning" && found != "critical") fail("warning or critical");
    at_ += found.size();
    return found == "warning" ? base::Outcome::warning : base::Outcome::critical;
  }

  void take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) fail(fmt::format("\"{}\"", c));
    ++at_;
  }

  void expression(Rule& rule) {
    rule.metric = word("a metric, or delta(METRIC, DUR)");
    skip_blanks();
    if (rule.metric != "delta" || at_ == text_.size() || text_[at_] != '(') return;
    take('(');
    rule.metric = word("a metric");
    take(',');
    rule.window = duration(shortest_window, longest_window);
    take(')');
  }

  std::string_view operation() {
    skip_blanks();
    for (const auto op : operators) {
      if (!text_.substr(at_).starts_with(op)) continue;
      at_ += op.size();
      return op;
    }
    fail("one of > >= < <= == !=");
  }

  double number() {
    skip_blanks();
    double value = 0;
    const auto* begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    const auto next = static_cast<std::size_t>(end - text_.data());
    const bool whole = next == text_.size() || text_[next] == ' ' || text_[next] == '\t';
    if (error != std::errc() || !std::isfinite(value) || !whole) fail("a number without a unit");
    at_ = next;
    return value;
  }

  base::Milliseconds duration(base::Milliseconds shortest, base::Milliseconds longest) {
    skip_blanks();
    const auto found = text_.substr(at_, text_.find_first_of(" \t,)", at_) - at_);
    const auto value = base::parse_duration(found);
    if (!value || *value < shortest || *value > longest) {
      fail(fmt::format("a duration from {} to {} (90s, 5m, 1h30m)", base::duration_text(shortest), base::duration_text(longest)));
    }
    at_ += found.size();
    return *value;
  }

  void options(Rule& rule) {
    for (auto found = peek_word(); at_ != text_.size(); found = peek_word()) {
      if (found != "for" && found != "keep") fail("for DUR, keep DUR or the end");
      at_ += found.size();
      (found == "for" ? rule.hold : rule.keep) = duration(base::Milliseconds(0), longest_window);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

bool Rule::exceeded(double value) const {
  if (op == ">") return value > threshold;
  if (op == ">=") return value >= threshold;
  if (op == "<") return value < threshold;
  if (op == "<=") return value <= threshold;
  return (op == "==") == (value == threshold);
}

std::string RuleProblem::text() const { return fmt::format("column {}: {}", column, expected); }

std::variant<Rule, RuleProblem> parse_rule(std::string_view text) {
  try {
    return Parser(text).rule();
  } catch (const RuleProblem& problem) {
    return problem;
  }
}

std::optional<std::string> parse_rules(std::string_view text, std::vector<Rule>& into) {
  std::size_t number = 0;
  for (const auto line : base::split(text, '\n')) {
    ++number;
    const auto rule = base::trim(line);
    if (rule.empty() || rule.starts_with('#')) continue;
    auto parsed = parse_rule(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    if (const auto* problem = std::get_if<RuleProblem>(&parsed)) return fmt::format("line {}, {}", number, problem->text());
    merge(into, {std::get<Rule>(std::move(parsed))});
  }
  return std::nullopt;
}

std::vector<Rule> default_rules() {
  const auto rule = [](std::string_view text, std::string_view hint) {
    auto made = std::get<Rule>(parse_rule(text));
    made.hint = hint;
    return made;
  };
  std::vector<Rule> rules{
      rule("publisher_lag_ms warning publisher_lag_ms > 300000", "is a publisher running, and does the endpoint answer? health-probe all; heartbeat-watch"),
      rule("dlq_size critical dlq_size > 0", "look at them: dlq-replay list --all-tenants"),
      rule("parse_failures_total warning delta(parse_failures_total, 5m) > 10", "which documents? journalctl -u 0admin-inbox-work | grep parse_failed"),
      rule("outbox_stuck warning outbox_stuck > 0", "their holder vanished and nobody claims: is a publisher or worker running? heartbeat-watch"),
  };
  rules.back().optional = true;
  return rules;
}

void merge(std::vector<Rule>& rules, const std::vector<Rule>& more) {
  for (const auto& rule : more) {
    const auto known = std::ranges::find(rules, rule.name, &Rule::name);
    if (known == rules.end()) {
      rules.push_back(rule);
    } else {
      *known = rule;
    }
  }
}
