#include "extract/extract.hpp"

namespace extract {

Result extract(std::string_view bytes, std::string_view /*declared_mime*/, const Limits& /*limits*/) {
  if (bytes.empty()) return Refusal{std::string(reason::parse_error), std::string(error_class::empty)};
  return Refusal{std::string(reason::unsupported_mime), std::string(error_class::unknown_type)};
}

}  // namespace extract
