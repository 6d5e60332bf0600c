#pragma once

#include "app/tool.hpp"
#include "config.hpp"

// Probes what the call asks for, all at once under one deadline, prints a line for each and the summary.
base::Outcome probe(const Config& config, app::Context& context);
