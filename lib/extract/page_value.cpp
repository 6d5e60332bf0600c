#include "extract/page_value.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "extract/characters.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

int number_of(std::string_view digits) { return static_cast<int>(base::parse_integer(digits).value_or(-1)); }

// What closes a sentence, a bracket or an enumeration belongs to no value.
std::string_view without_closing(std::string_view text) {
  while (!text.empty() && std::string_view(".,;:)]").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

std::string_view without_opening(std::string_view text) {
  while (!text.empty() && (text.front() == '(' || text.front() == '[' || text.front() == ':')) text.remove_prefix(1);
  return text;
}

// Minus signs of all kinds in front; true where there was one.
bool take_minus(std::string_view& text) {
  for (const std::string_view minus : {"-", "−", "–", "‐"}) {
    if (text.starts_with(minus)) {
      text.remove_prefix(minus.size());
      return true;
    }
  }
  return false;
}

// ---- amounts

// Splits "$706,00", "85.00€", "EUR4.50" into currency and number.
struct Parts {
  std::string_view before, number, after;
};

Parts parts_of(std::string_view text) {
  const auto first = std::ranges::find_if(text, is_digit);
  const auto last = std::ranges::find_if(text.rbegin(), text.rend(), is_digit).base();
  if (first == text.end()) return {text, {}, {}};
  const auto begin = static_cast<std::size_t>(first - text.begin());
  const auto end = static_cast<std::size_t>(last - text.begin());
  return {text.substr(0, begin), text.substr(begin, end - begin), text.substr(end)};
}

// Digits in groups of three behind the first, which has one to three; or no groups at all.
bool grouped(std::string_view text, std::string_view separator) {
  const auto first = text.find(separator);
  if (first == std::string_view::npos) return all_digits(text);
  if (first == 0 || first > 3 || !all_digits(text.substr(0, first))) return false;
  for (auto rest = text.substr(first); !rest.empty(); rest = rest.substr(separator.size() + 3)) {
    if (!rest.starts_with(separator) || rest.size() < separator.size() + 3 || !all_digits(rest.substr(separator.size(), 3))) return false;
  }
  return true;
}

std::optional<std::int64_t> hundredths_of(std::string_view whole, std::string_view decimals) {
  std::string digits;
  std::ranges::copy_if(whole, std::back_inserter(digits), is_digit);
  digits += decimals;
  if (digits.size() > 15) return std::nullopt;
  return base::parse_integer(digits);
}

// "1.234,56", "1,234.56", "1'234.56", "1 234,56", "1234.56"; nothing else.
std::optional<std::int64_t> with_decimals(std::string_view number) {
  if (number.size() < 4) return std::nullopt;
  const char mark = number[number.size() - 3];
  const auto decimals = number.substr(number.size() - 2);
  const auto whole = number.substr(0, number.size() - 3);
  if ((mark != ',' && mark != '.') || !all_digits(decimals)) return std::nullopt;
  for (const std::string_view separator : {mark == ',' ? "." : ",", "'", "’", " "}) {
    if (grouped(whole, separator)) return hundredths_of(whole, decimals);
  }
  return std::nullopt;
}

// "500", "5.000", "5,000": only beside a currency.
std::optional<std::int64_t> without_decimals(std::string_view number) {
  for (const std::string_view separator : {".", ",", "'", "’", " "}) {
    if (grouped(number, separator)) return hundredths_of(number, "00");
  }
  return std::nullopt;
}

// "1 234,56" comes as two tokens or more: how many belong to the number.
std::size_t spaced_number_end(const Tokens& tokens, std::size_t begin) {
  const auto first = parts_of(tokens[begin].text);
  if (!all_digits(first.number) || first.number.size() > 3 || !first.after.empty()) return begin + 1;
  for (std::size_t end = begin + 1; end < tokens.size(); ++end) {
    const auto parts = parts_of(tokens[end].text);
    if (!parts.before.empty()) break;
    if (all_digits(parts.number) && parts.number.size() == 3 && parts.after.empty()) continue;
    const bool last = parts.number.size() == 6 && all_digits(parts.number.substr(0, 3)) && with_decimals(parts.number);
    return last ? end + 1 : begin + 1;
  }
  return begin + 1;
}

// ---- dates

constexpr auto month_names = std::to_array<std::pair<std::string_view, unsigned>>({
    {"januar", 1},    {"janner", 1}, {"january", 1},   {"janvier", 1},   {"jan", 1},       {"februar", 2},  {"february", 2}, {"fevrier", 2}, {"feb", 2},
    {"fev", 2},       {"fevr", 2},   {"marz", 3},      {"maerz", 3},     {"march", 3},     {"mars", 3},     {"mar", 3},      {"mrz", 3},     {"april", 4},
    {"avril", 4},     {"apr", 4},    {"avr", 4},       {"mai", 5},       {"may", 5},       {"juni", 6},     {"june", 6},     {"juin", 6},    {"jun", 6},
    {"juli", 7},      {"july", 7},   {"juillet", 7},   {"juil", 7},      {"jul", 7},       {"august", 8},   {"aout", 8},     {"aug", 8},     {"september", 9},
    {"septembre", 9}, {"sept", 9},   {"sep", 9},       {"oktober", 10},  {"october", 10},  {"octobre", 10}, {"okt", 10},     {"oct", 10},    {"november", 11},
    {"novembre", 11}, {"nov", 11},   {"dezember", 12}, {"december", 12}, {"decembre", 12}, {"dez", 12},     {"dec", 12},
});

std::optional<unsigned> month_of(std::string_view text) {
  const auto folded = fold(text);
  for (const auto& [name, month] : month_names) {
    if (folded == name) return month;
  }
  return std::nullopt;
}

// No invoice is older than its computer; 26 is 2026.
std::optional<std::string> date_of(int year, int month, int day) {
  constexpr int oldest = 1980;
  if (year >= 0 && year < 100) year += 2000;
  return year < oldest ? std::nullopt : date(year, month, day);
}

struct ThreeNumbers {
  std::array<int, 3> values;
  bool year_first;
};

std::optional<ThreeNumbers> three_numbers(std::string_view text, char separator) {
  const auto parts = base::split(text, separator);
  if (parts.size() != 3 || !std::ranges::all_of(parts, all_digits)) return std::nullopt;
  const bool year_first = parts[0].size() == 4;
  const auto year = year_first ? parts[0] : parts[2];
  if ((year.size() != 4 && year.size() != 2) || parts[1].size() > 2 || (year_first ? parts[2] : parts[0]).size() > 2) return std::nullopt;
  return ThreeNumbers{{number_of(parts[0]), number_of(parts[1]), number_of(parts[2])}, year_first};
}

std::optional<std::string> slash_date(const std::array<int, 3>& values, SlashOrder order) {
  const auto [first, second, year] = values;
  if (first > 12 || first == second) return date_of(year, second, first);
  if (second > 12) return date_of(year, first, second);
  switch (order) {
    case SlashOrder::day_first:
      return date_of(year, second, first);
    case SlashOrder::month_first:
      return date_of(year, first, second);
    case SlashOrder::unknown:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> numeric_date(std::string_view text, SlashOrder order) {
  for (const char separator : {'.', '-', '/'}) {
    const auto numbers = three_numbers(text, separator);
    if (!numbers) continue;
    const auto& values = numbers->values;
    if (numbers->year_first) return date_of(values[0], values[1], values[2]);
    return separator == '/' ? slash_date(values, order) : date_of(values[2], values[1], values[0]);
  }
  return std::nullopt;
}

// 3, 3., 3rd, 1er
std::optional<int> day_of(std::string_view text) {
  text = without_closing(text);
  for (const std::string_view ending : {"st", "nd", "rd", "th", "er"}) {
    if (text.ends_with(ending)) text.remove_suffix(ending.size());
  }
  if (!all_digits(text) || text.size() > 2) return std::nullopt;
  return number_of(text);
}

std::optional<std::string> named_date(std::string_view day, std::string_view month, std::string_view year) {
  const auto day_number = day_of(day);
  const auto month_number = month_of(month);
  year = without_closing(year);
  if (!day_number || !month_number || year.size() != 4 || !all_digits(year)) return std::nullopt;
  return date_of(number_of(year), static_cast<int>(*month_number), *day_number);
}

// ---- IBAN and VAT id

const std::unordered_map<std::string_view, std::size_t>& iban_lengths() {
  static const std::unordered_map<std::string_view, std::size_t> lengths{
      {"AD", 24}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"EE", 20},
      {"ES", 24}, {"FI", 18}, {"FR", 27}, {"GB", 22}, {"GI", 23}, {"GR", 27}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IS", 26},
      {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"MC", 27}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28},
      {"PT", 25}, {"RO", 24}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"TR", 26}, {"UA", 29}};
  return lengths;
}

bool is_group(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_digit(c) || is_upper(c); }) && std::ranges::any_of(text, is_digit);
}

