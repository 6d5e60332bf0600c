// EN 16931-3-2: the semantic model in UBL 2.1. BT numbers are those of EN 16931-1.
#include <array>

#include "base/text.hpp"
#include "extract/invoice.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

constexpr auto vocabulary = std::to_array<std::string_view>({ubl_basic_ns, ubl_aggregate_ns});

// BT-27 or BT-44; the name under which the party trades (BT-28, BT-45) where an invoice older than EN 16931 gives no other.
std::string name_of(const Element& party) {
  auto name = party.value("PartyLegalEntity/RegistrationName");
  return name.empty() ? party.value("PartyName/Name") : name;
}

// BT-31: of the tax registrations the one for VAT.
std::string vat_of(const Element& party) {
  for (const auto& scheme : party.all("PartyTaxScheme")) {
    if (base::upper(scheme.value("TaxScheme/ID")) == "VAT") return scheme.value("CompanyID");
  }
  return {};
}

// BT-9. A credit note has no due date of its own, only one for each means of payment.
void take_due_dates(Document& document, const Element& root) {
  take_iso_date(document, document.due_date, root.value("DueDate"));
  for (const auto& element : root.all("PaymentMeans/PaymentDueDate")) {
    std::optional<std::string> due;
    take_iso_date(document, due, element.text());
    if (!document.due_date) {
      document.due_date = due;
    } else if (due && due != document.due_date) {
      raise(document, flag::several_due_dates);
    }
  }
}

}  // namespace

std::string_view ubl_root_ns(std::string_view name) {
  if (name == "Invoice") return "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
  if (name == "CreditNote") return "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";
  return {};
}

std::optional<Document> read_ubl(Tree& tree, const Element& root) {
  if (root.ns().empty() || root.ns() != ubl_root_ns(root.name()) || !root.has_child_in(ubl_basic_ns)) return std::nullopt;
  tree.see_only(vocabulary);
  Document document;
  document.syntax = "ubl";
  document.doc_type = root.name() == "CreditNote" ? "credit_note" : doc_type_of(root.value("InvoiceTypeCode"));  // BT-3
  take_text(document.invoice_no, root.value("ID"));                                                              // BT-1
  take_iso_date(document, document.issue_date, root.value("IssueDate"));                                         // BT-2
  take_currency(document, root.value("DocumentCurrencyCode"));                                                   // BT-5
  take_due_dates(document, root);
  take_amount(document, document.amount, root.value("LegalMonetaryTotal/PayableAmount"));            // BT-115
  take_amount(document, document.gross_total, root.value("LegalMonetaryTotal/TaxInclusiveAmount"));  // BT-112
  const auto seller = root.first("AccountingSupplierParty/Party");
  take_text(document.seller_name, name_of(seller));
  take_vat(document.seller_vat, vat_of(seller));
  take_text(document.buyer_name, name_of(root.first("AccountingCustomerParty/Party")));
  for (const auto& account : root.all("PaymentMeans/PayeeFinancialAccount/ID")) take_iban(document, account.text());  // BT-84
  return document;
}

}  // namespace extract
