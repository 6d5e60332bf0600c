// Help, man page blocks, completion and env.example from the tables of a tool.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/tool.hpp"

namespace app {

// Flags that every tool has.
std::vector<Flag> common_flags();

// `what` is help, man, env or completion.
std::string describe_as(std::string_view what, const About& about, const std::vector<Flag>& flags, const config::Settings& settings);

}  // namespace app