// A form of a VAT id behind the country: '9' a digit, 'A' a letter, '*' either.
constexpr auto vat_forms = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"AT", "A99999999"},    {"BE", "9999999999"}, {"BG", "999999999"},    {"BG", "9999999999"},  {"CHE", "999999999"},   {"CY", "99999999A"},
    {"CZ", "99999999"},     {"CZ", "999999999"},  {"CZ", "9999999999"},   {"DE", "999999999"},   {"DK", "99999999"},     {"EE", "999999999"},
    {"EL", "999999999"},    {"ES", "*9999999*"},  {"FI", "99999999"},     {"FR", "**999999999"}, {"GB", "999999999"},    {"GB", "999999999999"},
    {"HR", "99999999999"},  {"HU", "99999999"},   {"IE", "9*99999A"},     {"IE", "9999999AA"},   {"IT", "99999999999"},  {"LT", "999999999"},
    {"LT", "999999999999"}, {"LU", "99999999"},   {"LV", "99999999999"},  {"MT", "99999999"},    {"NL", "999999999A99"}, {"PL", "9999999999"},
    {"PT", "999999999"},    {"RO", "99999999"},   {"SE", "999999999999"}, {"SI", "99999999"},    {"SK", "9999999999"},
});

bool has_form(std::string_view text, std::string_view form) {
  return std::ranges::equal(text, form, [](char c, char wanted) {
    return wanted == '9' ? is_digit(c) : wanted == 'A' ? is_upper(c) : is_digit(c) || is_upper(c);
  });
}

