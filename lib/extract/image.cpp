// Pictures: only their headers are read. What is on them is for an OCR that this project does not have.
#include <zlib.h>

#include <cstdint>

#include "extract/formats.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

Result picture(std::string_view syntax, std::uint64_t width, std::uint64_t height, const Limits& limits) {
  if (width == 0 || height == 0) return parse_error(error_class::damaged);
  if (width * height > limits.max_pixels) return parse_error(error_class::pixels);
  Document document;
  document.doc_type = "image";
  document.syntax = syntax;
  raise(document, flag::needs_ocr);
  return document;
}

}  // namespace

// A chunk is length, type, data, CRC (PNG, second edition, 5.3). Every chunk is stepped over, so that a picture that is cut off is seen.
Result read_png(std::string_view bytes, const Limits& limits) {
  constexpr std::size_t signature = 8;
  constexpr std::size_t around = 12;
  constexpr std::size_t header_data = 13;
  bytes.remove_prefix(signature);
  if (bytes.size() < around + header_data || bytes.substr(4, 4) != "IHDR" || big_endian(bytes.substr(0, 4)) != header_data)
    return parse_error(error_class::damaged);
  auto result = picture("png", big_endian(bytes.substr(8, 4)), big_endian(bytes.substr(12, 4)), limits);
  if (std::holds_alternative<Refusal>(result)) return result;
  while (bytes.size() >= around) {
    const std::size_t length = big_endian(bytes.substr(0, 4));
    if (length > bytes.size() - around) break;
    const auto checked = bytes.substr(4, length + 4);
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
    if (crc != big_endian(bytes.substr(length + 8, 4))) break;
    if (checked.starts_with("IEND")) return result;
    bytes.remove_prefix(length + around);
  }
  return parse_error(error_class::damaged);
}

// Segments up to the frame header (ITU-T T.81, B.1.1.2 and B.2.2), and the end marker.
Result read_jpeg(std::string_view bytes, const Limits& limits) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const bool ends = bytes.rfind("\xFF\xD9") != std::string_view::npos;
  bytes.remove_prefix(2);
  while (bytes.size() >= 4 && byte(0) == 0xFF) {
    const auto marker = byte(1);
    if (marker == 0xFF) {  // fill byte
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t length = big_endian(bytes.substr(2, 2));
    if (length < 2 || bytes.size() < length + 2) break;
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame && length >= 8) {
      auto result = picture("jpeg", big_endian(bytes.substr(7, 2)), big_endian(bytes.substr(5, 2)), limits);
      return ends || std::holds_alternative<Refusal>(result) ? result : Result(parse_error(error_class::damaged));
    }
    if (marker == 0xDA) break;  // a scan before any frame
    bytes.remove_prefix(length + 2);
  }
  return parse_error(error_class::damaged);
}

}  // namespace extract
