// What a tool says of itself, as the tests see it that hold for all tools: those are compiled once, and this for each tool.
#pragma once

#include <memory>
#include <vector>

#include "app/tool.hpp"
#include "config/settings.hpp"

struct Documented {
  std::shared_ptr<void> config;  // flags and settings store into it
  app::About about;
  std::vector<app::Flag> flags;
  config::Settings settings;
};

Documented documented();
