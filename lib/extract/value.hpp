// Values as documents write them, to values as we give them. What is not surely one is no value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "extract/extract.hpp"

namespace extract {

// One line: white space of any kind (no-break spaces too) at the ends is gone, and every run within is one blank.
std::string clean(std::string_view text);

// xsd:decimal, as UBL and CII write amounts, with at least two digits after the dot ("119" is "119.00").
// At most 15 digits before the dot: more is no sum of money.
std::optional<std::string> decimal(std::string_view text);

// A date that exists, as "2026-11-24".
std::optional<std::string> date(int year, int month, int day);
// xsd:date: "2026-11-24", with or without a time zone, which is ignored as EN 16931 does.
std::optional<std::string> iso_date(std::string_view text);
// "20261124", UNTDID 2379 format 102.
std::optional<std::string> compact_date(std::string_view text);

// An IBAN by its shape (ISO 13616), without blanks and in capitals; its check digits may be wrong.
std::optional<std::string> iban(std::string_view text);
// ISO 7064 mod 97-10.
bool iban_checks(std::string_view iban);

// Three capital letters.
bool is_currency(std::string_view text);

// Adds a flag where it belongs; once.
void raise(Document& document, std::string_view flag);

// Adds a line to the text of the document. False, and the flag cut, when it would grow beyond the limit.
bool append_line(Document& document, std::string_view line, const Limits& limits);

// Each stores `text` if it is a value, raises the flag if it is something else, and does nothing where it is blank.
void take_amount(Document& document, std::optional<std::string>& into, std::string_view text);
void take_iso_date(Document& document, std::optional<std::string>& into, std::string_view text);
void take_text(std::optional<std::string>& into, std::string_view text);
// A VAT number without blanks and in capitals. Not checked further: what the seller states is what a tax office will ask about.
void take_vat(std::optional<std::string>& into, std::string_view text);
void take_currency(Document& document, std::string_view text);
// The account to pay to: the first is given, another one is flagged.
void take_iban(Document& document, std::string_view text);

// "invoice", "credit_note" or "order", by UNTDID 1001.
std::string_view doc_type_of(std::string_view type_code);

}  // namespace extract
