// What headings and labels mean, in German and English.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace extract {

// Letters and digits only, lower case, umlauts as two letters: "Rechnungs-Nr.:" is "rechnungsnr". What stands in brackets is left out.
std::string folded(std::string_view label);

// "Verwendungszweck 2" and "VWZ3" are what goes on in another column: the folded word without its number.
std::string without_number(std::string folded);

enum class InvoiceLabel { invoice_no, issue_date, due_date, amount_due, amount_total, amount_plain, currency, seller, seller_vat, buyer, iban };
std::optional<InvoiceLabel> invoice_label(std::string_view label);

enum class BankLabel {
  booking_date,
  value_date,
  any_date,  // a date that is the booking date unless there is a better one
  amount,
  debit,   // money out, in a column of its own
  credit,  // money in
  sign,    // Soll or Haben
  currency,
  counterparty,
  payer,
  payee,
  counterparty_iban,
  any_iban,  // of the other side, unless there is a better one
  own_iban,
  purpose,
  booking_text,  // the kind of booking: the purpose where there is none
  balance,
};
std::optional<BankLabel> bank_label(std::string_view label);

}  // namespace extract
