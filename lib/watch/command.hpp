// A command that is told what is new.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace watch {

// Runs a command (found in PATH, no shell) with `input` on its standard input and what it prints on our standard error, and
// waits for it. Returns what went wrong, or nothing when it exits 0: then it has taken what it was told.
// It is ended when `timeout` is over or `stop_fd` becomes readable.
std::string tell(const std::vector<std::string>& command, std::string_view input, base::Milliseconds timeout, int stop_fd);

}  // namespace watch
