#pragma once

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"

// Reads each file and prints its object, in the order of the arguments. The worst of them is the outcome.
base::Outcome extract_files(const Config& config, app::Stop& stop, app::Context& context);
