#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Serves until a signal comes or --max-seconds are over, and prints the summary.
base::Outcome serve(const Config& config, app::Stop& stop, app::Context& context);
