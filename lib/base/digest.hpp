// SHA-256, HMAC-SHA256 and base64 by OpenSSL's libcrypto.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);

std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);  // strict: padding required, no blanks

// Whether `secret` is one of `accepted`. How long that takes tells nothing about any of them but their number.
bool is_one_of(std::string_view secret, const std::vector<std::string>& accepted);

inline std::string_view bytes_of(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace base