bool is_vat(std::string_view text) {
  return std::ranges::any_of(vat_forms,
                             [&](const auto& entry) { return text.starts_with(entry.first) && has_form(text.substr(entry.first.size()), entry.second); });
}

std::string alphanumerics(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return is_digit(c) || is_letter(c); });
  return out;
}

// ---- numbers of invoices

bool is_number_character(char c) { return is_digit(c) || is_letter(c) || std::string_view("-/._").find(c) != std::string_view::npos; }

bool is_invoice_number(std::string_view text) {
  constexpr std::size_t longest = 30;
  if (text.empty() || text.size() > longest || !std::ranges::all_of(text, is_number_character) || std::ranges::none_of(text, is_digit)) return false;
  if (!is_digit(text.front()) && !is_letter(text.front())) return false;
  // Two decimals and nothing else but digits: an amount.
  if (text.size() > 3 && text[text.size() - 3] == '.' && with_decimals(text)) return false;
  return !is_vat(text) && !numeric_date(text, SlashOrder::day_first) && !numeric_date(text, SlashOrder::month_first);
}

}  // namespace

std::optional<std::string> currency_of(std::string_view text) {
  static const std::unordered_map<std::string_view, std::string_view> names{
      {"€", "EUR"},   {"EUR", "EUR"}, {"Euro", "EUR"}, {"EURO", "EUR"}, {"euro", "EUR"}, {"Euros", "EUR"}, {"$", "USD"},   {"US$", "USD"},
      {"USD", "USD"}, {"£", "GBP"},   {"GBP", "GBP"},  {"CHF", "CHF"},  {"SFr", "CHF"},  {"DKK", "DKK"},   {"SEK", "SEK"}, {"NOK", "NOK"},
      {"PLN", "PLN"}, {"zł", "PLN"},  {"CZK", "CZK"},  {"Kč", "CZK"},   {"HUF", "HUF"},  {"RON", "RON"},   {"BGN", "BGN"}, {"CAD", "CAD"},
      {"AUD", "AUD"}, {"JPY", "JPY"}, {"CNY", "CNY"},  {"DEM", "DEM"},  {"C$", "CAD"},   {"A$", "AUD"}};
  const auto found = names.find(without_closing(without_opening(text)));
  if (found == names.end()) return std::nullopt;
  return std::string(found->second);
}

