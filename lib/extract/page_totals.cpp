#include "extract/page_totals.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "extract/characters.hpp"

namespace extract {
namespace {

struct Sum {
  Label label;
  std::int64_t hundredths;
  std::optional<std::string> currency;
};

bool is_total(Label label) {
  return label == Label::payable || label == Label::gross || label == Label::any_total || label == Label::net || label == Label::tax || label == Label::paid;
}

// What may stand between the label of a total and its amount: "(DEM)", "in EUR", "inkl. 19 % MwSt.", ":".
bool is_filler(const Token& token) {
  static const std::set<std::string, std::less<>> words{"",     "in",  "inkl", "incl", "inc", "including", "inklusive", "mwst",  "ust", "vat", "tax", "eur",
                                                        "euro", "usd", "gbp",  "chf",  "dem", "ttc",       "brutto",    "gross", "von", "of",  "der", "ist"};
  if (words.contains(token.folded) && token.folded != "der") return true;
  if (token.text.front() == '(' && token.text.back() == ')')
    return currency_of(token.text.substr(1, token.text.size() - 2)).has_value() || words.contains(token.folded);
  return token.text.find('%') != std::string::npos || (token.folded.size() <= 2 && all_digits(token.folded));
}

std::vector<AmountRead> amounts_from(const Tokens& tokens, std::size_t begin) {
  std::vector<AmountRead> amounts;
  while (begin < tokens.size()) {
    auto amount = amount_at(tokens, begin);
    const bool rate = amount && amount->end < tokens.size() && tokens[amount->end].text.starts_with('%');
    begin = amount ? amount->end : begin + 1;
    if (amount && !rate) amounts.push_back(std::move(*amount));
  }
  return amounts;
}

// The amounts to the right of a label, up to the next label of a total; nothing where words stand in between.
std::vector<AmountRead> row_of(const PageReading& reading, const LabelHit& hit) {
  std::vector<AmountRead> row;
  std::size_t begin = hit.end;
  for (std::optional<std::size_t> segment = hit.segment; segment; segment = reading.layout().right_of(*segment), begin = 0) {
    const auto& tokens = reading.tokens(*segment);
    const auto labels = reading.labels_of(*segment);
    const bool ends =
        std::ranges::any_of(labels, [&](const LabelHit& other) { return is_total(other.label) && other.begin >= begin && !is_filler(tokens[other.begin]); });
    if (ends) break;
    while (row.empty() && begin < tokens.size() && !amount_at(tokens, begin)) {
      if (!is_filler(tokens[begin])) return row;
      ++begin;
    }
    for (auto& amount : amounts_from(tokens, begin)) row.push_back(std::move(amount));
  }
  return row;
}

// One amount, or several of which the last is the sum of the two before it: net, tax, gross.
std::optional<AmountRead> total_of(std::vector<AmountRead> row) {
  if (row.empty()) return std::nullopt;
  const auto same = [&](const AmountRead& other) { return other.hundredths == row.front().hundredths; };
  if (std::ranges::all_of(row, same)) return row.back();
  const auto n = row.size();
  if (n >= 3 && row[n - 3].hundredths + row[n - 2].hundredths == row[n - 1].hundredths) return row.back();
  return std::nullopt;
}

std::vector<Sum> sums_of(const PageReading& reading) {
  std::vector<Sum> sums;
  for (const auto& hit : reading.labels()) {
    if (!is_total(hit.label)) continue;
    // "Positionen netto" is net of something; but a total is what begins its line.
    if (hit.begin != 0 && hit.label != Label::net && hit.label != Label::tax) continue;
    if (const auto total = total_of(row_of(reading, hit))) sums.push_back({hit.label, total->hundredths, total->currency});
  }
  return sums;
}

std::set<std::int64_t> values_of(const std::vector<Sum>& sums, Label label) {
  std::set<std::int64_t> values;
  for (const auto& sum : sums) {
    if (sum.label == label) values.insert(sum.hundredths);
  }
  return values;
}

bool is_largest(const PageReading& reading, std::int64_t total) {
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    const auto amounts = amounts_from(reading.tokens(segment), 0);
    if (std::ranges::any_of(amounts, [&](const AmountRead& amount) { return amount.hundredths > total; })) return false;
  }
  return true;
}

// net + tax = gross, in magnitude: some print the tax of a credit note without its sign.
bool adds_up(std::int64_t gross, const std::set<std::int64_t>& nets, const std::set<std::int64_t>& taxes) {
  return std::ranges::any_of(nets, [&](std::int64_t net) {
    return std::ranges::any_of(taxes, [&](std::int64_t tax) { return tax != 0 && std::llabs(net) + std::llabs(tax) == std::llabs(gross); });
  });
}

template <class T>
std::optional<T> only(const std::set<T>& values) {
  return values.size() == 1 ? std::optional(*values.begin()) : std::nullopt;
}

std::optional<std::int64_t> only_that_adds_up(const std::set<std::int64_t>& values, const std::set<std::int64_t>& nets, const std::set<std::int64_t>& taxes) {
  std::set<std::int64_t> right;
  std::ranges::copy_if(values, std::inserter(right, right.end()), [&](std::int64_t value) { return adds_up(value, nets, taxes); });
  return only(right);
}

// ---- a table of sums: a line of headings with net, tax and gross in this order, and lines of amounts under it

bool heads_sums(const PageReading& reading, std::size_t line_begin, std::size_t line_end) {
  std::vector<Label> order;
  for (auto segment = line_begin; segment < line_end; ++segment) {
    for (const auto& hit : reading.labels_of(segment)) {
      if (hit.label == Label::net || hit.label == Label::tax || hit.label == Label::gross) order.push_back(hit.label);
    }
  }
  const auto net = std::ranges::find(order, Label::net);
  const auto tax = std::find(net, order.end(), Label::tax);
  return std::find(tax, order.end(), Label::gross) != order.end();
}

std::size_t end_of_line(const PageReading& reading, std::size_t segment) {
  const auto line = reading.layout()[segment].line;
  while (segment < reading.size() && reading.layout()[segment].line == line) ++segment;
  return segment;
}

// The last three amounts of each line that are net + tax = gross.
std::vector<std::int64_t> gross_column(const PageReading& reading, std::size_t begin) {
  constexpr int most_lines = 12;
  std::vector<std::int64_t> column;
  for (int line = 0; line < most_lines && begin < reading.size(); ++line) {
    const auto end = end_of_line(reading, begin);
    std::vector<std::int64_t> row;
    for (; begin < end; ++begin) {
      for (const auto& amount : amounts_from(reading.tokens(begin), 0)) row.push_back(amount.hundredths);
    }
    const auto n = row.size();
    if (n >= 3 && row[n - 2] != 0 && row[n - 3] + row[n - 2] == row[n - 1]) column.push_back(row[n - 1]);
  }
  return column;
}

// One line, or the last of several where it is the sum of the others.
std::optional<std::int64_t> total_of_table(const PageReading& reading) {
  std::set<std::int64_t> found;
  for (std::size_t begin = 0; begin < reading.size();) {
    const auto end = end_of_line(reading, begin);
    if (heads_sums(reading, begin, end)) {
      const auto column = gross_column(reading, end);
      const auto sum = std::accumulate(column.begin(), column.end(), std::int64_t{0});
      if (!column.empty() && (column.size() == 1 || sum == 2 * column.back())) found.insert(column.back());
    }
    begin = end;
  }
  return only(found);
}

// "Gesamtsumme 100,00 / zzgl. MwSt. 19,00 / zu zahlen 119,00": what was called the total is net.
std::int64_t taxed(std::int64_t total, const std::set<std::int64_t>& taxes, const std::set<std::int64_t>& payable) {
  const auto with_tax = std::ranges::find_if(payable, [&](std::int64_t value) { return value != total && taxes.contains(value - total); });
  return with_tax == payable.end() ? total : *with_tax;
}

std::optional<std::int64_t> gross_of(const PageReading& reading, const std::vector<Sum>& sums) {
  const auto nets = values_of(sums, Label::net);
  const auto taxes = values_of(sums, Label::tax);
  const auto gross = values_of(sums, Label::gross);
  if (gross.empty()) {
    if (const auto total = total_of_table(reading)) return total;
  }
  auto parts = nets;  // "Rechnungssumme 100,00 / MwSt. 19,00 / Endbetrag 119,00"
  parts.insert(gross.begin(), gross.end());
  if (gross.size() == 1) return taxed(*gross.begin(), taxes, values_of(sums, Label::payable));
  if (gross.size() > 1) return only_that_adds_up(gross, parts, taxes);

  const auto totals = values_of(sums, Label::any_total);
  parts.insert(totals.begin(), totals.end());
  if (const auto sure = only_that_adds_up(totals, parts, taxes)) return sure;
  const auto total = only(totals);
  // A plain "Total" counts where nothing on the pages is larger, and no net sum contradicts it.
  if (total && is_largest(reading, *total) && (nets.empty() || nets.contains(*total))) return total;
  return std::nullopt;
}

std::optional<std::int64_t> payable_of(const std::vector<Sum>& sums, std::optional<std::int64_t> gross) {
  const auto payable = values_of(sums, Label::payable);
  if (!payable.empty()) return only(payable);
  const auto paid = values_of(sums, Label::paid);
  const bool nothing_paid = std::ranges::all_of(paid, [](std::int64_t value) { return value == 0; });
  return nothing_paid ? gross : std::nullopt;
}

// ---- currency

std::set<std::string> currencies_seen(const PageReading& reading) {
  std::set<std::string> seen;
  for (std::size_t segment = 0; segment < reading.size(); ++segment) {
    for (const auto& token : reading.tokens(segment)) {
      auto currency = currency_of(token.text);
      if (!currency && token.text.ends_with("/€")) currency = "EUR";  // "Einzel/€" heads a column
      if (currency) seen.insert(*currency);
    }
    for (const auto& amount : amounts_from(reading.tokens(segment), 0)) {
      if (amount.currency) seen.insert(*amount.currency);
    }
  }
  return seen;
}

std::optional<std::string> labelled_currency(const PageReading& reading) {
  std::set<std::string> found;
  for (const auto& hit : reading.labels()) {
    if (hit.label != Label::currency) continue;
    struct CurrencyRead {
      std::string code;
      std::size_t end;
    };
    const auto read = [](const Tokens& tokens, std::size_t begin) -> std::optional<CurrencyRead> {
      if (begin < tokens.size() && tokens[begin].text == ":") ++begin;
      if (begin >= tokens.size()) return std::nullopt;
      auto code = currency_of(tokens[begin].text);
      if (!code) return std::nullopt;
      return CurrencyRead{*code, begin + 1};
    };
    if (const auto value = reading.value_of(hit, read)) found.insert(value->code);
  }
  return only(found);
}

std::optional<std::string> currency_of_sums(const std::vector<Sum>& sums, const Totals& totals) {
  std::set<std::string> found;
  for (const auto& sum : sums) {
    const bool counts = (totals.gross && sum.hundredths == *totals.gross) || (totals.payable && sum.hundredths == *totals.payable);
    if (counts && sum.currency) found.insert(*sum.currency);
  }
  return only(found);
}

std::optional<std::string> currency_of_pages(const PageReading& reading, const std::vector<Sum>& sums, const Totals& totals) {
  if (auto labelled = labelled_currency(reading)) return labelled;
  const auto seen = currencies_seen(reading);
  auto beside = currency_of_sums(sums, totals);
  // "$" beside the sum, "CAD" elsewhere.
  if (beside == "USD" && (seen.contains("CAD") || seen.contains("AUD"))) return std::nullopt;
  if (beside) return beside;
  return only(seen);
}

}  // namespace

Totals totals_of(const PageReading& reading) {
  const auto sums = sums_of(reading);
  Totals totals;
  totals.gross = gross_of(reading, sums);
  totals.payable = payable_of(sums, totals.gross);
  totals.currency = currency_of_pages(reading, sums, totals);
  return totals;
}

}  // namespace extract
