#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Prints what is known about the dead letters that the call means, but for their payloads, and the summary.
base::Outcome show(const Config& config, app::Stop& stop, app::Context& context);
