#include "extract/invoice.hpp"

namespace extract {

std::optional<Document> read_invoice(Tree& tree) {
  auto document = read_ubl(tree, tree.root());
  return document ? document : read_cii(tree, tree.root());
}

}  // namespace extract
