#include "extract/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.hpp"

namespace extract {
namespace {

constexpr std::size_t max_integer_digits = 15;
constexpr std::size_t max_fraction_digits = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// Bytes of the white space at the start of `text`: ASCII, U+00A0, U+2000 to U+200B, U+202F, U+3000 or U+FEFF.
std::size_t space_length(std::string_view text) {
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r') || text[0] == '\0') return 1;
  if (base::is_ascii(text[0])) return 0;
  if (text.starts_with("\xC2\xA0")) return 2;
  if (text.starts_with("\xE3\x80\x80") || text.starts_with("\xEF\xBB\xBF") || text.starts_with("\xE2\x80\xAF")) return 3;
  if (text.size() >= 3 && text.starts_with("\xE2\x80") && static_cast<unsigned char>(text[2]) <= 0x8B) return 3;
  return 0;
}

// In capitals and without blanks.
std::string compact(std::string_view text) {
  auto out = base::upper(clean(text));
  out.erase(std::remove(out.begin(), out.end(), ' '), out.end());
  return out;
}

}  // namespace

std::string clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  while (!text.empty()) {
    if (const auto length = space_length(text); length > 0) {
      gap = true;
      text.remove_prefix(length);
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += text[0];
    text.remove_prefix(1);
  }
  return out;
}

std::optional<std::string> decimal(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto dot = text.find('.');
  auto whole = text.substr(0, dot);
  auto fraction = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if ((!whole.empty() && !all_digits(whole)) || (!fraction.empty() && !all_digits(fraction))) return std::nullopt;
  while (whole.size() > 1 && whole[0] == '0') whole.remove_prefix(1);
  while (fraction.size() > 2 && fraction.back() == '0') fraction.remove_suffix(1);
  if (whole.size() > max_integer_digits || fraction.size() > max_fraction_digits) return std::nullopt;
  std::string out = fmt::format("{}.{}", whole.empty() ? "0" : whole, fraction);
  for (auto digits = fraction.size(); digits < 2; ++digits) out += '0';
  if (negative && out.find_first_not_of("0.") != std::string::npos) out.insert(0, 1, '-');
  return out;
}

std::optional<std::string> date(int year, int month, int day) {
  const std::chrono::year_month_day value{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                          std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1900 || year > 2199 || month < 1 || day < 1 || !value.ok()) return std::nullopt;
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::optional<std::string> iso_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!all_digits(text.substr(0, 4)) || !all_digits(text.substr(5, 2)) || !all_digits(text.substr(8, 2))) return std::nullopt;
  // What may follow: a time of day, or a time zone.
  if (const auto rest = text.substr(10); !rest.empty() && std::string_view("TZ+- ").find(rest[0]) == std::string_view::npos) return std::nullopt;
  return date(number(text.substr(0, 4)), number(text.substr(5, 2)), number(text.substr(8, 2)));
}

std::optional<std::string> compact_date(std::string_view text) {
  if (text.size() != 8 || !all_digits(text)) return std::nullopt;
  return date(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6, 2)));
}

std::optional<std::string> iban(std::string_view text) {
  constexpr std::size_t shortest = 15;
  constexpr std::size_t longest = 34;
  auto out = compact(text);
  if (out.size() < shortest || out.size() > longest) return std::nullopt;
  if (!is_upper(out[0]) || !is_upper(out[1]) || !is_digit(out[2]) || !is_digit(out[3])) return std::nullopt;
  if (!std::all_of(out.begin(), out.end(), [](char c) { return is_upper(c) || is_digit(c); })) return std::nullopt;
  return out;
}

bool iban_checks(std::string_view iban) {
  int rest = 0;
  const auto add = [&rest](char c) {
    if (is_digit(c)) {
      rest = (rest * 10 + (c - '0')) % 97;
    } else {
      rest = (rest * 100 + (c - 'A' + 10)) % 97;
    }
  };
  for (const char c : iban.substr(4)) add(c);
  for (const char c : iban.substr(0, 4)) add(c);
  return rest == 1;
}

bool is_currency(std::string_view text) { return text.size() == 3 && std::all_of(text.begin(), text.end(), is_upper); }

void raise(Document& document, std::string_view flag) {
  const auto at = std::lower_bound(document.flags.begin(), document.flags.end(), flag);
  if (at == document.flags.end() || *at != flag) document.flags.emplace(at, flag);
}

bool append_line(Document& document, std::string_view line, const Limits& limits) {
  if (document.text.size() + line.size() >= limits.max_text_bytes) {
    raise(document, flag::cut);
    return false;
  }
  document.text += line;
  document.text += '\n';
  return true;
}

void take_amount(Document& document, std::optional<std::string>& into, std::string_view text) {
  if (text.empty()) return;
  into = decimal(text);
  if (!into) raise(document, flag::amount_unclear);
}

void take_iso_date(Document& document, std::optional<std::string>& into, std::string_view text) {
  if (text.empty()) return;
  into = iso_date(text);
  if (!into) raise(document, flag::date_unclear);
}

void take_text(std::optional<std::string>& into, std::string_view text) {
  if (!text.empty()) into = text;
}

void take_vat(std::optional<std::string>& into, std::string_view text) { take_text(into, compact(text)); }

void take_currency(Document& document, std::string_view text) {
  if (is_currency(text)) document.currency = text;
}

void take_iban(Document& document, std::string_view text) {
  auto value = iban(text);
  if (!value || value == document.iban) return;
  if (document.iban) {
    raise(document, flag::several_ibans);
    return;
  }
  if (!iban_checks(*value)) raise(document, flag::iban_checksum);
  document.iban = std::move(value);
}

std::string_view doc_type_of(std::string_view type_code) {
  constexpr auto credit_notes = std::to_array<std::string_view>({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"});
  constexpr auto orders = std::to_array<std::string_view>({"220", "221", "224", "226", "227", "230", "231"});
  if (std::find(credit_notes.begin(), credit_notes.end(), type_code) != credit_notes.end()) return "credit_note";
  if (std::find(orders.begin(), orders.end(), type_code) != orders.end()) return "order";
  return "invoice";
}

}  // namespace extract
