// The words that invoices write before, or above, their values: German, English, some French.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace extract {

enum class Label {
  number,          // of the invoice
  date,            // of the invoice, in so many words
  any_date,        // "Date:", which may be that of the print
  due,             // the day by which to pay
  due_net,         // the same, without discount
  payable,         // what is left to pay
  gross,           // with tax
  any_total,       // "Total", which may be that of anything
  net,             // without tax
  tax,             // amount of the tax
  paid,            // before this invoice
  currency,        //
  vat_id,          //
  iban,            //
  seller,          // heads the seller's name and address
  buyer,           // heads the buyer's
  other_party,     // heads an address that is neither's
  name,            // "Name:" within such a block
  foreign_number,  // of a customer, an order, a tax office: never the invoice's
  foreign_date,    // of a delivery, an order: never the invoice's
};

// A word of a segment. `folded` is what labels are compared by: letters and digits in lower case, without accents, "#" as "nr".
struct Token {
  std::string text;
  std::string folded;
};

// Splits at blanks, and after a colon or "#" that stands between a label and its value.
std::vector<Token> tokens_of(std::string_view text);
std::string fold(std::string_view text);
// The tokens from `begin` to `end`, with blanks between.
std::string join(const std::vector<Token>& tokens, std::size_t begin, std::size_t end);

struct LabelHit {
  Label label;
  std::size_t segment;
  std::size_t begin;  // its first token
  std::size_t end;    // the token after it
};

// All labels of one segment; where two overlap, the longer one. Kerning that tears words does no harm.
std::vector<LabelHit> labels_of(const std::vector<Token>& tokens, std::size_t segment);

}  // namespace extract
