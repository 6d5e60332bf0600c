#include "extract/encoding.hpp"

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/text.hpp"

namespace extract {
namespace {

using namespace std::string_view_literals;

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

struct CloseDetector {
  void operator()(UCharsetDetector* detector) const { ucsdet_close(detector); }
};
using Detector = std::unique_ptr<UCharsetDetector, CloseDetector>;

Converter open_converter(const char* name) {
  UErrorCode status = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &status));
  if (U_FAILURE(status) != 0) throw std::runtime_error("ICU has no such converter");
  return converter;
}

// Nothing when a byte has no meaning in the encoding.
std::optional<std::string> converted(std::string_view bytes, const char* from) {
  const auto source = open_converter(from);
  const auto target = open_converter("UTF-8");
  UErrorCode status = U_ZERO_ERROR;
  ucnv_setToUCallBack(source.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  std::string out(bytes.size() * 3 + 16, '\0');  // the most that a byte of any of them becomes
  char* end = out.data();
  const char* read = bytes.data();
  ucnv_convertEx(target.get(), source.get(), &end, out.data() + out.size(), &read, bytes.data() + bytes.size(), nullptr, nullptr, nullptr, nullptr, 1, 1,
                 &status);
  if (U_FAILURE(status) != 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

// Text in European languages has a zero in every second byte.
const char* utf16_without_mark(std::string_view bytes) {
  constexpr std::size_t looked_at = 4096;
  const auto part = bytes.substr(0, looked_at & ~std::size_t{1});
  if (bytes.size() % 2 != 0 || part.size() < 4) return nullptr;
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < part.size(); ++i) zeros[i % 2] += part[i] == '\0' ? 1U : 0U;
  const auto most = part.size() / 2 * 9;  // tenths
  if (zeros[0] * 10 >= most && zeros[1] == 0) return "UTF-16BE";
  if (zeros[1] * 10 >= most && zeros[0] == 0) return "UTF-16LE";
  return nullptr;
}

// What ICU takes it for; Windows-1252 where that is as likely as anything, because the documents are German first.
std::string eight_bit_encoding(std::string_view bytes) {
  constexpr std::int32_t sure = 50;
  constexpr std::size_t enough = 65536;
  UErrorCode status = U_ZERO_ERROR;
  const Detector detector(ucsdet_open(&status));
  ucsdet_setText(detector.get(), bytes.data(), static_cast<std::int32_t>(std::min(bytes.size(), enough)), &status);
  std::int32_t count = 0;
  const auto* matches = ucsdet_detectAll(detector.get(), &count, &status);
  std::string best = "windows-1252";
  std::int32_t confidence = sure;
  for (std::int32_t i = 0; U_SUCCESS(status) != 0 && i < count; ++i) {
    const std::string name = ucsdet_getName(matches[i], &status);
    const auto its = ucsdet_getConfidence(matches[i], &status);
    if (name == "ISO-8859-1" || name == "windows-1252" || its <= confidence) {
      if (name == "ISO-8859-1" || name == "windows-1252") confidence = std::max(confidence, its);
      continue;
    }
    if (name.starts_with("UTF")) continue;  // it was none
    best = name;
    confidence = its;
  }
  return best;
}

// No text has them, whatever its encoding.
bool has_binary(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < '\t') || (c > '\r' && c < ' ' && c != '\x1A' && c != '\x1B'); });
}

// The letters that German adds to ASCII stand at the same place in every encoding of Latin letters, so that there is nothing to
// find out about a text that has no others; and finding out takes longer than reading a small document. Nothing otherwise.
std::optional<std::string> german(std::string_view bytes) {
  constexpr std::string_view letters = "\xC4\xD6\xDC\xDF\xE4\xF6\xFC";
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    if (base::is_ascii(c)) {
      text += c;
    } else if (letters.find(c) != std::string_view::npos) {
      text += static_cast<char>(0xC3);
      text += static_cast<char>(static_cast<unsigned char>(c) - 0x40);
    } else {
      return std::nullopt;
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> unicode_to_utf8(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv)) return converted(bytes, "UTF-32");
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return converted(bytes, "UTF-16");
  if (const auto* utf16 = utf16_without_mark(bytes)) return converted(bytes, utf16);
  if (base::is_utf8(bytes)) return std::string(bytes);
  return std::nullopt;
}

std::optional<std::string> text_to_utf8(std::string_view bytes) {
  auto text = unicode_to_utf8(bytes);
  if (!text) text = german(bytes);
  if (!text && !has_binary(bytes)) text = converted(bytes, eight_bit_encoding(bytes).c_str());
  if (!text || has_binary(*text)) return std::nullopt;
  return text;
}

}  // namespace extract
