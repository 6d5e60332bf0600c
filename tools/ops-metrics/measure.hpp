#pragma once

#include "app/tool.hpp"
#include "config.hpp"

// Reads the snapshot and prints it, or replaces a file by it.
base::Outcome measure(const Config& config, app::Context& context);

// One metric a line, names and values aligned.
std::string text(const metrics::Snapshot& snapshot);
