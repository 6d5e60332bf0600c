// Entries of a bank statement. German banks agree on words, not on columns, order, decimal signs or what stands above.
#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "extract/label.hpp"
#include "extract/table.hpp"
#include "extract/value.hpp"
#include "extract/written.hpp"

namespace extract {
namespace {

constexpr std::size_t preamble_rows = 60;  // the headings stand within them
constexpr std::size_t nowhere = SIZE_MAX;

std::string text_at(const TableRow& row, std::size_t column) {
  const auto* cell = column == nowhere ? nullptr : cell_at(row, column);
  return cell == nullptr ? std::string() : clean(cell->text);
}

// Where what stands. A column that is nowhere is not in this statement.
struct Columns {
  std::size_t booking_date = nowhere;
  std::size_t value_date = nowhere;
  std::size_t amount = nowhere;
  std::size_t debit = nowhere;
  std::size_t credit = nowhere;
  std::size_t sign = nowhere;
  std::size_t currency = nowhere;
  std::size_t counterparty_iban = nowhere;
  std::size_t own_iban = nowhere;
  std::vector<std::size_t> counterparty;  // joined by a blank, as the others
  std::vector<std::size_t> payer;
  std::vector<std::size_t> payee;
  std::vector<std::size_t> purpose;
  std::optional<std::string> currency_of_headings;
};

using Rows = std::vector<const TableRow*>;

std::vector<std::string> column_of(const Rows& rows, std::size_t column) {
  std::vector<std::string> texts;
  for (const auto* row : rows) {
    if (auto text = text_at(*row, column); !text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

// ---- headings

struct Heading {
  std::size_t column;
  BankLabel label;
  std::string word;  // without digits at its end
  std::string written;
};

std::vector<Heading> headings_of(const TableRow& row) {
  std::vector<Heading> headings;
  for (const auto& cell : row) {
    if (const auto label = bank_label(cell.text)) {
      headings.push_back({cell.column, *label, without_number(folded(cell.text)), cell.text});
    }
  }
  return headings;
}

// How much a heading speaks for a bank statement rather than for any list with dates and amounts.
int weight(const Heading& heading) {
  constexpr auto weak = std::to_array<std::string_view>({"description", "details", "memo", "beschreibung", "name", "reference", "betreff"});
  switch (heading.label) {
    case BankLabel::value_date:
    case BankLabel::counterparty_iban:
    case BankLabel::own_iban:
    case BankLabel::balance:
    case BankLabel::sign:
      return 2;
    case BankLabel::counterparty:
    case BankLabel::purpose:
      return std::find(weak.begin(), weak.end(), heading.word) == weak.end() ? 2 : 1;
    case BankLabel::booking_date:
    case BankLabel::debit:
    case BankLabel::credit:
    case BankLabel::currency:
    case BankLabel::payer:
    case BankLabel::payee:
    case BankLabel::any_iban:
    case BankLabel::booking_text:
      return 1;
    case BankLabel::any_date:
    case BankLabel::amount:
      break;
  }
  return 0;
}

bool are_headings(const TableRow& row, const std::vector<Heading>& headings) {
  constexpr int enough = 2;
  const auto has = [&](std::initializer_list<BankLabel> wanted) {
    return std::any_of(headings.begin(), headings.end(), [&](const Heading& h) { return std::find(wanted.begin(), wanted.end(), h.label) != wanted.end(); });
  };
  const bool invoices = std::any_of(row.begin(), row.end(), [](const Cell& c) { return invoice_label(c.text) == InvoiceLabel::invoice_no; });
  if (invoices || !has({BankLabel::booking_date, BankLabel::value_date, BankLabel::any_date}) ||
      !has({BankLabel::amount, BankLabel::debit, BankLabel::credit})) {
    return false;
  }
  int sum = 0;
  for (const auto& heading : headings) sum += weight(heading);
  return sum >= enough;
}

// Those of the columns that go on under one heading: "Verwendungszweck 1", "Verwendungszweck 2".
std::vector<std::size_t> columns_with(const std::vector<Heading>& headings, BankLabel label) {
  std::vector<std::size_t> columns;
  const Heading* first = nullptr;
  for (const auto& heading : headings) {
    if (heading.label != label) continue;
    if (first == nullptr) first = &heading;
    if (heading.word == first->word) columns.push_back(heading.column);
  }
  return columns;
}

std::size_t first_with(const std::vector<Heading>& headings, BankLabel label) {
  const auto found = columns_with(headings, label);
  return found.empty() ? nowhere : found.front();
}

// With a balance there may be two of them; the amount's stands behind the amount.
std::size_t currency_column(const std::vector<Heading>& headings, std::size_t amount) {
  auto best = nowhere;
  for (const auto& heading : headings) {
    if (heading.label != BankLabel::currency) continue;
    if (best == nowhere || (amount != nowhere && heading.column == amount + 1)) best = heading.column;
  }
  return best;
}

std::size_t total_length(const Rows& rows, std::size_t column) {
  std::size_t sum = 0;
  for (const auto& text : column_of(rows, column)) sum += text.size();
  return sum;
}

// The kind of booking stands for the purpose where a bank gives none; of several such columns the one that says most.
std::size_t longest_booking_text(const std::vector<Heading>& headings, const Rows& rows) {
  auto best = nowhere;
  std::size_t most = 0;
  for (const auto& heading : headings) {
    if (heading.label != BankLabel::booking_text) continue;
    if (const auto length = total_length(rows, heading.column); length > most) {
      most = length;
      best = heading.column;
    }
  }
  return best;
}

// A column that may be of either side: the same account in every row is the own one.
void place_any_iban(Columns& columns, std::size_t column, const Rows& rows) {
  const auto texts = column_of(rows, column);
  const bool same = texts.size() > 1 && std::all_of(texts.begin(), texts.end(), [&](const std::string& t) { return t == texts[0]; });
  auto& into = same ? columns.own_iban : columns.counterparty_iban;
  if (into == nowhere) into = column;
}

Columns columns_by_headings(const std::vector<Heading>& headings, const Rows& rows) {
  Columns c;
  c.booking_date = first_with(headings, BankLabel::booking_date);
  c.value_date = first_with(headings, BankLabel::value_date);
  if (c.booking_date == nowhere) c.booking_date = first_with(headings, BankLabel::any_date);
  c.amount = first_with(headings, BankLabel::amount);
  c.debit = first_with(headings, BankLabel::debit);
  c.credit = first_with(headings, BankLabel::credit);
  c.sign = first_with(headings, BankLabel::sign);
  c.currency = currency_column(headings, c.amount);
  c.counterparty = columns_with(headings, BankLabel::counterparty);
  c.payer = columns_with(headings, BankLabel::payer);
  c.payee = columns_with(headings, BankLabel::payee);
  c.counterparty_iban = first_with(headings, BankLabel::counterparty_iban);
  c.own_iban = first_with(headings, BankLabel::own_iban);
  c.purpose = columns_with(headings, BankLabel::purpose);
  if (const auto any = first_with(headings, BankLabel::any_iban); any != nowhere) place_any_iban(c, any, rows);
  if (c.purpose.empty()) {
    if (const auto text = longest_booking_text(headings, rows); text != nowhere) c.purpose.push_back(text);
  }
  for (const auto& heading : headings) {
    const bool money = heading.column == c.amount || heading.column == c.debit || heading.column == c.credit;
    if (money && !c.currency_of_headings) c.currency_of_headings = currency_in(heading.written);
  }
  return c;
}

// ---- no headings: every column by what is in it

bool is_money(const std::string& text) {
  const auto sign = text.find_last_of(".,");
  if (sign == std::string::npos) return false;
  std::size_t digits = 0;
  for (auto i = sign + 1; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) ++digits;
  return digits == 2 && written_amount(text, Decimals::unknown).value.has_value();
}

struct Kinds {
  std::vector<std::size_t> dates, money, ibans, currencies, texts;
};

Kinds kinds_of(const Rows& rows, std::size_t width) {
  Kinds kinds;
  for (std::size_t column = 0; column < width; ++column) {
    const auto texts = column_of(rows, column);
    const auto all = [&](const auto& test) { return std::all_of(texts.begin(), texts.end(), test); };
    const bool full = texts.size() == rows.size();
    if (texts.empty()) continue;
    if (all([](const std::string& t) { return written_date(t, DateOrder::day_first).value.has_value(); })) {
      if (full) kinds.dates.push_back(column);
    } else if (all(is_money)) {
      if (full) kinds.money.push_back(column);
    } else if (all([](const std::string& t) { return iban(t).has_value(); })) {
      kinds.ibans.push_back(column);
    } else if (all([](const std::string& t) { return is_currency(t); })) {
      kinds.currencies.push_back(column);
    } else {
      kinds.texts.push_back(column);
    }
  }
  return kinds;
}

std::int64_t cents(const std::string& text) {
  auto digits = written_amount(text, Decimals::unknown).value.value_or("0.00");
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  return base::parse_integer(digits).value_or(0);
}

// Whether one column is the running sum of the other, the newest entry first or last.
bool adds_up(const Rows& rows, std::size_t amount, std::size_t balance) {
  bool down = true;
  bool up = true;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto step = cents(text_at(*rows[i], balance)) - cents(text_at(*rows[i - 1], balance));
    down = down && step == cents(text_at(*rows[i], amount));
    up = up && -step == cents(text_at(*rows[i - 1], amount));
  }
  return down || up;
}

std::size_t amount_column(const Rows& rows, const std::vector<std::size_t>& money) {
  if (money.size() == 1) return money[0];
  if (money.size() != 2) return nowhere;
  const bool first = adds_up(rows, money[0], money[1]);
  const bool second = adds_up(rows, money[1], money[0]);
  if (first == second) return nowhere;
  return first ? money[0] : money[1];
}

// Of two texts the purpose is the much longer one, and the other side the shorter. More cannot be told apart.
void place_texts(Columns& columns, const Rows& rows, const std::vector<std::size_t>& texts) {
  if (texts.size() == 1) columns.purpose = texts;
  if (texts.size() != 2) return;
  const auto first = total_length(rows, texts[0]);
  const auto second = total_length(rows, texts[1]);
  const bool clear = std::max(first, second) * 2 >= std::min(first, second) * 3;
  if (!clear) return;
  columns.purpose = {first > second ? texts[0] : texts[1]};
  columns.counterparty = {first > second ? texts[1] : texts[0]};
}

std::optional<Columns> columns_by_content(const Rows& rows) {
  std::size_t width = 0;
  for (const auto* row : rows) width = std::max(width, row->back().column + 1);
  const auto kinds = kinds_of(rows, width);
  const auto amount = amount_column(rows, kinds.money);
  if (kinds.dates.empty() || kinds.dates.size() > 2 || amount == nowhere || kinds.texts.empty()) return std::nullopt;
  Columns columns;
  columns.booking_date = kinds.dates[0];
  if (kinds.dates.size() == 2) columns.value_date = kinds.dates[1];
  columns.amount = amount;
  if (kinds.currencies.size() == 1) columns.currency = kinds.currencies[0];
  for (const auto column : kinds.ibans) place_any_iban(columns, column, rows);
  place_texts(columns, rows, kinds.texts);
  return columns;
}

// ---- entries

class Entries {
 public:
  Entries(const Columns& columns, const Rows& rows, Document& document) : c_(columns), document_(document) {
    auto money = column_of(rows, c_.amount);
    for (const auto column : {c_.debit, c_.credit}) {
      for (auto& text : column_of(rows, column)) money.push_back(std::move(text));
    }
    decimals_ = decimals_of(money);
    auto dates = column_of(rows, c_.booking_date);
    for (auto& text : column_of(rows, c_.value_date)) dates.push_back(std::move(text));
    order_ = date_order_of(dates);
  }

  // False for what is no entry: a subtotal, a footer, the headings again.
  bool take(const TableRow& row) {
    Row entry;
    bool unclear = false;
    entry.booking_date = date_at(row, c_.booking_date, unclear);
    entry.value_date = date_at(row, c_.value_date, unclear);
    if (!entry.booking_date && !unclear && (!entry.value_date || !text_at(row, c_.booking_date).empty())) return false;
    take_money(row, entry);
    entry.currency = currency_at(row);
    entry.counterparty = joined(row, c_.counterparty);
    if (!entry.counterparty) entry.counterparty = other_side(row, entry);
    entry.counterparty_iban = iban_at(row, c_.counterparty_iban);
    entry.purpose = joined(row, c_.purpose);
    document_.rows.push_back(std::move(entry));
    return true;
  }

 private:
  std::optional<std::string> date_at(const TableRow& row, std::size_t column, bool& unclear) {
    const auto reading = written_date(text_at(row, column), order_);
    if (reading.unclear) raise(document_, flag::date_unclear);
    unclear = unclear || reading.unclear;
    return reading.value;
  }

  std::optional<std::string> amount_at(const TableRow& row, std::size_t column) {
    const auto* cell = column == nowhere ? nullptr : cell_at(row, column);
    if (cell == nullptr) return std::nullopt;
    const auto reading = cell->kind == Cell::Kind::number ? Reading{decimal(cell->text)} : written_amount(cell->text, decimals_);
    if (!reading.value) raise(document_, flag::amount_unclear);
    return reading.value;
  }

  static std::string magnitude(std::string_view amount) { return std::string(amount.starts_with('-') ? amount.substr(1) : amount); }
  static std::string negated(std::string_view amount) {
    const auto positive = magnitude(amount);
    return positive.find_first_not_of("0.") == std::string::npos ? positive : "-" + positive;
  }

  void take_money(const TableRow& row, Row& entry) {
    const auto out = amount_at(row, c_.debit);
    const auto in = amount_at(row, c_.credit);
    const auto zero = [](const std::optional<std::string>& a) { return !a || a->find_first_not_of("-0.") == std::string::npos; };
    if (!zero(out) && !zero(in)) {  // an entry goes one way
      raise(document_, flag::amount_unclear);
    } else if (out && !zero(out)) {
      entry.amount = negated(*out);
    } else if (in && !zero(in)) {
      entry.amount = magnitude(*in);
    } else {
      entry.amount = amount_at(row, c_.amount);
      if (entry.amount && is_debit(text_at(row, c_.sign))) entry.amount = negated(*entry.amount);
    }
  }

  static bool is_debit(std::string_view sign) {
    constexpr auto words = std::to_array<std::string_view>({"s", "soll", "d", "debit", "dr", "dbit", "belastung"});
    const auto word = folded(sign);
    return sign == "-" || std::find(words.begin(), words.end(), word) != words.end();
  }

  std::optional<std::string> currency_at(const TableRow& row) {
    auto text = base::upper(text_at(row, c_.currency));
    if (text == "€") text = "EUR";
    if (is_currency(text)) return text;
    for (const auto column : {c_.amount, c_.debit, c_.credit}) {
      const auto* cell = column == nowhere ? nullptr : cell_at(row, column);
      if (cell == nullptr) continue;
      if (!cell->format_currency.empty()) return cell->format_currency;
      if (auto currency = currency_in(cell->text)) return currency;
    }
    return c_.currency_of_headings;
  }

  static std::optional<std::string> joined(const TableRow& row, const std::vector<std::size_t>& columns) {
    std::string out;
    for (const auto column : columns) {
      const auto text = text_at(row, column);
      if (!out.empty() && !text.empty()) out += ' ';
      out += text;
    }
    return out.empty() ? std::nullopt : std::optional<std::string>(std::move(out));
  }

  // Where both sides are named, the other one is who pays what comes in, and who gets what goes out.
  std::optional<std::string> other_side(const TableRow& row, const Row& entry) const {
    if (c_.payer.empty()) return joined(row, c_.payee);
    if (c_.payee.empty()) return joined(row, c_.payer);
    if (!entry.amount) return std::nullopt;
    return joined(row, entry.amount->starts_with('-') ? c_.payee : c_.payer);
  }

  std::optional<std::string> iban_at(const TableRow& row, std::size_t column) {
    auto value = iban(text_at(row, column));
    if (value && !iban_checks(*value)) raise(document_, flag::iban_checksum);
    return value;
  }

  const Columns& c_;
  Document& document_;
  Decimals decimals_ = Decimals::unknown;
  DateOrder order_ = DateOrder::unknown;
};

// The own account stands in every row, or above them.
void take_own_iban(Document& document, const Columns& columns, const Rows& rows, const Rows& preamble) {
  std::vector<std::string> found;
  for (const auto& text : column_of(rows, columns.own_iban)) {
    if (auto value = iban(text)) found.push_back(std::move(*value));
  }
  if (found.empty()) {
    for (const auto* row : preamble) {
      for (const auto& cell : *row) {
        // "IBAN: DE02 1203 …" in one cell.
        auto value = iban(cell.text.substr(cell.text.find(':') + 1));
        if (value && iban_checks(*value)) found.push_back(std::move(*value));
      }
    }
  }
  if (!found.empty() && std::all_of(found.begin(), found.end(), [&](const std::string& one) { return one == found[0]; })) take_iban(document, found[0]);
}

void take_common_currency(Document& document) {
  const auto& rows = document.rows;
  if (rows.empty() || !rows[0].currency) return;
  if (std::all_of(rows.begin(), rows.end(), [&](const Row& row) { return row.currency == rows[0].currency; })) document.currency = rows[0].currency;
}

std::optional<Document> statement(const Columns& columns, const Rows& rows, const Rows& preamble) {
  Document document;
  document.doc_type = "bank_statement";
  Entries entries(columns, rows, document);
  std::size_t none = 0;
  for (const auto* row : rows) none += entries.take(*row) ? 0U : 1U;
  // Mostly something else: the headings misled.
  if (none > document.rows.size() + 3) return std::nullopt;
  take_own_iban(document, columns, rows, preamble);
  take_common_currency(document);
  return document;
}

}  // namespace

std::optional<Document> read_bank_statement(const Table& table, const Limits& /*limits*/) {
  Rows all;
  for (const auto& row : table.rows) {
    if (!row.empty()) all.push_back(&row);
  }
  for (std::size_t at = 0; at < std::min(all.size(), preamble_rows); ++at) {
    const auto headings = headings_of(*all[at]);
    if (!are_headings(*all[at], headings)) continue;
    const Rows rows(all.begin() + static_cast<std::ptrdiff_t>(at) + 1, all.end());
    return statement(columns_by_headings(headings, rows), rows, Rows(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at)));
  }
  if (all.size() < 2) return std::nullopt;
  const auto columns = columns_by_content(all);
  return columns ? statement(*columns, all, {}) : std::nullopt;
}

}  // namespace extract
