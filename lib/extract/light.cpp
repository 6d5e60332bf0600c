#include "extract/extract.hpp"
#include "extract/formats.hpp"
#include "extract/type.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

// Excel encrypts a workbook into an OLE file with this stream; its name is UTF-16.
bool is_encrypted_workbook(std::string_view bytes) {
  using namespace std::string_view_literals;
  return bytes.find("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv) != std::string_view::npos;
}

std::optional<Result> read(Type type, std::string_view bytes, const Limits& limits) {
  switch (type) {
    case Type::pdf:
    case Type::zip:
      return std::nullopt;
    case Type::png:
      return read_png(bytes, limits);
    case Type::jpeg:
      return read_jpeg(bytes, limits);
    case Type::ole:
      return is_encrypted_workbook(bytes) ? parse_error(error_class::encrypted) : unsupported();
    case Type::xml:
      return read_xml(bytes, limits);
    case Type::json:
      return read_json(bytes, limits);
    case Type::table:
      return read_csv(bytes, limits);
    case Type::unknown:
      break;
  }
  return unsupported();
}

}  // namespace

Result flagged(Result result, std::string_view declared_mime, Type type) {
  if (auto* document = std::get_if<Document>(&result); document != nullptr && !declared_as(declared_mime, type)) raise(*document, flag::mime_mismatch);
  return result;
}

std::optional<Result> extract_light(std::string_view bytes, std::string_view declared_mime, const Limits& limits) {
  if (bytes.empty()) return parse_error(error_class::empty);
  const auto type = type_of(bytes);
  auto result = read(type, bytes, limits);
  if (!result) return std::nullopt;
  return flagged(std::move(*result), declared_mime, type);
}

}  // namespace extract
