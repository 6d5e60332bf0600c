// The age of secrets that are kept in files.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "finding.hpp"

// A line for each secret whose file the environment names. Looks at when that of NAME_FILE was written, and never opens it. What is
// in CREDENTIALS_DIRECTORY is a copy that systemd made when the service started, and its age says nothing.
std::vector<Finding> probe_secrets(const config::Environment& environment, base::WallTime now);
