// Structured invoices: which of the known syntaxes a tree is in, and its fields by the paths of EN 16931.
#pragma once

#include <optional>

#include "extract/extract.hpp"
#include "extract/tree.hpp"

namespace extract {

// Each gives nothing when the tree is not in its syntax. `text` is left empty. They narrow what the tree sees to the vocabulary of the syntax.
std::optional<Document> read_ubl(Tree& tree);      // UBL 2: Invoice and CreditNote
std::optional<Document> read_cii(Tree& tree);      // CII D16B (XRechnung, ZUGFeRD 2, Factur-X), ZUGFeRD 1 and its release candidate, Order-X
std::optional<Document> read_invoice(Tree& tree);  // either

}  // namespace extract
