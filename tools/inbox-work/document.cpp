#include "document.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace {

using nlohmann::json;

constexpr std::size_t longest_uri = 8192;
constexpr std::size_t longest_mime = 127;

constexpr auto doc_types = std::to_array<std::string_view>({"invoice", "credit_note", "order", "bank_statement", "receipt", "document", "image"});

struct Syntax {
  std::string_view name;
  std::string_view kind;
};

constexpr auto syntaxes = std::to_array<Syntax>({{"ubl", "xml"},
                                                 {"cii", "xml"},
                                                 {"zugferd1", "xml"},
                                                 {"xml", "xml"},
                                                 {"facturx", "pdf"},
                                                 {"pdf", "pdf"},
                                                 {"csv", "csv"},
                                                 {"xlsx", "xlsx"},
                                                 {"json", "json"},
                                                 {"png", "png"},
                                                 {"jpeg", "jpeg"}});

std::optional<std::string> text_field(const json& object, const char* name) {
  const auto at = object.find(name);
  if (at == object.end() || !at->is_string()) return std::nullopt;
  return at->get<std::string>();
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::optional<DocumentRequest> read_request(std::string_view payload) {
  const auto object = json::parse(payload, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto item = text_field(object, "inbox_item_id");
  const auto hash = text_field(object, "content_hash");
  auto uri = text_field(object, "uri");
  auto mime = text_field(object, "mime");
  if (!item || !hash || !uri || !mime) return std::nullopt;
  if (!base::is_uuid(*item) || !is_hash(base::lower(*hash)) || uri->size() > longest_uri || mime->size() > longest_mime) return std::nullopt;
  return DocumentRequest{base::lower(*item), base::lower(*hash), std::move(*uri), std::move(*mime)};
}

std::optional<Extracted> check_extracted(std::string payload, std::string text) {
  const auto object = json::parse(payload, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  Extracted extracted;
  const auto doc_type = text_field(object, "doc_type");
  const auto syntax = text_field(object, "syntax");
  if (!doc_type || !syntax || std::ranges::find(doc_types, *doc_type) == doc_types.end()) return std::nullopt;
  const auto known = std::ranges::find(syntaxes, *syntax, &Syntax::name);
  if (known == syntaxes.end()) return std::nullopt;
  if (const auto flags = object.find("flags"); flags != object.end()) {
    if (!flags->is_array() || flags->size() > 64) return std::nullopt;
    for (const auto& flag : *flags) {
      if (!flag.is_string() || !is_word(flag.get_ref<const std::string&>())) return std::nullopt;
      extracted.flags.push_back(flag.get<std::string>());
    }
  }
  if (!base::is_utf8(text) || text.find('\0') != std::string::npos) return std::nullopt;
  extracted.payload = std::move(payload);
  extracted.doc_type = *doc_type;
  extracted.kind = known->kind;
  extracted.text = std::move(text);
  return extracted;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::vector<std::string_view> cut(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> pieces;
  while (text.size() > limit) {
    auto end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    if (const auto line = text.rfind('\n', end - 1); line != std::string_view::npos && line + 1 > limit / 2) end = line + 1;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (!text.empty()) pieces.push_back(text);
  return pieces;
}
