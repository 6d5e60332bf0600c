#include "extract/findings.hpp"

#include <algorithm>

#include "extract/value.hpp"

namespace extract {
namespace {

// A number has a digit, and is not a sentence.
bool is_invoice_no(std::string_view text) {
  constexpr std::size_t longest = 64;
  return text.size() <= longest && text.find_first_of("0123456789") != std::string_view::npos && std::count(text.begin(), text.end(), ' ') <= 2;
}

bool is_name(std::string_view text) {
  constexpr std::size_t longest = 200;
  return text.size() <= longest && !text.ends_with(':') && !invoice_label(text);
}

}  // namespace

bool is_amount(InvoiceLabel label) { return label == InvoiceLabel::amount_due || label == InvoiceLabel::amount_total || label == InvoiceLabel::amount_plain; }
bool is_date(InvoiceLabel label) { return label == InvoiceLabel::issue_date || label == InvoiceLabel::due_date; }

void Findings::take(InvoiceLabel label, const Cell& cell, Decimals decimals, DateOrder order) {
  const auto text = clean(cell.text);
  if (is_amount(label)) {
    add(label, cell.kind == Cell::Kind::number ? Reading{decimal(text)} : written_amount(text, decimals), flag::amount_unclear);
    const auto currency = cell.format_currency.empty() ? currency_in(text) : std::optional<std::string>(cell.format_currency);
    if (currency) add(InvoiceLabel::currency, *currency);
  } else if (is_date(label)) {
    if (cell.kind != Cell::Kind::number) add(label, written_date(text, order), flag::date_unclear);
  } else if (label == InvoiceLabel::invoice_no) {
    if (cell.kind != Cell::Kind::date && is_invoice_no(text)) add(label, text);
  } else if (label == InvoiceLabel::currency) {
    if (const auto code = is_currency(text) ? std::optional(text) : currency_in(text)) add(label, *code);
  } else if (label == InvoiceLabel::iban) {
    if (auto value = iban(text)) add(label, std::move(*value));
  } else if (cell.kind == Cell::Kind::text && is_name(text)) {
    add(label, text);
  }
}

void Findings::add(InvoiceLabel label, std::string value) {
  auto& values = values_[label];
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
}

void Findings::add(InvoiceLabel label, const Reading& reading, std::string_view flag) {
  if (reading.value) add(label, *reading.value);
  if (reading.unclear) flags_.push_back(flag);
}

void Findings::merge(const Findings& other) {
  for (const auto& [label, values] : other.values_) {
    for (const auto& value : values) add(label, value);
  }
  flags_.insert(flags_.end(), other.flags_.begin(), other.flags_.end());
}

std::optional<std::string> Findings::one(InvoiceLabel label) const {
  const auto at = values_.find(label);
  return at == values_.end() || at->second.size() != 1 ? std::nullopt : std::optional<std::string>(at->second[0]);
}

std::size_t Findings::count(InvoiceLabel label) const {
  const auto at = values_.find(label);
  return at == values_.end() ? 0 : at->second.size();
}

void Findings::raise_flags(Document& document) const {
  for (const auto flag : flags_) raise(document, flag);
}

// What is left to pay is the amount; where only a total is named, that is what is to pay.
void Findings::fill(Document& document) const {
  document.invoice_no = one(InvoiceLabel::invoice_no);
  document.gross_total = one(InvoiceLabel::amount_total);
  if (count(InvoiceLabel::amount_due) > 0) {
    document.amount = one(InvoiceLabel::amount_due);
  } else if (count(InvoiceLabel::amount_total) > 0) {
    document.amount = document.gross_total;
  } else {
    document.amount = one(InvoiceLabel::amount_plain);
  }
  document.currency = one(InvoiceLabel::currency);
  document.issue_date = one(InvoiceLabel::issue_date);
  document.due_date = one(InvoiceLabel::due_date);
  document.seller_name = one(InvoiceLabel::seller);
  take_vat(document.seller_vat, one(InvoiceLabel::seller_vat).value_or(""));
  document.buyer_name = one(InvoiceLabel::buyer);
  take_iban(document, one(InvoiceLabel::iban).value_or(""));
}

}  // namespace extract
