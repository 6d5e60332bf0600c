#pragma once

#include "config.hpp"

// Reads documents for inbox-work until it is gone; see sandbox/server.hpp.
void serve(const Config& config);
