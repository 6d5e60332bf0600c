// Values as they stand on pages: each reader takes the tokens from `begin` on and says how many belong to the value.
// Strict: what could be read in two ways is not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extract/page_label.hpp"

namespace extract {

using Tokens = std::vector<Token>;

// An amount of money in hundredths; it is written with two decimals, or without any beside a currency.
struct AmountRead {
  std::int64_t hundredths;
  std::optional<std::string> currency;  // ISO 4217, where one stands beside the number
  std::size_t end;
};
std::optional<AmountRead> amount_at(const Tokens& tokens, std::size_t begin);
std::string money(std::int64_t hundredths);

// ISO 4217 for a code, a sign or a name; a bare "$" is taken as USD.
std::optional<std::string> currency_of(std::string_view text);

// How "03/04/2024" is meant; unknown: such a date is not read.
enum class SlashOrder { unknown, day_first, month_first };

struct DateRead {
  std::string iso;
  std::size_t end;
};
std::optional<DateRead> date_at(const Tokens& tokens, std::size_t begin, SlashOrder order);
// What a slash date with a part above 12 shows about all others; nullopt for anything else.
std::optional<SlashOrder> order_shown_by(std::string_view text);

struct IbanRead {
  std::string iban;  // without blanks
  bool valid;        // length of its country and mod 97
  std::size_t end;
};
std::optional<IbanRead> iban_at(const Tokens& tokens, std::size_t begin);

// A VAT identification number in the form of its country, without blanks.
struct VatRead {
  std::string id;
  std::size_t end;
};
std::optional<VatRead> vat_at(const Tokens& tokens, std::size_t begin);

// The number of an invoice: one token with a digit that is no date, amount, VAT id or IBAN.
struct NumberRead {
  std::string number;
  std::size_t end;
};
std::optional<NumberRead> number_at(const Tokens& tokens, std::size_t begin);

}  // namespace extract
