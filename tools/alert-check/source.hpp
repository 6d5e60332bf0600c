// Where a snapshot comes from: the database, a file, standard input or a URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "base/clock.hpp"
#include "config.hpp"

// What was read. Anything that kept it from being read is `problem`, and was said on standard error: it makes every rule unknown.
struct Reading {
  std::string text;
  std::optional<base::WallTime> modified;  // of a file
  std::string problem;
};

Reading read_source(const Config& config, app::Stop& stop, app::Context& context);

// Unresolved dead letters as the database counts them; nullopt when it could not say, which was said.
std::optional<std::int64_t> count_dead_letters(const Config& config, app::Context& context);
