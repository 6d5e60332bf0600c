#include "extract/page_title.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "extract/characters.hpp"

namespace extract {
namespace {

constexpr double lowest_title = 0.65;  // of the page
constexpr std::size_t longest_title = 24;

constexpr auto kinds = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"rechnungskorrektur", "invoice"},  // UNTDID 1001 has 384, a corrected invoice
    {"gutschrift", "credit_note"},
    {"stornorechnung", "credit_note"},
    {"rechnungsgutschrift", "credit_note"},
    {"creditnote", "credit_note"},
    {"creditmemo", "credit_note"},
    {"creditinvoice", "credit_note"},
    {"avoir", "credit_note"},
    {"factureavoir", "credit_note"},
    {"invoice", "invoice"},
    {"taxinvoice", "invoice"},
    {"vatinvoice", "invoice"},
    {"commercialinvoice", "invoice"},
    {"salesinvoice", "invoice"},
    {"facture", "invoice"},
    {"bestellung", "order"},
    {"purchaseorder", "order"},
    {"bondecommande", "order"},
    {"proformarechnung", "document"},
    {"proformainvoice", "document"},
    {"factureproforma", "document"},
    {"angebot", "document"},
    {"kostenvoranschlag", "document"},
    {"quotation", "document"},
    {"quote", "document"},
    {"devis", "document"},
    {"lieferschein", "document"},
    {"deliverynote", "document"},
    {"packingslip", "document"},
    {"bondelivraison", "document"},
    {"auftragsbestatigung", "document"},
    {"orderconfirmation", "document"},
    {"mahnung", "document"},
    {"zahlungserinnerung", "document"},
    {"paymentreminder", "document"},
    {"kontoauszug", "bank_statement"},
    {"bankstatement", "bank_statement"},
    {"releve", "bank_statement"},
    {"relevedecompte", "bank_statement"},
    {"quittung", "receipt"},
    {"kassenbon", "receipt"},
    {"receipt", "receipt"},
});

// `one_word`: not put together from several, as in "Korrektur zu Rechnung".
std::optional<std::string_view> kind_of(std::string_view folded, bool one_word) {
  const auto found = std::ranges::find(kinds, folded, &std::pair<std::string_view, std::string_view>::first);
  if (found != kinds.end()) return found->second;
  // Handelsrechnung, Schlussrechnung, Beitragsrechnung
  if (one_word && folded.ends_with("rechnung") && folded != "berechnung" && folded != "abrechnung") return "invoice";
  return std::nullopt;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> choices) { return std::ranges::find(choices, text) != choices.end(); }

// The token after "(380)" or "(Selbst ausgestellte Rechnung)"; `at` where there is no bracket.
std::size_t after_brackets(const Tokens& tokens, std::size_t at) {
  while (at < tokens.size() && tokens[at].text.starts_with('(')) {
    auto end = at;
    while (end < tokens.size() && !tokens[end].text.ends_with(')')) ++end;
    if (end == tokens.size()) break;
    at = end + 1;
  }
  return at;
}

// "Rechnung des Versicherers Nr. 4711", but not "Rechnung zu Bestellung Nr. 4711".
std::size_t after_genitive(const Tokens& tokens, std::size_t at) {
  const bool genitive = at + 2 < tokens.size() && is_one_of(tokens[at].folded, {"des", "der"});
  return genitive ? at + 2 : at;
}

struct Kind {
  std::string_view doc_type;
  std::size_t end;  // the token after it
};

// The longest kind that the tokens begin with; letters may be spaced out.
std::optional<Kind> leading_kind(const Tokens& tokens) {
  std::optional<Kind> found;
  std::string joined;
  bool spaced_out = true;
  const std::size_t begin =
      !tokens.empty() && (all_digits(tokens.front().folded) || is_one_of(tokens.front().folded, {"ihre", "unsere", "your"})) ? 1 : 0;  // "2. Mahnung"
  for (std::size_t i = begin; i < tokens.size() && joined.size() <= longest_title; ++i) {
    joined += tokens[i].folded;
    spaced_out = spaced_out && tokens[i].folded.size() <= 1;
    if (const auto kind = kind_of(joined, i == begin || spaced_out)) found = Kind{*kind, i + 1};
  }
  return found;
}

