// An input line as an event.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "config.hpp"

struct Item {
  std::int64_t line = 0;
  std::string tenant;
  std::string event_type;
  std::string payload;
  std::string key;
  std::string schema_version;
  std::optional<std::string> trace_id;
};

struct Skip {};  // empty, or the summary line of another tool
struct Refuse {
  std::string why;  // never quotes the line
};

// `default_key` is used when neither the line nor --key-field gives one.
std::variant<Item, Skip, Refuse> read_item(std::string_view line, std::int64_t number, const Config& config, std::string_view default_key);

// The text of a top-level member of a JSON object, to the byte. The object must be valid JSON. The last one wins, as it does in jq.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view name);
