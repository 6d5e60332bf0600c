// Pictures: their headers, and nothing decoded.
#include <gtest/gtest.h>
#include <zlib.h>

#include "unit/documents.hpp"

using support::flags_of;
using support::read;
using support::refusal_of;

namespace {

std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(value >> (8U * static_cast<unsigned>(i)) & 0xFFU);
  return out;
}

std::string chunk(const std::string& type, const std::string& data) {
  const auto checked = type + data;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return big_endian(static_cast<std::uint32_t>(data.size()), 4) + checked + big_endian(static_cast<std::uint32_t>(crc), 4);
}

std::string png(std::uint32_t width, std::uint32_t height, const std::string& between = "") {
  return "\x89PNG\r\n\x1A\n" + chunk("IHDR", big_endian(width, 4) + big_endian(height, 4) + std::string("\x08\x02\0\0\0", 5)) + between + chunk("IEND", "");
}

std::string jpeg(std::uint32_t width, std::uint32_t height, const std::string& end = "\xFF\xD9") {
  return std::string("\xFF\xD8\xFF\xE0\x00\x04JF\xFF\xC0\x00\x0B\x08", 13) + big_endian(height, 2) + big_endian(width, 2) + std::string("\x01\x11\x00\x11", 4) +
         end;
}

TEST(Light, ReadsAllButPdfsAndWorkbooks) {
  for (const std::string_view packed : {"%PDF-1.4\n", "PK\x03\x04"}) EXPECT_FALSE(extract::extract_light(packed, "")) << packed;
  for (const std::string_view plain : {"<a>b</a>", R"({"a":"b"})", "a;b\n", "\x89PNG\r\n\x1A\n", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ""}) {
    const auto light = extract::extract_light(plain, "application/pdf");
    ASSERT_TRUE(light) << plain;
    EXPECT_EQ(extract::result_json(*light), extract::result_json(extract::extract(plain, "application/pdf"))) << plain;
  }
}

}  // namespace

TEST(Image, NeedsOcr) {
  for (const auto& [picture, syntax] : {std::pair(png(10, 20), "png"), std::pair(jpeg(10, 20), "jpeg")}) {
    const auto document = read(picture);
    EXPECT_EQ(document.doc_type, "image");
    EXPECT_EQ(document.syntax, syntax);
    EXPECT_EQ(flags_of(document), "needs_ocr");
    EXPECT_EQ(document.text, "");
  }
}

TEST(Image, LargerThanAllowedIsRefusedByItsHeader) {
  EXPECT_EQ(refusal_of(png(50000, 50000)), "parse_error/pixels");
  EXPECT_EQ(refusal_of(jpeg(65535, 65535, "")), "parse_error/pixels");
  EXPECT_EQ(refusal_of(png(10, 10), {.max_pixels = 99}), "parse_error/pixels");
  EXPECT_EQ(refusal_of(png(10, 10), {.max_pixels = 100}), "");
}

TEST(Image, ThatIsCutOffOrBrokenIsRefused) {
  const auto whole = png(1, 1, chunk("IDAT", "data"));
  EXPECT_EQ(refusal_of(whole), "");
  EXPECT_EQ(refusal_of(whole.substr(0, whole.size() - 1)), "parse_error/damaged");
  EXPECT_EQ(refusal_of(whole.substr(0, 20)), "parse_error/damaged");
  EXPECT_EQ(refusal_of(support::replaced(whole, "data", "dato")), "parse_error/damaged");
  EXPECT_EQ(refusal_of(png(0, 1)), "parse_error/damaged");
  EXPECT_EQ(refusal_of(jpeg(10, 20, "")), "parse_error/damaged");
  EXPECT_EQ(refusal_of("\xFF\xD8\xFF"), "parse_error/damaged");
}
