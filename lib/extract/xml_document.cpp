// An XML file: an invoice, or text.
#include "extract/formats.hpp"
#include "extract/invoice.hpp"
#include "extract/tree.hpp"

namespace extract {

Result read_xml(std::string_view bytes, const Limits& limits) {
  auto parsed = parse_tree(bytes, limits);
  if (auto* refusal = std::get_if<Refusal>(&parsed)) return std::move(*refusal);
  auto& tree = std::get<Tree>(parsed);
  auto document = read_invoice(tree);
  if (!document) {
    document.emplace();
    document->doc_type = "document";
    document->syntax = "xml";
  }
  tree.write_text(*document, limits);
  return std::move(*document);
}

}  // namespace extract
