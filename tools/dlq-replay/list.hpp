#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Prints the dead letters that the call means, and the summary.
base::Outcome list(const Config& config, app::Stop& stop, app::Context& context);
