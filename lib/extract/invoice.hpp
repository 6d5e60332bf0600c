// Structured invoices: which of the known syntaxes a tree is in, and its fields by the paths of EN 16931.
#pragma once

#include <optional>
#include <string_view>

#include "extract/extract.hpp"
#include "extract/tree.hpp"

namespace extract {

// Each gives nothing when the element is no root of its syntax. `text` is left empty. What the tree shows is narrowed to the vocabulary.
std::optional<Document> read_ubl(Tree& tree, const Element& root);  // UBL 2: Invoice and CreditNote
std::optional<Document> read_cii(Tree& tree, const Element& root);  // CII D16B (XRechnung, ZUGFeRD 2, Factur-X), ZUGFeRD 1 and its release candidate, Order-X
std::optional<Document> read_invoice(Tree& tree);                   // either, from the root of the tree

inline constexpr std::string_view ubl_basic_ns = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
inline constexpr std::string_view ubl_aggregate_ns = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
std::string_view ubl_root_ns(std::string_view name);  // of "Invoice" and "CreditNote"; empty for others

}  // namespace extract
