// One run of inbox-add.
#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Throws base::Error when there is no tenant, or nothing to add.
void check_usage(const Config& config);

// Adds each file; one that is refused is told by its number and does not keep the others back.
base::Outcome add(const Config& config, app::Stop& stop, app::Context& context);
