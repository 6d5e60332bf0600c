// Documents. OPS_FUZZ_PACKED: those that other libraries unpack (PDF, XLSX, pictures); otherwise text of any syntax.
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "extract/extract.hpp"
#include "fuzz.hpp"

namespace {

constexpr bool packed = OPS_FUZZ_PACKED != 0;

// Small enough that a document at a limit is read in milliseconds.
extract::Limits limits() {
  extract::Limits limits;
  limits.max_text_bytes = 65'536;
  limits.max_unpacked_bytes = 1'048'576;
  limits.max_depth = 50;
  limits.max_entries = 100;
  limits.max_nodes = 10'000;
  limits.max_cells = 10'000;
  limits.max_pages = 10;
  limits.max_pixels = 1'000'000;
  return limits;
}

void check(const extract::Document& document) {
  const auto payload = nlohmann::json::parse(extract::payload_json(document));
  promise(payload.is_object() && !document.doc_type.empty() && !document.syntax.empty());
  promise(base::is_utf8(document.text) && document.text.size() <= limits().max_text_bytes);
  for (const auto& amount : {document.amount, document.gross_total}) {
    promise(!amount || amount->find_first_not_of("-0123456789.") == std::string::npos);
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const bool looks_packed = input.find("%PDF") != std::string_view::npos || input.starts_with("PK");
  if (!packed && looks_packed) return;
  const auto result = extract::extract(input, "", limits());
  promise(extract::result_json(result) == extract::result_json(extract::extract(input, "", limits())));  // nothing stays from one to the next
  if (const auto* document = std::get_if<extract::Document>(&result)) check(*document);
}
