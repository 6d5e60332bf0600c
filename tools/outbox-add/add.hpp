#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Enqueues the lines of standard input, a thousand in a transaction, and prints the summary.
base::Outcome add(const Config& config, app::Stop& stop, app::Context& context);
