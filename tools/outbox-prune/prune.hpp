#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Removes what is older than its retention, in bounded batches, and prints the summary.
base::Outcome prune(const Config& config, app::Stop& stop, app::Context& context);
