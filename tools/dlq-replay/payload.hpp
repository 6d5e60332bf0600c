// What may be told about a payload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct PayloadFacts {
  std::string kind;
  std::int64_t bytes = 0;
  std::string sha256;
  std::vector<std::string> keys;  // of an object: the first 50, each cut to 64 bytes
};

// `payload` is JSON.
PayloadFacts facts_of(std::string_view payload);
