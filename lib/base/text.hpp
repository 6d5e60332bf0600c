// Small pure functions on text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// Splits at every separator; an empty text has no parts.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
std::string upper(std::string_view text);

// Decimal digits with an optional minus sign and nothing else; nullopt also on overflow.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Its sixteen bytes: 8-4-4-4-12 hexadecimal digits, either case; nullopt when it is none.
std::optional<std::array<char, 16>> parse_uuid(std::string_view text);
inline bool is_uuid(std::string_view text) { return parse_uuid(text).has_value(); }
std::string random_uuid();

constexpr bool is_ascii(char byte) { return static_cast<unsigned char>(byte) < 0x80; }
// True where a byte below 0x20 or 0x7F occurs.
bool has_control(std::string_view text);
bool is_utf8(std::string_view text);

// The candidate nearest by edit distance, if near enough to be a typing error.
std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace base
