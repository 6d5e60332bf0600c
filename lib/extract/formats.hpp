// One reader for each type of document. Each takes the whole document and fills everything but mime_mismatch.
#pragma once

#include <string_view>

#include "extract/extract.hpp"
#include "extract/type.hpp"

namespace extract {

Result read_xml(std::string_view bytes, const Limits& limits);
Result read_pdf(std::string_view bytes, const Limits& limits);
Result read_json(std::string_view bytes, const Limits& limits);
Result read_csv(std::string_view bytes, const Limits& limits);
Result read_xlsx(std::string_view bytes, const Limits& limits);
Result read_png(std::string_view bytes, const Limits& limits);
Result read_jpeg(std::string_view bytes, const Limits& limits);

// What was read of a document of this type, with the flag when it was declared as another.
Result flagged(Result result, std::string_view declared_mime, Type type);

inline Refusal parse_error(std::string_view error_class) { return {std::string(reason::parse_error), std::string(error_class)}; }
inline Refusal unsupported() { return {std::string(reason::unsupported_mime), std::string(error_class::unknown_type)}; }

}  // namespace extract
