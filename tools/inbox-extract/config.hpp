// The settings and flags of inbox-extract.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/tool.hpp"

struct Config {
  std::int64_t max_bytes = 0;

  std::vector<std::string> files;
  std::string mime;
};

inline std::vector<app::Flag> flags(Config& c) {
  return {
      {"--mime", "TYPE", "Media type that the documents are said to have; one that is of another type is flagged. Default: none is said.",
       app::set_text(c.mime)},
  };
}

inline config::Settings settings(Config& c) {
  config::Settings s;
  s.bind("PARSER_MAX_BYTES", c.max_bytes);
  return s;
}
