#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "watch/moment.hpp"

// Looks at every target, tells what is new and remembers it.
base::Outcome look(const Config& config, app::Stop& stop, app::Context& context, const watch::Moment& now);
