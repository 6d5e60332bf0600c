#include "extract/written.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Sign {
  std::string_view written;
  std::string_view code;
};

constexpr auto currency_signs = std::to_array<Sign>({{"€", "EUR"}, {"£", "GBP"}, {"US$", "USD"}, {"zł", "PLN"}, {"Kč", "CZK"}});
// A dollar sign is the sign of many currencies, so it is taken off but says nothing.
constexpr auto known_codes =
    std::to_array<std::string_view>({"EUR", "USD", "GBP", "CHF", "PLN", "CZK", "DKK", "SEK", "NOK", "HUF", "RON", "BGN", "TRY", "JPY", "CNY", "CAD", "AUD"});

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

// An amount without currency, sign and thousands that can be told from decimals.
struct Number {
  bool negative = false;
  std::string digits;  // with '.' and ',' still in it
};

bool take_off_end(std::string& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.erase(text.size() - end.size());
  while (text.ends_with(' ')) text.pop_back();
  return true;
}

bool take_off_start(std::string& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.erase(0, start.size());
  while (text.starts_with(' ')) text.erase(0, 1);
  return true;
}

void take_off_currency(std::string& text) {
  for (const auto& sign : currency_signs) {
    if (take_off_end(text, sign.written) || take_off_start(text, sign.written)) return;
  }
  for (const auto code : known_codes) {
    if (take_off_end(text, code) || take_off_start(text, code)) return;
  }
  if (!take_off_end(text, "$")) take_off_start(text, "$");
}

// Groups of three after the first, which has one to three.
bool are_groups(std::string_view text, char separator) {
  const auto parts = base::split(text, separator);
  if (parts.empty() || parts[0].empty() || parts[0].size() > 3) return false;
  return std::all_of(parts.begin() + 1, parts.end(), [](std::string_view part) { return part.size() == 3; }) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_digit(c) || c == separator; });
}

// Removes thousands that nothing else can be: blanks and apostrophes. False when they stand elsewhere.
bool take_off_groups(std::string& digits) {
  replace_all(digits, "’", "'");
  for (const char separator : {' ', '\''}) {
    if (digits.find(separator) == std::string::npos) continue;
    const auto whole = digits.substr(0, digits.find_first_of(".,"));
    if (!are_groups(whole, separator)) return false;
    digits.erase(std::remove(digits.begin(), digits.end(), separator), digits.end());
  }
  return true;
}

std::optional<Number> number_in(std::string_view written) {
  Number number;
  auto text = clean(written);
  replace_all(text, "−", "-");
  replace_all(text, "–", "-");
  take_off_currency(text);
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    number.negative = true;
    text = text.substr(1, text.size() - 2);
  }
  // Soll and Haben, as German banks put it behind the amount.
  if (take_off_end(text, " S")) {
    number.negative = true;
  } else {
    take_off_end(text, " H");
  }
  if (take_off_start(text, "-") || take_off_end(text, "-")) {
    number.negative = true;
  } else if (!take_off_start(text, "+")) {
    take_off_end(text, "+");
  }
  take_off_currency(text);
  number.digits = std::move(text);
  if (number.digits.empty() || !take_off_groups(number.digits)) return std::nullopt;
  const auto& digits = number.digits;
  if (!is_digit(digits.front()) && !(digits.size() > 1 && is_digit(digits[1]))) return std::nullopt;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return is_digit(c) || c == '.' || c == ','; })) return std::nullopt;
  return number;
}

// What the digits say by themselves; unknown where "1.234" or "1,234" leaves it open, or where there is neither sign.
Decimals own_decimals(std::string_view digits) {
  const auto dot = digits.rfind('.');
  const auto comma = digits.rfind(',');
  if (dot == std::string_view::npos && comma == std::string_view::npos) return Decimals::unknown;
  if (dot != std::string_view::npos && comma != std::string_view::npos) return dot > comma ? Decimals::dot : Decimals::comma;
  const char sign = dot != std::string_view::npos ? '.' : ',';
  const auto own = sign == '.' ? Decimals::dot : Decimals::comma;
  if (!are_groups(digits, sign) || digits.starts_with('0')) return own;
  if (std::count(digits.begin(), digits.end(), sign) > 1) return sign == '.' ? Decimals::comma : Decimals::dot;
  return Decimals::unknown;
}

// The two signs that a date in figures is split at, and its parts.
struct DateParts {
  int first = 0;
  int second = 0;
  int year = 0;
  char separator = 0;
};

int number_of(std::string_view digits) { return static_cast<int>(base::parse_integer(digits).value_or(-1)); }

