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

// A credit note is written with a minus or without.
std::optional<std::string> magnitude(const std::optional<std::string>& amount) { return amount && amount->starts_with('-') ? amount->substr(1) : amount; }

// A page shows the total, what is left to pay, or both.
bool amounts_differ(const Document& xml, const Document& page) {
  if (xml.doc_type != "credit_note") return differ(xml.amount, page.amount) && page.amount != xml.gross_total;
  return differ(magnitude(xml.amount), magnitude(page.amount)) && magnitude(page.amount) != magnitude(xml.gross_total);
}

bool disagrees(const Document& xml, const Document& page) {
  return amounts_differ(xml, page) || differ(xml.invoice_no, page.invoice_no) || differ(xml.currency, page.currency) ||
         differ(xml.issue_date, page.issue_date) || differ(xml.iban, page.iban);
}

Document with_page(Embedded embedded, const std::variant<Page, Refusal>& read) {
  auto document = std::move(*embedded.document);
  const auto* page = std::get_if<Page>(&read);
  if (page == nullptr || !page->has_text) return document;
  document.text = page->fields.text;
  if (disagrees(document, page->fields)) raise(document, flag::page_disagrees_with_xml);
  return document;
}

// Where the page tree is so damaged that its reader gives up, the pages are put below a new one.
std::variant<Page, Refusal> pages_of(std::string_view bytes, const Limits& limits) {
  auto read = read_pages(bytes, limits);
  const auto* refusal = std::get_if<Refusal>(&read);
  if (refusal == nullptr || refusal->error_class != error_class::damaged) return read;
  const auto rebuilt = rebuilt_pages(bytes, limits);
  if (!rebuilt) return read;
  read = read_pages(*rebuilt, limits);
  if (auto* page = std::get_if<Page>(&read)) raise(page->fields, flag::repaired);
  return read;
}

}  // namespace

Result read_pdf(std::string_view bytes, const Limits& limits) {
  auto attachments = xml_attachments(bytes, limits);
  if (auto* refusal = std::get_if<Refusal>(&attachments)) return std::move(*refusal);
  auto embedded = embedded_invoice(std::move(std::get<0>(attachments)), limits);
  // An XML that tries to be expanded is an attack, not an accident.
  if (embedded.refusal && embedded.refusal->error_class == error_class::entity_declaration) return std::move(*embedded.refusal);
  auto page = pages_of(bytes, limits);
  if (embedded.document) return with_page(std::move(embedded), page);
  if (auto* refusal = std::get_if<Refusal>(&page)) return std::move(*refusal);
  auto document = std::move(std::get<Page>(page).fields);
  if (embedded.refusal) raise(document, flag::xml_unreadable);
  return document;
}

}  // namespace extract
