// The runners of all hosts, from the database.
#pragma once

#include <vector>

#include "app/tool.hpp"
#include "beat.hpp"
#include "config.hpp"
#include "watch/state.hpp"

// The database itself is the first target, "fleet". When it does not answer, which is said, that is unknown and so is
// every target that is remembered.
std::vector<Assessment> assess_fleet(const Config& config, app::Context& context, const watch::State& state);