std::optional<AmountRead> amount_at(const Tokens& tokens, std::size_t begin) {
  std::size_t at = begin;
  if (at < tokens.size() && (tokens[at].text == ":" || tokens[at].text == "=")) ++at;
  if (at >= tokens.size()) return std::nullopt;
  AmountRead amount{0, currency_of(tokens[at].text), 0};
  if (amount.currency && ++at >= tokens.size()) return std::nullopt;

  const std::size_t end = spaced_number_end(tokens, at);
  std::string joined = join(tokens, at, end);
  auto text = without_opening(joined);
  bool negative = take_minus(text);
  const auto parts = parts_of(text);
  auto before = parts.before;
  negative = take_minus(before) != negative;
  auto after = without_closing(parts.after);
  if (after == "-" || after == "−") {
    negative = true;
    after = {};
  }
  for (const auto sign : {before, after}) {
    if (sign.empty()) continue;
    const auto currency = currency_of(sign);
    if (!currency) return std::nullopt;
    amount.currency = currency;
  }
  amount.end = end;
  if (!amount.currency && after.empty() && end < tokens.size()) {
    amount.currency = currency_of(tokens[end].text);
    if (amount.currency) ++amount.end;
  }
  auto hundredths = with_decimals(parts.number);
  if (!hundredths && amount.currency) hundredths = without_decimals(parts.number);
  if (!hundredths) return std::nullopt;
  amount.hundredths = negative ? -*hundredths : *hundredths;
  return amount;
}

std::string money(std::int64_t hundredths) {
  const auto magnitude = hundredths < 0 ? -hundredths : hundredths;
  auto digits = std::to_string(magnitude);
  if (digits.size() < 3) digits.insert(0, 3 - digits.size(), '0');
  digits.insert(digits.size() - 2, 1, '.');
  return hundredths < 0 ? '-' + digits : digits;
}

std::optional<DateRead> date_at(const Tokens& tokens, std::size_t begin, SlashOrder order) {
  if (begin < tokens.size() && tokens[begin].text == ":") ++begin;
  if (begin >= tokens.size()) return std::nullopt;
  if (begin + 2 < tokens.size()) {
    const auto& a = tokens[begin].text;
    const auto& b = tokens[begin + 1].text;
    const auto& c = tokens[begin + 2].text;
    auto iso = named_date(without_opening(a), b, c);
    if (!iso) iso = named_date(b, without_opening(a), c);
    if (iso) return DateRead{*iso, begin + 3};
  }
  const auto text = without_closing(without_opening(tokens[begin].text));
  if (const auto iso = numeric_date(text, order)) return DateRead{*iso, begin + 1};
  const auto parts = base::split(text, '-');  // 24-Sep-2024
  if (parts.size() == 3) {
    if (const auto iso = named_date(parts[0], parts[1], parts[2])) return DateRead{*iso, begin + 1};
  }
  return std::nullopt;
}

