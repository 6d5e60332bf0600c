#include "extract/extract.hpp"

#include "extract/formats.hpp"
#include "extract/type.hpp"

namespace extract {

Result extract(std::string_view bytes, std::string_view declared_mime, const Limits& limits) {
  if (auto result = extract_light(bytes, declared_mime, limits)) return std::move(*result);
  const auto type = type_of(bytes);
  return flagged(type == Type::pdf ? read_pdf(bytes, limits) : read_xlsx(bytes, limits), declared_mime, type);
}

}  // namespace extract
