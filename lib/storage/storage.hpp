// Documents as files below STORAGE_BASE_URI, one for each tenant and content.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/fd.hpp"

namespace storage {

// A document that is open for reading: a regular file of at most the size that was allowed.
struct Opened {
  base::Fd file;
  std::int64_t bytes = 0;
};

enum class Refusal {
  uri,        // not below the base, or in a form that could leave it
  not_file,   // a symbolic link on the way, or no regular file
  too_large,  // judged by its size, before a byte is read
  missing,    // not there
  unreadable  // there, but it cannot be opened now
};

class Storage {
 public:
  // What is wrong with a base URI; it is file:// and an absolute path.
  static std::optional<std::string> check(std::string_view base_uri);

  explicit Storage(std::string_view base_uri);

  // Opens what `uri` names, resolved beneath the base without following a symbolic link. A path that begins with another
  // tenant's folder is refused.
  [[nodiscard]] std::variant<Opened, Refusal> open(std::string_view uri, std::string_view tenant, std::int64_t max_bytes) const;

  // Where content of a tenant is kept; `hash` is its SHA-256 in hexadecimal.
  [[nodiscard]] std::string uri_of(std::string_view tenant, std::string_view hash) const;
  // Stores it there, durably, unless it is there already: also what was left by a run that was killed. Throws std::system_error.
  void store(std::string_view tenant, std::string_view hash, std::string_view content) const;

 private:
  [[nodiscard]] std::filesystem::path path_of(std::string_view tenant, std::string_view hash) const;

  std::filesystem::path base_;
};

}  // namespace storage
