// EN 16931-3-3: the semantic model in UN/CEFACT CII D16B, and its relatives: ZUGFeRD 1.0, which has other names for some of
// the elements, the release candidate before it, whose elements below the root have no namespace, and Order-X.
// BT numbers are those of EN 16931-1.
#include <algorithm>
#include <array>

#include "extract/invoice.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

// The names that differ between ZUGFeRD 1 and what came after it.
struct Names {
  std::string_view document;
  std::string_view agreement;
  std::string_view settlement;
  std::string_view totals;
};

constexpr Names names_of_2013{
    "HeaderExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction/ApplicableSupplyChainTradeAgreement",
    "SpecifiedSupplyChainTradeTransaction/ApplicableSupplyChainTradeSettlement",
    "SpecifiedTradeSettlementMonetarySummation",
};
constexpr Names names_of_2016{
    "ExchangedDocument",
    "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement",
    "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement",
    "SpecifiedTradeSettlementHeaderMonetarySummation",
};

struct Dialect {
  std::string_view root;
  std::array<std::string_view, 3> vocabulary;  // namespaces of the root, of aggregates, of data types
  const Names& names;
  std::string_view syntax;
  bool order;
};

constexpr auto dialects = std::to_array<Dialect>({
    {"CrossIndustryInvoice",
     {"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
      "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"},
     names_of_2016,
     "cii",
     false},
    {"CrossIndustryDocument",
     {"urn:ferd:CrossIndustryDocument:invoice:1p0", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
      "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15"},
     names_of_2013,
     "zugferd1",
     false},
    {"Invoice", {"urn:un:unece:uncefact:data:standard:CBFBUY:5", "", ""}, names_of_2013, "zugferd1", false},
    {"SCRDMCCBDACIOMessageStructure",
     {"urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128",
      "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:128"},
     names_of_2016,
     "cii",
     true},
});

// UNTDID 2379: 102 is a day, and the only format that EN 16931 knows, so it is meant where none is named; 203 to 205 are a day with a
// time behind it. A date that is written as ISO 8601 cannot be mistaken.
std::optional<std::string> date_of(std::string_view text, std::string_view format) {
  constexpr auto with_time = std::to_array<std::string_view>({"203", "204", "205"});
  if (auto day = iso_date(text)) return day;
  if (format == "102" || format.empty()) return compact_date(text);
  if (std::find(with_time.begin(), with_time.end(), format) != with_time.end() && text.size() >= 12) return compact_date(text.substr(0, 8));
  return std::nullopt;
}

// The element holds the date itself (the release candidate), as DateTimeString, or as DateTime.
void take_date(Document& document, std::optional<std::string>& into, const Element& element) {
  auto holder = element;
  for (const auto* name : {"DateTimeString", "DateTime", "Date"}) {
    if (const auto below = element.first(name)) {
      holder = below;
      break;
    }
  }
  const auto text = holder.text();
  if (text.empty()) return;
  into = date_of(text, holder.attribute("format"));
  if (!into) raise(document, flag::date_unclear);
}

// BT-31: the registration of scheme VA; FC is the number at the tax office.
std::string vat_of(const Element& party) {
  for (const auto& id : party.all("SpecifiedTaxRegistration/ID")) {
    if (id.attribute("schemeID") == "VA") return id.text();
  }
  return {};
}

// BT-9.
void take_due_dates(Document& document, const Element& settlement) {
  for (const auto& element : settlement.all("SpecifiedTradePaymentTerms/DueDateDateTime")) {
    std::optional<std::string> due;
    take_date(document, due, element);
    if (!document.due_date) {
      document.due_date = due;
    } else if (due && due != document.due_date) {
      raise(document, flag::several_due_dates);
    }
  }
}

// BT-112 may be given once more in the currency of the tax.
void take_gross_total(Document& document, const Element& totals) {
  const auto grand = totals.all("GrandTotalAmount");
  if (grand.empty()) return;
  const auto own = std::find_if(grand.begin(), grand.end(), [&](const Element& e) { return e.attribute("currencyID") == document.currency.value_or(""); });
  take_amount(document, document.gross_total, (own == grand.end() ? grand.front() : *own).text());
}

// BT-115. Profiles that do not have it (ZUGFeRD 1 BASIC) mean the grand total; an order asks for no payment.
void take_amounts(Document& document, const Element& totals, bool order) {
  take_gross_total(document, totals);
  if (order) return;
  if (const auto due = totals.first("DuePayableAmount")) {
    take_amount(document, document.amount, due.text());
  } else {
    document.amount = document.gross_total;
  }
}

Document read(const Element& root, const Dialect& dialect) {
  const auto header = root.first(dialect.names.document);
  const auto agreement = root.first(dialect.names.agreement);
  const auto settlement = root.first(dialect.names.settlement);
  Document document;
  document.syntax = dialect.syntax;
  document.doc_type = dialect.order ? "order" : doc_type_of(header.value("TypeCode"));                     // BT-3
  take_text(document.invoice_no, header.value("ID"));                                                      // BT-1
  take_date(document, document.issue_date, header.first("IssueDateTime"));                                 // BT-2
  take_currency(document, settlement.value(dialect.order ? "OrderCurrencyCode" : "InvoiceCurrencyCode"));  // BT-5
  take_due_dates(document, settlement);
  take_amounts(document, settlement.first(dialect.names.totals), dialect.order);
  take_text(document.seller_name, agreement.value("SellerTradeParty/Name"));  // BT-27
  take_vat(document.seller_vat, vat_of(agreement.first("SellerTradeParty")));
  take_text(document.buyer_name, agreement.value("BuyerTradeParty/Name"));  // BT-44
  for (const auto& account : settlement.all("SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID")) {
    take_iban(document, account.text());  // BT-84
  }
  return document;
}

}  // namespace

std::optional<Document> read_cii(Tree& tree, const Element& root) {
  const auto dialect = std::find_if(dialects.begin(), dialects.end(), [&](const Dialect& d) { return d.root == root.name() && d.vocabulary[0] == root.ns(); });
  if (dialect == dialects.end() || !(root.has_child_in(dialect->vocabulary[0]) || root.has_child_in(dialect->vocabulary[1]))) return std::nullopt;
  tree.see_only(dialect->vocabulary);
  return read(root, *dialect);
}

}  // namespace extract
