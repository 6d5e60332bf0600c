#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Prints the dead letters that the call means, each with what the action would do, and the summary. Changes nothing.
base::Outcome list(const Config& config, app::Stop& stop, app::Context& context);