void read_date(Title& title, const Tokens& tokens, std::size_t at, SlashOrder order) {
  if (at < tokens.size() && is_one_of(tokens[at].folded, {"vom", "von", "of", "from", "dated", "du", "date", "datum"})) ++at;
  if (auto date = date_at(tokens, at, order)) title.date = std::move(date->iso);
}

bool is_year(std::string_view text) { return text.size() == 4 && (text.starts_with("19") || text.starts_with("20")); }

// "03/2026", "2026-03"
bool is_month(std::string_view text) {
  const auto at = text.find_first_of("/-.");
  if (at == std::string_view::npos) return false;
  const auto first = text.substr(0, at);
  const auto second = text.substr(at + 1);
  if (!all_digits(first) || !all_digits(second)) return false;
  return (is_year(first) && second.size() <= 2) || (is_year(second) && first.size() <= 2);
}

// A number without "Nr." before it is one only where it cannot be a year or a count.
bool stands_alone(std::string_view number) {
  if (number.size() < 4 || is_month(number)) return false;
  return !all_digits(number) || number.size() > 4;
}

// "Nr. 17/2025", right under a title or beside it
std::optional<std::string> number_by(const PageReading& reading, std::size_t title) {
  for (const auto place : {reading.layout().right_of(title), reading.layout().below(title)}) {
    if (!place) continue;
    const auto& tokens = reading.tokens(*place);
    if (tokens.size() < 2 || !is_one_of(tokens.front().folded, {"nr", "no", "n", "nummer", "number"})) continue;
    const auto number = number_at(tokens, 1);
    if (number && number->end == tokens.size()) return number->number;
  }
  return std::nullopt;
}

std::optional<Title> title_in(const PageReading& reading, std::size_t segment) {
  const auto& tokens = reading.tokens(segment);
  const auto kind = leading_kind(tokens);
  if (!kind) return std::nullopt;
  Title title{std::string(kind->doc_type), segment, std::nullopt, std::nullopt};
  std::size_t at = after_brackets(tokens, after_genitive(tokens, kind->end));
  bool marked = tokens[at - 1].text.ends_with('#');
  while (at < tokens.size() && is_one_of(tokens[at].folded, {"nr", "no", "n", "nummer", "number", "num", "numero"}) && !tokens[at].text.empty()) {
    marked = true;
    ++at;
  }
  if (at < tokens.size() && is_one_of(tokens[at].folded, {"zu", "zur", "for", "to", "sur"})) return title;  // and the number of another
  if (at >= tokens.size()) {
    if (!marked) title.number = number_by(reading, segment);
    return title;
  }
  if (auto number = number_at(tokens, at); number && (marked || stands_alone(number->number))) {
    title.number = std::move(number->number);
    read_date(title, tokens, number->end, reading.slash_order());
    return title;
  }
  read_date(title, tokens, at, reading.slash_order());
  if (title.date || is_one_of(tokens[at].folded, {"original", "kopie", "copy", "duplikat", "duplicate"})) return title;
  return std::nullopt;  // a sentence that begins with the word
}

}  // namespace

std::optional<Title> title_of(const PageReading& reading) {
  std::optional<Title> first;
  for (std::size_t segment = 0; segment < reading.size() && reading.layout()[segment].page == 0; ++segment) {
    if (reading.layout().depth(segment) > lowest_title) break;
    auto title = title_in(reading, segment);
    if (!title) continue;
    if (!first) first = title;
    if (title->number && title->doc_type == first->doc_type) return title;
  }
  return first;
}

}  // namespace extract
