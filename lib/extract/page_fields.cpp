#include "extract/page_fields.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "extract/characters.hpp"
#include "extract/page_accounts.hpp"
#include "extract/page_parties.hpp"
#include "extract/page_reading.hpp"
#include "extract/page_title.hpp"
#include "extract/page_totals.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

std::optional<std::string> only(const std::set<std::string>& values) { return values.size() == 1 ? std::optional(*values.begin()) : std::nullopt; }

// Nothing but a date follows a number: "4711 Musterstadt" beside the label is part of an address.
std::optional<NumberRead> labelled_number_at(const Tokens& tokens, std::size_t begin) {
  auto number = number_at(tokens, begin);
  if (!number || begin > 0 || number->end == tokens.size()) return number;
  const auto& next = tokens[number->end].folded;
  return next == "vom" || next == "of" || next == "du" || next == "dated" || date_at(tokens, number->end, SlashOrder::day_first) ? number : std::nullopt;
}

// "Ursprüngliche Rechnungsnummer", "zu Rechnung Nr.": that of another invoice.
bool names_another(const Tokens& tokens, const LabelHit& hit) {
  static constexpr auto words = std::to_array<std::string_view>(
      {"ursprungliche", "originale", "original", "vorherige", "alte", "zu", "zur", "previous", "related", "for", "to", "preceding"});
  return hit.begin > 0 && std::ranges::find(words, tokens[hit.begin - 1].folded) != words.end();
}

std::optional<std::string> invoice_number(const PageReading& reading, const std::optional<Title>& title) {
  std::set<std::string> found;
  std::set<std::string> in_sentences;
  if (title && title->number) found.insert(*title->number);
  for (const auto& hit : reading.labels()) {
    if (hit.label != Label::number || names_another(reading.tokens(hit.segment), hit)) continue;
    if (auto number = reading.value_of(hit, labelled_number_at)) (hit.begin == 0 ? found : in_sentences).insert(std::move(number->number));
  }
  return only(found.empty() ? in_sentences : found);
}

bool speaks_of_discount(std::string_view folded) {
  return folded.find("skonto") != std::string_view::npos || folded.find("discount") != std::string_view::npos ||
         folded.find("escompte") != std::string_view::npos;
}

// In the segment or in the next line of its sentence.
bool is_about_discount(const PageReading& reading, std::size_t segment) {
  const auto& layout = reading.layout();
  const auto under = layout.below(segment, 0.8);
  return speaks_of_discount(fold(layout[segment].text)) || (under && speaks_of_discount(fold(layout[*under].text)));
}

std::set<std::string> labelled_dates(const PageReading& reading, Label label) {
  std::set<std::string> found;
  const auto read = [&](const Tokens& tokens, std::size_t begin) { return date_at(tokens, begin, reading.slash_order()); };
  for (const auto& hit : reading.labels()) {
    if (hit.label != label || (label == Label::due && is_about_discount(reading, hit.segment))) continue;
    if (auto date = reading.value_of(hit, read)) found.insert(std::move(date->iso));
  }
  return found;
}

bool is_time(std::string_view text) {
  const auto colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 2 < text.size() && is_digit(text[colon - 1]) && is_digit(text[colon + 1]);
}

// A line with a time of day is the stamp of a printer.
bool has_time(const PageReading& reading, std::size_t segment) {
  for (std::size_t i = 0; i < reading.size(); ++i) {
    if (reading.layout()[i].line != reading.layout()[segment].line) continue;
    if (std::ranges::any_of(reading.tokens(i), [](const Token& token) { return is_time(token.text); })) return true;
  }
  return false;
}

// "Rechnungs-Nr. | Datum" heads the particulars of the invoice, "Datum | Betrag" some other table.
bool is_beside_number(const PageReading& reading, std::size_t segment) {
  const auto& layout = reading.layout();
  return std::ranges::any_of(reading.labels(),
                             [&](const LabelHit& hit) { return hit.label == Label::number && layout[hit.segment].line == layout[segment].line; });
}

// "Datum: 01.02.2026", not within a table of anything else.
std::set<std::string> plain_dates(const PageReading& reading) {
  std::set<std::string> found;
  for (const auto& hit : reading.labels()) {
    if (hit.label != Label::any_date || hit.begin != 0 || has_time(reading, hit.segment)) continue;
    auto date = date_at(reading.tokens(hit.segment), hit.end, reading.slash_order());
    const auto right = reading.value_right_of(hit.segment);
    const auto under = is_beside_number(reading, hit.segment) ? reading.value_below(hit.segment) : std::nullopt;
    if (!date && right) date = date_at(reading.tokens(*right), 0, reading.slash_order());
    if (!date && under) date = date_at(reading.tokens(*under), 0, reading.slash_order());
    if (date) found.insert(std::move(date->iso));
  }
  return found;
}

// "München, den 01.11.2024"
std::set<std::string> letter_dates(const PageReading& reading) {
  std::set<std::string> found;
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    const auto& tokens = reading.tokens(segment);
    if (tokens.size() < 2 || !tokens[0].text.ends_with(',')) continue;
    const std::size_t at = tokens[1].folded == "den" || tokens[1].folded == "le" ? 2 : 1;
    auto date = date_at(tokens, at, reading.slash_order());
    if (date && date->end != tokens.size()) date.reset();  // "Hosting, 01.01.2026 bis 31.01.2026"
    const auto right = reading.value_right_of(segment);
    if (at == 2 && tokens.size() == 2 && right) date = date_at(reading.tokens(*right), 0, reading.slash_order());
    if (date) found.insert(std::move(date->iso));
  }
  return found;
}

