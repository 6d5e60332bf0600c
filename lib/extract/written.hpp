// Amounts and dates as people and banks write them in tables, where 1.234 and 03/04/2025 can be read in two ways.
// How a whole column is written decides what one of its values means; a value that stays unclear is no value.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace extract {

enum class Decimals { unknown, comma, dot, mixed };
enum class DateOrder { unknown, day_first, month_first, mixed };

struct Reading {
  std::optional<std::string> value;
  bool unclear = false;  // it is one, but which? False without a value: it is none
};

// The decimal sign that the values of a column agree on.
Decimals decimals_of(std::span<const std::string> texts);
DateOrder date_order_of(std::span<const std::string> texts);

// "1.234,56", "-1,234.56 EUR", "1'234.50", "12,00-", "(12.00)", "12,00 S": with sign, normalised as decimal() does.
Reading written_amount(std::string_view text, Decimals decimals);
// "1.3.2025", "01.03.25", "2025-03-01", "20250301", "03/04/2025"; a time behind it is ignored.
Reading written_date(std::string_view text, DateOrder order);

// The currency that a text names by sign or code: "12,00 €", "Betrag (EUR)", "Umsatz in EUR". Nothing when there is none, or several.
std::optional<std::string> currency_in(std::string_view text);

}  // namespace extract