int four_digit_year(std::string_view digits) {
  constexpr int turn = 70;  // of two digits: from 1970 to 2069
  const int year = number_of(digits);
  return digits.size() == 2 ? year + (year < turn ? 2000 : 1900) : year;
}

// d.m.y, d/m/y or d-m-y with a year of two or four digits.
std::optional<DateParts> date_parts(std::string_view text) {
  const auto at = text.find_first_of("./-");
  if (at == std::string_view::npos) return std::nullopt;
  const auto parts = base::split(text, text[at]);
  if (parts.size() != 3) return std::nullopt;
  for (const auto part : parts) {
    if (part.empty() || part.size() > 4 || !std::all_of(part.begin(), part.end(), is_digit)) return std::nullopt;
  }
  if (parts[0].size() > 2 || parts[1].size() > 2 || (parts[2].size() != 2 && parts[2].size() != 4)) return std::nullopt;
  return DateParts{number_of(parts[0]), number_of(parts[1]), four_digit_year(parts[2]), text[at]};
}

// Without the time of day.
std::string day_of(std::string_view text) {
  auto day = clean(text);
  day = day.substr(0, day.find(' '));
  if (day.size() > 10 && day[10] == 'T') day = day.substr(0, 10);
  if (day.ends_with(',')) day.pop_back();
  return day;
}

}  // namespace

Decimals decimals_of(std::span<const std::string> texts) {
  auto all = Decimals::unknown;
  for (const auto& text : texts) {
    const auto number = number_in(text);
    const auto own = number ? own_decimals(number->digits) : Decimals::unknown;
    if (own == Decimals::unknown || own == all) continue;
    if (all != Decimals::unknown) return Decimals::mixed;
    all = own;
  }
  return all;
}

Reading written_amount(std::string_view text, Decimals decimals) {
  const auto number = number_in(text);
  if (!number) return {};
  auto digits = number->digits;
  auto own = own_decimals(digits);
  const bool open = own == Decimals::unknown && digits.find_first_of(".,") != std::string::npos;
  if (open) own = decimals;
  if (open && (own == Decimals::unknown || own == Decimals::mixed)) return {std::nullopt, true};
  const char sign = own == Decimals::comma ? ',' : '.';
  const char group = sign == ',' ? '.' : ',';
  const auto at = digits.rfind(sign);
  auto whole = digits.substr(0, at);
  const auto fraction = at == std::string::npos ? std::string() : digits.substr(at + 1);
  if (whole.find(group) != std::string::npos && !are_groups(whole, group)) return {};
  whole.erase(std::remove(whole.begin(), whole.end(), group), whole.end());
  auto value = decimal((number->negative ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction));
  return {value, false};
}

DateOrder date_order_of(std::span<const std::string> texts) {
  constexpr int months = 12;
  auto all = DateOrder::unknown;
  for (const auto& text : texts) {
    const auto parts = date_parts(day_of(text));
    if (!parts || parts->separator == '.') continue;
    const auto own = parts->first > months ? DateOrder::day_first : parts->second > months ? DateOrder::month_first : DateOrder::unknown;
    if (own == DateOrder::unknown || own == all) continue;
    if (all != DateOrder::unknown) return DateOrder::mixed;
    all = own;
  }
  return all;
}

Reading written_date(std::string_view text, DateOrder order) {
  const auto day = day_of(text);
  if (auto value = iso_date(day)) return {value, false};
  if (auto value = compact_date(day)) return {value, false};
  const auto parts = date_parts(day);
  if (!parts) return {};
  const auto by_day = date(parts->year, parts->second, parts->first);
  if (parts->separator == '.') return {by_day, !by_day};
  const auto by_month = date(parts->year, parts->first, parts->second);
  if (by_day == by_month || !by_month) return {by_day, !by_day};
  if (!by_day) return {by_month, false};
  if (order == DateOrder::day_first) return {by_day, false};
  if (order == DateOrder::month_first) return {by_month, false};
  return {std::nullopt, true};
}

std::optional<std::string> currency_in(std::string_view text) {
  std::vector<std::string_view> found;
  for (const auto& sign : currency_signs) {
    if (text.find(sign.written) != std::string_view::npos) found.push_back(sign.code);
  }
  std::string word;
  for (const char c : std::string(text) + ' ') {
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) {
      word += c;
      continue;
    }
    if (const auto code = std::find(known_codes.begin(), known_codes.end(), word); code != known_codes.end()) found.push_back(*code);
    word.clear();
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found.size() == 1 ? std::optional<std::string>(found[0]) : std::nullopt;
}

}  // namespace extract
