// The objects of inbox-extract. The first two are printed without an envelope: they are described here, and made by lib/extract.
#pragma once

#include <string_view>

#include "emit/event.hpp"

struct Fields {
  static constexpr std::string_view type = "fields";
  static constexpr std::string_view about =
      "A document that was read: one object without an envelope, and without the members for which nothing was surely found.";
  std::string_view none;
  static constexpr auto fields = emit::fields(
      emit::field("doc_type", &Fields::none, "invoice, credit_note, order, bank_statement, receipt, document or image."),
      emit::field("syntax", &Fields::none, "ubl, cii, zugferd1, facturx, pdf, csv, xlsx, json, xml, png or jpeg."),
      emit::field("invoice_no", &Fields::none, "Number of the invoice, credit note or order."),
      emit::field("amount", &Fields::none, "Amount due for payment, as a decimal string."),
      emit::field("gross_total", &Fields::none, "Total with tax, before what has been paid already."), emit::field("currency", &Fields::none, "ISO 4217 code."),
      emit::field("issue_date", &Fields::none, "ISO 8601."), emit::field("due_date", &Fields::none, "ISO 8601."),
      emit::field("seller_name", &Fields::none, "Who sells."), emit::field("seller_vat", &Fields::none, "VAT number of the seller."),
      emit::field("buyer_name", &Fields::none, "Who buys."), emit::field("iban", &Fields::none, "Account to pay to; of a bank statement, its own account."),
      emit::field("flags", &Fields::none, "What is to be known before the fields are used; the list is in NOTES."),
      emit::field("rows", &Fields::none,
                  "Bank statements only: objects with booking_date, value_date, amount (money out is negative), currency, counterparty, "
                  "counterparty_iban and purpose."));
};

struct Refused {
  static constexpr std::string_view type = "refusal";
  static constexpr std::string_view about = "A document that was not read: one object without an envelope.";
  std::string_view none;
  static constexpr auto fields =
      emit::fields(emit::field("reason", &Refused::none,
                               "parse_error, unsupported_mime or validation_error, which the document itself shows, or io_error: the file could not be read."),
                   emit::field("error_class", &Refused::none, "What kind of it, for example encrypted, damaged or entity_declaration."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "Only after an error that ended the whole run, such as a wrong command line.";
  std::string_view state;
  std::string_view outcome;
  int exit = 0;
  static constexpr auto fields =
      emit::fields(emit::field("state", &Summary::state, "unknown."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
                   emit::field("exit", &Summary::exit, "The exit status."));
};
