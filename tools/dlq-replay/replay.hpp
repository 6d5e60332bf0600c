#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Replays or discards the dead letters that the call means, each in a transaction of its own, and prints the summary.
base::Outcome replay(const Config& config, app::Stop& stop, app::Context& context);
