// Writes JSON text straight into a string, without a tree in between.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emit {

// Appends `text` as a JSON string. Invalid UTF-8 becomes U+FFFD, so a line is always valid.
void append_string(std::string& out, std::string_view text);

inline void append_value(std::string& out, std::string_view text) { append_string(out, text); }
inline void append_value(std::string& out, const std::string& text) { append_string(out, text); }
inline void append_value(std::string& out, const char* text) { append_string(out, text); }
namespace detail {
void append_int64(std::string& out, long long value);
}  // namespace detail

template <std::integral T>
void append_value(std::string& out, T value) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else {
    static_assert(std::signed_integral<T> || sizeof(T) < sizeof(long long), "a line holds signed numbers");
    detail::append_int64(out, value);
  }
}
void append_value(std::string& out, double value);  // not finite: null

// JSON text that goes into the line as it is: a payload whose bytes must not change. Must be valid JSON without line breaks.
struct Raw {
  std::string_view json;
};
inline void append_value(std::string& out, Raw raw) { out += raw.json; }

template <class T>
void append_value(std::string& out, const std::optional<T>& value) {
  if (value) {
    append_value(out, *value);
  } else {
    out += "null";
  }
}

template <class T>
void append_value(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (bool first = true; const auto& value : values) {
    if (!first) out += ',';
    first = false;
    append_value(out, value);
  }
  out += ']';
}

}  // namespace emit
