// Who acts, as the audit keeps it: a keyed hash of the token, never the token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config.hpp"

struct Actor {
  std::string hash;
  std::string key_id;
  std::string host;
  std::string user;
  std::int64_t uid = 0;
};

// First 8 hexadecimal digits of the key's SHA-256: tells keys apart and gives nothing away.
std::string key_id_of(std::string_view key);
// HMAC-SHA256, hexadecimal.
std::string hash_of(std::string_view key, std::string_view token);

// Throws base::Error unless OPS_TOKEN is one of ADMIN_TOKENS and there is a key to hash it with.
Actor authorize(const Config& config);

// Which of ADMIN_TOKENS (from 1) made the hash under the current key or the previous one.
std::optional<std::int64_t> attribute(const Config& config, std::string_view hash, std::string_view key_id);
