// The settings and flags of outbox-add.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/tool.hpp"
#include "base/text.hpp"
#include "config/shared.hpp"
#include "pg/connection.hpp"

struct Config {
  config::Database database;
  std::int64_t max_payload_bytes = 0;

  std::string tenant;
  std::string event_type;
  std::string schema_version;
  std::string key_field;
  bool envelope = false;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {
      {"--tenant", "UUID", "Tenant of the events; with --envelope, for lines without tenant_id.",
       [&c](std::string_view value) -> std::optional<std::string> {
         if (!base::is_uuid(value)) return "takes a UUID";
         c.tenant = value;
         return std::nullopt;
       }},
      {"--type", "NAME", "Type of the events; with --envelope, for lines without event_type.", app::set_text(c.event_type)},
      {"--schema-version", "V", "Version of the payloads' schema. Default: 1.0.", app::set_text(c.schema_version)},
      {"--key-field", "F", "Top-level field of the payload (a string or a whole number) that is the idempotency key. Default: run id and line number.",
       app::set_text(c.key_field)},
      {"--envelope", "", "Read {tenant_id, event_type, idempotency_key, schema_version, trace_id, payload} a line instead of a payload.",
       app::set_flag(c.envelope)},
  };
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  c.database.bind(s, pg::check_url);
  s.bind("OUTBOX_MAX_PAYLOAD_BYTES", c.max_payload_bytes);
  return s;
}
