// Every setting of every tool, each declared in one row. Loading, range check, --help, the man
// pages' ENVIRONMENT, --check-config, "did you mean" and systemd/env.example all read this table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace config {

enum class Kind { text, integer, boolean };

struct Row {
  std::string_view name;
  std::string_view metavar;
  std::string_view fallback;  // empty: none
  Kind kind;
  bool secret;       // read from a credential or a file first; its value is never shown
  std::int64_t min;  // integer only
  std::int64_t max;
  std::string_view allowed;  // what is allowed, in words; empty for integers and booleans, which say it themselves
  std::string_view help;     // one sentence, full stop; defaults and ranges are added when it is printed
};

std::span<const Row> catalog();

// The row of a name. Ends the program for a name that is not in the catalog: a programming error that every test finds.
const Row& row(std::string_view name);

}  // namespace config
