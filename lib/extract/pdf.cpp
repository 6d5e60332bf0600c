// A PDF: the invoice that is embedded as XML wins over the page, and a page that says otherwise is flagged.
#include <algorithm>
#include <array>

#include "extract/attachments.hpp"
#include "extract/formats.hpp"
#include "extract/invoice.hpp"
#include "extract/page.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

// Names that the standards give to the embedded invoice, the one that wins first. Any other XML may be one too.
constexpr auto standard_names = std::to_array<std::string_view>({"factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml"});

std::size_t rank(const Attachment& attachment) {
  return static_cast<std::size_t>(std::find(standard_names.begin(), standard_names.end(), attachment.name) - standard_names.begin());
}

struct Embedded {
  std::optional<Document> document;
  std::optional<Refusal> refusal;  // of an XML that bears a standard name
};

Embedded embedded_invoice(std::vector<Attachment> attachments, const Limits& limits) {
  std::stable_sort(attachments.begin(), attachments.end(), [](const Attachment& a, const Attachment& b) { return rank(a) < rank(b); });
  Embedded embedded;
  for (const auto& attachment : attachments) {
    auto parsed = parse_tree(attachment.content, limits);
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
      if (rank(attachment) < standard_names.size() && !embedded.refusal) embedded.refusal = *refusal;
      continue;
    }
    auto& tree = std::get<Tree>(parsed);
    embedded.document = read_invoice(tree);
    if (!embedded.document) continue;
    tree.write_text(*embedded.document, limits);
    if (embedded.document->syntax == "cii") embedded.document->syntax = "facturx";
    break;
  }
  return embedded;
}

bool differ(const std::optional<std::string>& xml, const std::optional<std::string>& page) { return xml && page && *xml != *page; }

// A page shows the total, what is left to pay, or both.
bool disagrees(const Document& xml, const Document& page) {
  const bool amount = differ(xml.amount, page.amount) && page.amount != xml.gross_total;
  return amount || differ(xml.invoice_no, page.invoice_no) || differ(xml.currency, page.currency) || differ(xml.issue_date, page.issue_date) ||
         differ(xml.iban, page.iban);
}

Document with_page(Embedded embedded, const std::variant<Page, Refusal>& read) {
  auto document = std::move(*embedded.document);
  const auto* page = std::get_if<Page>(&read);
  if (page == nullptr || !page->has_text) return document;
  document.text = page->fields.text;
  if (disagrees(document, page->fields)) raise(document, flag::page_disagrees_with_xml);
  return document;
}

}  // namespace

Result read_pdf(std::string_view bytes, const Limits& limits) {
  auto attachments = xml_attachments(bytes, limits);
  if (auto* refusal = std::get_if<Refusal>(&attachments)) return std::move(*refusal);
  auto embedded = embedded_invoice(std::move(std::get<0>(attachments)), limits);
  // An XML that tries to be expanded is an attack, not an accident.
  if (embedded.refusal && embedded.refusal->error_class == error_class::entity_declaration) return std::move(*embedded.refusal);
  auto page = read_pages(bytes, limits);
  if (embedded.document) return with_page(std::move(embedded), page);
  if (auto* refusal = std::get_if<Refusal>(&page)) return std::move(*refusal);
  auto document = std::move(std::get<Page>(page).fields);
  if (embedded.refusal) raise(document, flag::xml_unreadable);
  return document;
}

}  // namespace extract
