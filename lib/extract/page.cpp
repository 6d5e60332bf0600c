#include "extract/page.hpp"

#include <iconv.h>
#include <poppler/cpp/poppler-document.h>
#include <poppler/cpp/poppler-global.h>
#include <poppler/cpp/poppler-page.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "extract/formats.hpp"
#include "extract/page_fields.hpp"
#include "extract/page_layout.hpp"
#include "extract/pdf_shape.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

// An invoice shows its fields on its first pages; the rest of a long document is text only.
constexpr std::size_t pages_with_fields = 50;
constexpr std::size_t words_with_fields = 10'000;

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6));
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3F));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

// Ligatures as letters; no soft hyphens, byte order marks or control characters.
void append_character(std::string& out, char32_t c) {
  static constexpr std::array<std::string_view, 5> ligatures{"ff", "fi", "fl", "ffi", "ffl"};
  if (c >= 0xFB00 && c <= 0xFB04) {
    out += ligatures[c - 0xFB00];
  } else if (c == 0xA0 || c == 0x202F || c == 0x2009) {
    out += ' ';
  } else if (c >= 0x20 && c != 0x7F && c != 0xAD && c != 0xFEFF && (c < 0x80 || c > 0x9F)) {
    append_utf8(out, c);
  }
}

bool is_high(unsigned unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(unsigned unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// poppler::ustring::to_utf8() gives nothing at all where one unit is wrong.
std::string utf8_of(const poppler::ustring& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned unit = text[i];
    if (is_high(unit) && i + 1 < text.size() && is_low(text[i + 1])) {
      append_character(out, 0x10000U + ((unit - 0xD800U) << 10U) + (text[++i] - 0xDC00U));
    } else if (!is_high(unit) && !is_low(unit)) {
      append_character(out, unit);
    }
  }
  return clean(out);
}

// How the box lies where the page is turned so that the words stand upright.
Box upright(const poppler::rectf& box, int rotation, double width, double height) {
  switch (rotation) {
    case 1:
      return {box.top(), width - box.right(), box.bottom(), width - box.left()};
    case 2:
      return {width - box.right(), height - box.bottom(), width - box.left(), height - box.top()};
    case 3:
      return {height - box.bottom(), box.left(), height - box.top(), box.right()};
    default:
      return {box.left(), box.top(), box.right(), box.bottom()};
  }
}

// Stamps along the margin are left out: only words in the direction of most are taken.
int main_rotation(const std::vector<poppler::text_box>& boxes) {
  std::array<std::size_t, 4> counts{};
  for (const auto& box : boxes) ++counts[static_cast<unsigned>(box.rotation()) % 4U];
  return static_cast<int>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

PageWords words_of(const poppler::page& page) {
  const auto rect = page.page_rect();
  const auto boxes = page.text_list();
  const int rotation = main_rotation(boxes);
  const bool turned = rotation % 2 != 0;
  PageWords words{{}, turned ? rect.height() : rect.width(), turned ? rect.width() : rect.height()};
  for (const auto& box : boxes) {
    if (box.rotation() != rotation) continue;
    if (auto text = utf8_of(box.text()); !text.empty()) words.words.push_back({std::move(text), upright(box.bbox(), rotation, rect.width(), rect.height())});
  }
  return words;
}

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// False where not all of it fitted; ends with a whole character.
bool append_text(std::string& text, const PageWords& words, std::size_t max_bytes) {
  if (!text.empty()) text += '\n';
  text += Layout({words}).text(max_bytes);
  if (text.size() <= max_bytes) return true;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation(text[end])) --end;
  text.resize(end);
  return false;
}

struct Pages {
  std::vector<PageWords> with_fields;
  std::string text;
  std::size_t opened = 0;
  bool cut = false;
};

Pages read_all(const poppler::document& pdf, std::size_t count, const Limits& limits) {
  Pages pages;
  std::size_t words_taken = 0;
  pages.cut = count > limits.max_pages;
  for (std::size_t number = 0; number < std::min(count, limits.max_pages); ++number) {
    const std::unique_ptr<poppler::page> page(pdf.create_page(static_cast<int>(number)));
    if (!page) continue;
    ++pages.opened;
    auto words = words_of(*page);
    const bool fitted = append_text(pages.text, words, limits.max_text_bytes);
    words_taken += words.words.size();
    if (number < pages_with_fields && words_taken <= words_with_fields) pages.with_fields.push_back(std::move(words));
    if (!fitted) {
      pages.cut = true;
      break;
    }
  }
  return pages;
}

std::unique_ptr<poppler::document> open_pdf(std::string_view bytes) {
  return std::unique_ptr<poppler::document>(poppler::document::load_from_raw_data(bytes.data(), static_cast<int>(bytes.size())));
}

// glibc loads this conversion from a file, and poppler gives empty texts without it: held open, it stays loaded.
class Utf16 {
 public:
  Utf16() : conversion_(iconv_open("UTF-16", "UTF-8")) {}
  ~Utf16() { iconv_close(conversion_); }
  Utf16(const Utf16&) = delete;
  Utf16& operator=(const Utf16&) = delete;

 private:
  iconv_t conversion_;
};

void ignore(const std::string& /*message*/, void* /*closure*/) {}

}  // namespace

void prepare_pages() {
  static const Utf16 conversion;
  tzset();  // poppler asks for the local time
  // poppler looks for its folders with the first document that is open, and again when there was none for a while.
  static constexpr std::string_view empty =
      "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj\ntrailer <</Root 1 0 R>>\n";
  poppler::set_debug_error_function(ignore, nullptr);
  static const auto document = open_pdf(empty);
}

std::variant<Page, Refusal> read_pages(std::string_view pdf_bytes, const Limits& limits) {
  if (pdf_bytes.empty()) return parse_error(error_class::empty);
  if (pdf_bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return parse_error(error_class::unpacked_size);
  if (nesting_of_pdf(pdf_bytes, limits.max_depth + 1) > limits.max_depth) return parse_error(error_class::too_deep);

  prepare_pages();
  const auto pdf = open_pdf(pdf_bytes);
  if (!pdf) return parse_error(error_class::damaged);
  if (pdf->is_locked()) return parse_error(error_class::encrypted);
  const auto count = static_cast<std::size_t>(std::max(0, pdf->pages()));
  auto pages = read_all(*pdf, count, limits);
  if (pages.opened == 0) return parse_error(error_class::damaged);

  Page page;
  page.fields = fields_of(Layout(std::move(pages.with_fields)));
  page.fields.syntax = "pdf";
  page.fields.text = std::move(pages.text);
  page.has_text = !page.fields.text.empty();
  page.pages = count;
  if (!page.has_text) raise(page.fields, flag::needs_ocr);
  if (pages.cut) raise(page.fields, flag::cut);
  return page;
}

}  // namespace extract
