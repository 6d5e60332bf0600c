// Settings that several tools bind alike.
#pragma once

#include <cstdint>
#include <string>

#include "config/settings.hpp"

namespace config {

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
