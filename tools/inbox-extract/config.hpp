// The settings and flags of inbox-extract.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/tool.hpp"

struct Config {
  std::int64_t max_bytes = 0;
  std::int64_t chunk_bytes = 0;
  std::int64_t timeout_ms = 0;
  std::int64_t memory_bytes = 0;

  std::vector<std::string> files;
  std::string mime;
  bool serve = false;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {
      {"--mime", "TYPE", "Media type that the documents are said to have; one that is of another type is flagged. Default: none is said.",
       app::set_text(c.mime)},
      {"--serve", "", "Read documents for inbox-work, which starts it so: not for use by hand.", app::set_flag(c.serve)},
  };
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  s.bind("PARSER_MAX_BYTES", c.max_bytes)
      .bind("PARSER_CHUNK_THRESHOLD_BYTES", c.chunk_bytes)
      .bind("PARSER_TIMEOUT_MS", c.timeout_ms)
      .bind("PARSER_MEMORY_BYTES", c.memory_bytes);
  return s;
}
