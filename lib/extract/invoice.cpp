#include "extract/invoice.hpp"

namespace extract {

std::optional<Document> read_invoice(Tree& tree) {
  auto document = read_ubl(tree);
  return document ? document : read_cii(tree);
}

}  // namespace extract
