// Standard Webhooks signatures (specification 1.0.0, "Signature scheme", symmetric v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace http {

// The key in "whsec_BASE64", 24 to 64 bytes. Returns what is wrong instead.
std::optional<std::string> parse_signing_key(std::string_view text, std::string& key);

// "v1,BASE64" over "id.timestamp.body".
std::string sign(std::string_view key, std::string_view id, std::int64_t timestamp, std::string_view body);

}  // namespace http
