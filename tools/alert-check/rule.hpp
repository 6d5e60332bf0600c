// The rule language:
//
//     NAME SEVERITY EXPR [for DUR] [keep DUR]
//
//     SEVERITY  warning | critical
//     EXPR      METRIC OP NUMBER | delta(METRIC, DUR) OP NUMBER
//     OP        > | >= | < | <= | == | !=
//
// for: it must be exceeded that long; keep: and counts that long after it last was.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/outcome.hpp"

struct Rule {
  std::string name;
  base::Outcome severity = base::Outcome::critical;
  std::string metric;
  std::optional<base::Milliseconds> window;  // of delta()
  std::string_view op;
  double threshold = 0;
  base::Milliseconds hold{0};
  base::Milliseconds keep{0};
  bool optional = false;  // one of the default rules that says nothing where the snapshot lacks the metric
  std::string_view hint;  // what to do when it is exceeded

  [[nodiscard]] bool exceeded(double value) const;
};

struct RuleProblem {
  std::size_t column = 0;  // from 1
  std::string expected;    // what is allowed there, with what was found

  [[nodiscard]] std::string text() const;
};

std::variant<Rule, RuleProblem> parse_rule(std::string_view text);

// One rule a line; empty lines and those that begin with # are skipped. Returns what is wrong, with its line, or nothing.
std::optional<std::string> parse_rules(std::string_view text, std::vector<Rule>& into);

std::vector<Rule> default_rules();

// `more` after `rules`: one of a name that is there replaces it.
void merge(std::vector<Rule>& rules, const std::vector<Rule>& more);