std::optional<SlashOrder> order_shown_by(std::string_view text) {
  const auto numbers = three_numbers(without_closing(without_opening(text)), '/');
  if (!numbers || numbers->year_first) return std::nullopt;
  if (numbers->values[0] > 12 && numbers->values[0] <= 31 && numbers->values[1] <= 12) return SlashOrder::day_first;
  if (numbers->values[1] > 12 && numbers->values[1] <= 31 && numbers->values[0] <= 12) return SlashOrder::month_first;
  return std::nullopt;
}

std::optional<IbanRead> iban_at(const Tokens& tokens, std::size_t begin) {
  constexpr std::size_t shortest = 15;
  constexpr std::size_t longest = 34;
  if (begin < tokens.size() && tokens[begin].text == ":") ++begin;
  std::string joined;
  std::size_t end = begin;
  for (; end < tokens.size(); ++end) {
    const auto group = without_closing(without_opening(tokens[end].text));
    if (!is_group(group) || joined.size() + group.size() > longest) break;
    joined += group;
    if (joined.size() < 4 || !is_upper(joined[0]) || !is_upper(joined[1]) || !is_digit(joined[2]) || !is_digit(joined[3])) return std::nullopt;
    const auto length = iban_lengths().find(std::string_view(joined).substr(0, 2));
    if (length == iban_lengths().end()) return std::nullopt;
    if (joined.size() == length->second && iban_checks(joined)) return IbanRead{joined, true, end + 1};
    if (group.size() < tokens[end].text.size() && end > begin) {  // a comma ends it
      ++end;
      break;
    }
  }
  if (joined.size() < shortest) return std::nullopt;
  return IbanRead{joined, false, end};
}

std::optional<VatRead> vat_at(const Tokens& tokens, std::size_t begin) {
  constexpr std::size_t most_tokens = 6;
  if (begin < tokens.size() && tokens[begin].text == ":") ++begin;
  std::string joined;
  for (std::size_t end = begin; end < tokens.size() && end < begin + most_tokens; ++end) {
    joined += alphanumerics(tokens[end].text);
    if (joined.size() >= 2 && (!is_upper(joined[0]) || !is_upper(joined[1]))) return std::nullopt;
    if (!is_vat(joined)) continue;
    // More digits behind it: it is something else, or not all of it.
    if (end + 1 < tokens.size() && all_digits(tokens[end + 1].text)) return std::nullopt;
    return VatRead{joined, end + 1};
  }
  return std::nullopt;
}

std::optional<NumberRead> number_at(const Tokens& tokens, std::size_t begin) {
  if (begin < tokens.size() && tokens[begin].text == ":") ++begin;
  if (begin >= tokens.size()) return std::nullopt;
  const auto text = without_closing(without_opening(tokens[begin].text));
  if (!is_invoice_number(text)) return std::nullopt;
  if (const auto iban = iban_at(tokens, begin); iban && iban->valid) return std::nullopt;
  if (date_at(tokens, begin, SlashOrder::unknown)) return std::nullopt;
  const auto& own = tokens[begin].text;
  const bool closed = own.size() > text.size() && own.back() != '.';
  if (!closed && begin + 1 < tokens.size()) {
    // "2018 123" or "RE 5 / 2018": nobody knows where it ends.
    const auto& next = tokens[begin + 1].text;
    const bool more = is_digit(next.front()) || next == "/" || next == "-" || next.starts_with('/');
    if (more && !date_at(tokens, begin + 1, SlashOrder::day_first)) return std::nullopt;
  }
  return NumberRead{std::string(text), begin + 1};
}

}  // namespace extract
