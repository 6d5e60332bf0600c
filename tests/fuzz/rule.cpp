// Rules of alert-check. A problem points into the line.
#include "rule.hpp"

#include "fuzz.hpp"

void fuzz(std::string_view input) {
  const auto parsed = parse_rule(input);
  if (const auto* problem = std::get_if<RuleProblem>(&parsed)) {
    promise(problem->column >= 1 && problem->column <= input.size() + 1 && !problem->expected.empty());
  } else {
    const auto& rule = std::get<Rule>(parsed);
    promise(!rule.name.empty() && !rule.metric.empty() && rule.hold.count() >= 0 && rule.keep.count() >= 0);
  }
  std::vector<Rule> rules;
  parse_rules(input, rules);
}
