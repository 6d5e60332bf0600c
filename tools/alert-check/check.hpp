#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "watch/moment.hpp"

// Reads the snapshot, judges the rules, tells what is new and remembers it.
base::Outcome check(const Config& config, app::Stop& stop, app::Context& context, const watch::Moment& now);