// A date and nothing else, beside the title or under it.
std::optional<std::string> date_by_title(const PageReading& reading, const Title& title) {
  const auto& layout = reading.layout();
  for (const auto place : {layout.right_of(title.segment), layout.below(title.segment)}) {
    if (!place) continue;
    const auto& tokens = reading.tokens(*place);
    const std::size_t at = tokens.front().folded == "vom" ? 1 : 0;
    const auto date = date_at(tokens, at, reading.slash_order());
    if (date && date->end == tokens.size()) return date->iso;
  }
  return std::nullopt;
}

std::optional<std::string> issue_date(const PageReading& reading, const std::optional<Title>& title) {
  auto dates = labelled_dates(reading, Label::date);
  if (title && title->date) dates.insert(*title->date);
  if (!dates.empty()) return only(dates);
  for (const auto& weaker : {plain_dates(reading), letter_dates(reading)}) {
    if (!weaker.empty()) return only(weaker);
  }
  return title ? date_by_title(reading, *title) : std::nullopt;
}

// "… bis zum", and the date begins the next line
std::optional<DateRead> date_from(const PageReading& reading, std::size_t segment, std::size_t at) {
  const auto& tokens = reading.tokens(segment);
  if (at < tokens.size()) return date_at(tokens, at, reading.slash_order());
  const auto under = reading.layout().below(segment, 0.8);
  return under ? date_at(reading.tokens(*under), 0, reading.slash_order()) : std::nullopt;
}

// Not "Zahlungen bis 31.10.2025 sind berücksichtigt".
bool asks_to_pay(std::string_view folded) {
  static constexpr auto asks =
      std::to_array<std::string_view>({"uberweis", "zahlensie", "zuzahlen", "zahlbar", "begleichen", "bezahlen", "payable", "pleasepay", "payer", "regler"});
  static constexpr auto tells = std::to_array<std::string_view>({"berucksichtigt", "eingegangen", "received", "bezahlt"});
  const auto within = [&](std::string_view word) { return folded.find(word) != std::string_view::npos; };
  return std::ranges::any_of(asks, within) && std::ranges::none_of(tells, within);
}

// "Bitte überweisen Sie bis zum 30.05.2017": a sentence about paying, without a discount.
std::set<std::string> due_in_sentences(const PageReading& reading) {
  std::set<std::string> found;
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    const auto folded = fold(reading.layout()[segment].text);
    if (!asks_to_pay(folded) || is_about_discount(reading, segment)) continue;
    const auto& tokens = reading.tokens(segment);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const bool until = tokens[i].folded == "bis" || tokens[i].folded == "by" || tokens[i].folded == "until" || tokens[i].folded == "avant";
      if (!until) continue;
      const bool article = i + 1 < tokens.size() && (tokens[i + 1].folded == "zum" || tokens[i + 1].folded == "spatestens" || tokens[i + 1].folded == "le");
      if (auto date = date_from(reading, segment, i + (article ? 2 : 1))) found.insert(std::move(date->iso));
    }
  }
  return found;
}

std::optional<std::string> due_date(const PageReading& reading) {
  if (const auto net = labelled_dates(reading, Label::due_net); !net.empty()) return only(net);
  auto dates = labelled_dates(reading, Label::due);
  if (dates.empty()) dates = due_in_sentences(reading);
  return only(dates);
}

// "Rechnungsnummer:", whether or not the number itself can be read
bool labels_number(const PageReading& reading) {
  return std::ranges::any_of(reading.labels(), [](const LabelHit& hit) { return hit.label == Label::number && hit.begin == 0; });
}

void set_doc_type(Document& document, const PageReading& reading, const std::optional<Title>& title) {
  const bool numbered = document.invoice_no || labels_number(reading);
  const bool total = document.gross_total || document.amount;
  const bool named = title && (title->doc_type == "invoice" || title->doc_type == "credit_note");
  const int signs = (named ? 1 : 0) + (numbered ? 1 : 0) + (total ? 1 : 0) + (document.issue_date ? 1 : 0) + (document.iban || document.seller_vat ? 1 : 0);
  const bool invoice = signs >= 3 && (total || document.issue_date) && (named || (numbered && !title));
  if (invoice) {
    document.doc_type = title ? title->doc_type : "invoice";
  } else if (title && !named) {
    document.doc_type = title->doc_type;
  } else {
    document.doc_type = "document";
  }
}

Document read_invoice(const PageReading& reading, const std::optional<Title>& title) {
  Document document;
  document.invoice_no = invoice_number(reading, title);
  document.issue_date = issue_date(reading, title);
  document.due_date = due_date(reading);
  const auto totals = totals_of(reading);
  if (totals.gross) document.gross_total = money(*totals.gross);
  if (totals.payable) document.amount = money(*totals.payable);
  document.currency = totals.currency;
  document.seller_vat = seller_vat_of(reading);
  const auto names = names_of(reading);
  document.seller_name = names.seller;
  document.buyer_name = names.buyer;
  if (const auto account = account_of(reading)) {
    document.iban = account->iban;
    if (!account->valid) raise(document, flag::iban_checksum);
  }
  return document;
}

}  // namespace

Document fields_of(Layout layout) {
  const PageReading reading(std::move(layout));
  const auto title = title_of(reading);
  Document document = read_invoice(reading, title);
  set_doc_type(document, reading, title);
  if (document.doc_type == "invoice" || document.doc_type == "credit_note") return document;
  Document other;
  other.doc_type = std::move(document.doc_type);
  return other;
}

}  // namespace extract
