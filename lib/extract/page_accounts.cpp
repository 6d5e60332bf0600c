#include "extract/page_accounts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "extract/page_parties.hpp"

namespace extract {
namespace {

bool names_buyer(std::string_view folded) {
  constexpr auto words = std::to_array<std::string_view>(
      {"your", "ihre", "ihr", "ihrem", "ihres", "votre", "client", "kunde", "kunden", "kundenust", "customer", "customers", "buyer", "kaufer"});
  return std::ranges::find(words, folded) != words.end();
}

// "Your VAT ID", "Kunden-USt-IdNr.", "N° TVA client"
bool labelled_buyers(const Tokens& tokens, const LabelHit& hit) {
  return (hit.begin > 0 && names_buyer(tokens[hit.begin - 1].folded)) || (hit.end < tokens.size() && names_buyer(tokens[hit.end].folded));
}

std::optional<std::string> only(const std::set<std::string>& values) { return values.size() == 1 ? std::optional(*values.begin()) : std::nullopt; }

// "Der Betrag wird von folgendem Konto abgebucht": this account is the buyer's.
bool speaks_of_debit(std::string_view folded) {
  constexpr auto words = std::to_array<std::string_view>(
      {"abgebucht", "abbuchen", "abbuchung", "eingezogen", "einzug", "lastschrift", "debited", "directdebit", "preleve", "prelevement"});
  return std::ranges::any_of(words, [&](std::string_view word) { return folded.find(word) != std::string_view::npos; });
}

// In the same column, and at most `heights` away.
bool is_near(const Segment& own, const Segment& other, double heights) {
  if (other.page != own.page || std::abs(other.box.middle() - own.box.middle()) > heights * own.box.height()) return false;
  return std::min(own.box.right, other.box.right) > std::max(own.box.left, other.box.left);
}

// Directly under or over "Kundennummer: 4711": the customer's.
bool is_by_customer_number(const PageReading& reading, std::size_t segment) {
  constexpr double next_line = 2;
  const auto& layout = reading.layout();
  return std::ranges::any_of(layout.segments(), [&](const Segment& other) {
    const auto folded = fold(other.text);
    const bool customer = folded.starts_with("kunde") || folded.starts_with("customer") || folded.starts_with("debitor") || folded.starts_with("ndeclient");
    return customer && is_near(layout[segment], other, next_line);
  });
}

// The sentence around it says so, or its own label: "Ihre IBAN".
bool is_debited(const PageReading& reading, std::size_t segment) {
  constexpr double sentence = 2.5;
  const auto& layout = reading.layout();
  if (std::ranges::any_of(reading.tokens(segment), [](const Token& token) { return names_buyer(token.folded); })) return true;
  return std::ranges::any_of(layout.segments(),
                             [&](const Segment& other) { return is_near(layout[segment], other, sentence) && speaks_of_debit(fold(other.text)); });
}

// "DE67 1004 8392 7221" in one line of a narrow column, "8882 72" in the next.
std::optional<IbanRead> continued_iban(const PageReading& reading, std::size_t segment, const Tokens& tokens, std::size_t begin) {
  const auto under = reading.layout().below(segment);
  if (!under) return std::nullopt;
  Tokens both(tokens.begin() + static_cast<std::ptrdiff_t>(begin), tokens.end());
  both.insert(both.end(), reading.tokens(*under).begin(), reading.tokens(*under).end());
  auto iban = iban_at(both, 0);
  if (!iban || !iban->valid) return std::nullopt;
  return iban;
}

// A valid IBAN in a segment, wherever it begins.
std::set<std::string> valid_ibans(const PageReading& reading) {
  std::set<std::string> found;
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    const auto& tokens = reading.tokens(segment);
    for (std::size_t begin = 0; begin < tokens.size(); ++begin) {
      auto iban = iban_at(tokens, begin);
      if (iban && !iban->valid) iban = continued_iban(reading, segment, tokens, begin);
      if (!iban || !iban->valid || is_debited(reading, segment) || party_of(reading, segment) == Party::buyer) continue;
      found.insert(iban->iban);
    }
  }
  return found;
}

// On the line of its label: under a label it may be cut.
std::set<std::string> invalid_ibans(const PageReading& reading) {
  std::set<std::string> found;
  for (const auto& hit : reading.labels()) {
    if (hit.label != Label::iban || is_debited(reading, hit.segment) || party_of(reading, hit.segment) == Party::buyer) continue;
    auto iban = iban_at(reading.tokens(hit.segment), hit.end);
    const auto right = reading.value_right_of(hit.segment);
    if (!iban && right) iban = iban_at(reading.tokens(*right), 0);
    if (iban && !iban->valid) found.insert(iban->iban);
  }
  return found;
}

// One in one word, label or not: whose it is, nobody says, but it is another one.
std::set<std::string> bare_vat_ids(const PageReading& reading) {
  std::set<std::string> found;
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    const auto& tokens = reading.tokens(segment);
    for (std::size_t begin = 0; begin < tokens.size(); ++begin) {
      if (const auto vat = vat_at(tokens, begin); vat && vat->end == begin + 1) found.insert(vat->id);
    }
  }
  return found;
}

}  // namespace

std::optional<std::string> seller_vat_of(const PageReading& reading) {
  std::set<std::string> sellers;
  std::set<std::string> buyers;
  std::set<std::string> unclear;
  bool labelled = false;
  for (const auto& hit : reading.labels()) {
    if (hit.label != Label::vat_id && hit.label != Label::tax) continue;
    const auto& tokens = reading.tokens(hit.segment);
    const bool is_buyers = labelled_buyers(tokens, hit);
    auto vat = reading.value_of(hit, vat_at);
    if (!vat && is_buyers && hit.end < tokens.size()) {  // "N° TVA client | FR19787878784"
      if (const auto right = reading.value_right_of(hit.segment)) vat = vat_at(reading.tokens(*right), 0);
    }
    if (!vat) continue;
    const auto party = party_of(reading, hit.segment);
    if (is_buyers || party == Party::buyer || party == Party::other || is_by_customer_number(reading, hit.segment)) {
      buyers.insert(vat->id);
    } else if (party == Party::seller) {
      sellers.insert(vat->id);
    } else {
      labelled = true;
      unclear.insert(vat->id);
    }
  }
  if (!sellers.empty()) return only(sellers);
  unclear.merge(bare_vat_ids(reading));
  std::erase_if(unclear, [&](const std::string& id) { return buyers.contains(id); });
  return labelled ? only(unclear) : std::nullopt;
}

std::optional<Account> account_of(const PageReading& reading) {
  const auto valid = valid_ibans(reading);
  if (!valid.empty()) {
    const auto iban = only(valid);
    return iban ? std::optional(Account{*iban, true}) : std::nullopt;
  }
  const auto iban = only(invalid_ibans(reading));
  return iban ? std::optional(Account{*iban, false}) : std::nullopt;
}

}  // namespace extract
