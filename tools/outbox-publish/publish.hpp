#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Delivers until there is nothing left, or until it is stopped, and prints the summary.
base::Outcome publish(Config& config, app::Stop& stop, app::Context& context);
