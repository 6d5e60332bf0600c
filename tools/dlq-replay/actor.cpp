#include "actor.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>

#include "base/digest.hpp"
#include "base/error.hpp"

namespace {

base::Error refused(std::string detail, std::string hint) { return {base::Outcome::config_error, "the change is refused", std::move(detail), std::move(hint)}; }

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::to_string(uid);
  return found->pw_name;
}

}  // namespace

std::string key_id_of(std::string_view key) { return base::hex(base::bytes_of(base::sha256(key))).substr(0, 8); }

std::string hash_of(std::string_view key, std::string_view token) { return base::hex(base::bytes_of(base::hmac_sha256(key, token))); }

Actor authorize(const Config& config) {
  if (config.audit_key.empty()) throw refused("AUDIT_HMAC_KEY is not set", "set AUDIT_HMAC_KEY to at least 32 random bytes: the audit needs it");
  if (config.token.empty()) throw refused("OPS_TOKEN is not set", "set OPS_TOKEN to your token");
  if (!base::is_one_of(config.token, config.admin_tokens)) throw refused("OPS_TOKEN is none of ADMIN_TOKENS", "use a token that is in ADMIN_TOKENS");
  return {hash_of(config.audit_key, config.token), key_id_of(config.audit_key), host_name(), user_name(getuid()), getuid()};
}

std::optional<std::int64_t> attribute(const Config& config, std::string_view hash, std::string_view key_id) {
  for (const auto& key : {config.audit_key, config.previous_audit_key}) {
    if (key.empty() || key_id_of(key) != key_id) continue;
    for (std::size_t nth = 0; nth < config.admin_tokens.size(); ++nth) {
      if (hash_of(key, config.admin_tokens[nth]) == hash) return static_cast<std::int64_t>(nth) + 1;
    }
  }
  return std::nullopt;
}
