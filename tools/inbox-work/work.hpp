// One run of inbox-work.
#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Reads what is due, or, as a service, until a stop is asked for. Prints the summary. Throws base::Error when it cannot go on.
base::Outcome work(Config& config, app::Stop& stop, app::Context& context);
