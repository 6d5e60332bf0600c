#include "http/signature.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"

namespace http {

std::optional<std::string> parse_signing_key(std::string_view text, std::string& key) {
  constexpr std::string_view prefix = "whsec_";
  if (!text.starts_with(prefix)) return "does not begin with whsec_";
  auto decoded = base::base64_decode(text.substr(prefix.size()));
  if (!decoded) return "is not base64 after whsec_";
  if (decoded->size() < 24 || decoded->size() > 64) return "does not have 24 to 64 bytes";
  key = std::move(*decoded);
  return std::nullopt;
}

std::string sign(std::string_view key, std::string_view id, std::int64_t timestamp, std::string_view body) {
  std::string content = fmt::format("{}.{}.", id, timestamp);
  content += body;
  return "v1," + base::base64(base::bytes_of(base::hmac_sha256(key, content)));
}

}  // namespace http
