// The age of secrets that are kept in files.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "finding.hpp"

// A line for each secret whose file the environment names, by CREDENTIALS_DIRECTORY or NAME_FILE. Looks at when the file was
// written, and never opens it.
std::vector<Finding> probe_secrets(const config::Environment& environment, base::WallTime now);
