// Documents for the tests of lib/extract, made in memory.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "extract/extract.hpp"

namespace support {

using Field = std::optional<std::string>;

inline extract::Document read(std::string_view bytes, const extract::Limits& limits = {}) {
  auto result = extract::extract(bytes, "", limits);
  if (const auto* refusal = std::get_if<extract::Refusal>(&result)) {
    ADD_FAILURE() << refusal->reason << '/' << refusal->error_class;
    return {};
  }
  return std::get<extract::Document>(std::move(result));
}

// "parse_error/damaged"; empty when the document is read.
inline std::string refusal_of(std::string_view bytes, const extract::Limits& limits = {}) {
  const auto result = extract::extract(bytes, "", limits);
  const auto* refusal = std::get_if<extract::Refusal>(&result);
  return refusal == nullptr ? "" : refusal->reason + '/' + refusal->error_class;
}

inline std::string flags_of(const extract::Document& document) {
  std::string out;
  for (const auto& flag : document.flags) out += (out.empty() ? "" : " ") + flag;
  return out;
}

inline std::string fixture(const std::string& name) {
  std::ifstream file(std::string(OPS_FIXTURES) + "/documents/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

}  // namespace support
