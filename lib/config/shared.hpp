// Settings that several tools bind alike.
#pragma once

#include <cstdint>
#include <string>

#include "config/settings.hpp"

namespace config {

// INSTANCE: it becomes part of file names.
inline Store instance_name(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (value.size() > 64 || value.find_first_not_of(allowed) != std::string_view::npos) return "has a character that is not allowed, or too many";
    into = value;
    return std::nullopt;
  };
}

inline Store absolute_path(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (!value.starts_with('/')) return "is not an absolute path";
    into = value;
    return std::nullopt;
  };
}

struct Database {
  std::string url;
  std::string listen_url;
  std::int64_t connect_timeout_ms = 0;
  std::int64_t statement_timeout_ms = 0;

  // `check_url` says what is wrong with a URL; passed in, because this folder knows no database.
  void bind(Settings& settings, std::optional<std::string> (*check_url)(std::string_view), Need need = Need::required) {
    const auto store = [check_url](std::string& into) {
      return [check_url, &into](std::string_view value) -> std::optional<std::string> {
        if (auto wrong = check_url(value)) return wrong;
        into = value;
        return std::nullopt;
      };
    };
    settings.bind("DATABASE_URL", store(url), need)
        .bind("DATABASE_CONNECT_TIMEOUT_MS", connect_timeout_ms)
        .bind("DATABASE_STATEMENT_TIMEOUT_MS", statement_timeout_ms);
  }
  void bind_listen(Settings& settings, std::optional<std::string> (*check_url)(std::string_view)) {
    settings.bind("DATABASE_LISTEN_URL", [this, check_url](std::string_view value) -> std::optional<std::string> {
      if (auto wrong = check_url(value)) return wrong;
      listen_url = value;
      return std::nullopt;
    });
  }
};

}  // namespace config
