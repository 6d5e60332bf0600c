#include "extract/type.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace extract {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t pdf_header_within = 1024;  // as readers of PDF have it: the header need not be the first thing

// The text after a byte order mark and white space, with the zeros of UTF-16 taken out; enough of it to see what it begins with.
std::string beginning(std::string_view bytes) {
  constexpr std::size_t enough = 64;
  for (const auto mark : {"\xEF\xBB\xBF"sv, "\xFF\xFE"sv, "\xFE\xFF"sv}) {
    if (bytes.starts_with(mark)) bytes.remove_prefix(mark.size());
  }
  std::string out;
  for (const char c : bytes) {
    if (c == '\0' || (out.empty() && (c == ' ' || (c >= '\t' && c <= '\r')))) continue;
    out += c;
    if (out.size() == enough) break;
  }
  return out;
}

bool is_xml(std::string_view text) {
  return text.starts_with("<?xml") || (text.size() > 1 && text[0] == '<' && std::string_view(">=<; \t").find(text[1]) == std::string_view::npos);
}

// JSON is an object, an array, or text that begins like a value and is nothing else.
bool is_json(std::string_view text) {
  if (text.starts_with("{") || text.starts_with("[")) return true;
  return false;
}

struct Names {
  Type type;
  std::string_view mime;
  std::array<std::string_view, 4> also;
};

constexpr auto names = std::to_array<Names>({
    {Type::pdf, "application/pdf", {"application/x-pdf"}},
    {Type::png, "image/png", {}},
    {Type::jpeg, "image/jpeg", {"image/jpg", "image/pjpeg"}},
    {Type::zip,
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
     {"application/vnd.ms-excel", "application/vnd.ms-excel.sheet.macroenabled.12"}},
    {Type::xml, "application/xml", {"text/xml"}},
    {Type::json, "application/json", {"text/json"}},
    {Type::table, "text/csv", {"text/plain", "application/csv", "text/tab-separated-values", "application/vnd.ms-excel"}},
});

}  // namespace

Type type_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return Type::png;
  if (bytes.starts_with("\xFF\xD8\xFF")) return Type::jpeg;
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) return Type::zip;
  if (bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) return Type::ole;
  const auto text = beginning(bytes);
  if (is_xml(text)) return Type::xml;
  if (is_json(text)) return Type::json;
  if (bytes.substr(0, pdf_header_within).find("%PDF-") != std::string_view::npos) return Type::pdf;
  return text.empty() ? Type::unknown : Type::table;
}

std::string_view mime_of(Type type) {
  const auto row = std::find_if(names.begin(), names.end(), [&](const Names& n) { return n.type == type; });
  return row == names.end() ? std::string_view{} : row->mime;
}

bool declared_as(std::string_view declared_mime, Type type) {
  const auto declared = base::lower(base::trim(declared_mime.substr(0, declared_mime.find(';'))));
  if (declared.empty() || declared == "application/octet-stream") return true;
  const auto row = std::find_if(names.begin(), names.end(), [&](const Names& n) { return n.type == type; });
  if (row == names.end()) return false;
  if (declared == row->mime || (type == Type::xml && declared.ends_with("+xml")) || (type == Type::json && declared.ends_with("+json"))) return true;
  return std::find(row->also.begin(), row->also.end(), declared) != row->also.end();
}

}  // namespace extract
