// The settings and flags of inbox-add.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/tool.hpp"
#include "base/text.hpp"
#include "config/shared.hpp"
#include "pg/connection.hpp"
#include "storage/mime.hpp"
#include "storage/settings.hpp"

struct Config {
  config::Database database;
  std::string storage_uri;
  std::vector<std::string> kinds;  // storage::Kind names
  std::int64_t max_bytes = 0;

  std::string tenant;
  std::string source = "inbox-add";
  const storage::Kind* kind = nullptr;  // nullptr: told by each document
  std::vector<std::string> files;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {
      {"--tenant", "UUID", "Tenant of the documents. Required.",
       [&c](std::string_view value) -> std::optional<std::string> {
         if (!base::is_uuid(value)) return "takes a UUID";
         c.tenant = base::lower(value);
         return std::nullopt;
       }},
      {"--source", "NAME", "Where the documents come from, for example a mailbox; up to 64 characters. Default: inbox-add.",
       [&c](std::string_view value) -> std::optional<std::string> {
         if (value.empty() || value.size() > 64 || base::has_control(value) || !base::is_utf8(value)) return "takes 1 to 64 printable characters";
         c.source = value;
         return std::nullopt;
       }},
      {"--mime", "TYPE", "Type of the documents, of those in MIME_ALLOWLIST. Default: told by the first bytes, else by the extension.",
       [&c](std::string_view value) -> std::optional<std::string> {
         c.kind = storage::find_kind(value);
         if (c.kind == nullptr) return "takes pdf, png, jpeg, csv, xlsx, json or xml, or the MIME type of one of them";
         return std::nullopt;
       }},
  };
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  storage::bind_base(s, c.storage_uri);
  storage::bind_kinds(s, c.kinds);
  s.bind("PARSER_MAX_BYTES", c.max_bytes);
  return s;
}
