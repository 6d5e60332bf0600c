// What a probe found, before it becomes a line.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/outcome.hpp"
#include "events.hpp"

struct Finding {
  base::Outcome outcome = base::Outcome::ok;
  Probe line;
};

inline Finding found(std::string probe, base::Outcome outcome, std::string reason) {
  Finding finding;
  finding.outcome = outcome;
  finding.line.probe = std::move(probe);
  finding.line.state = base::state_name(outcome);
  finding.line.reason = std::move(reason);
  return finding;
}
