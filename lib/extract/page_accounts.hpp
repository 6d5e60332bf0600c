// The seller's VAT id and the account to pay to.
#pragma once

#include <optional>
#include <string>

#include "extract/page_reading.hpp"

namespace extract {

// The customer's own VAT id is often printed first: the seller's block wins; "your", the buyer's block and a customer number beside it lose.
std::optional<std::string> seller_vat_of(const PageReading& reading);

struct Account {
  std::string iban;
  bool valid;  // its check digits
};
// Not an account that is to be debited. Two valid ones: none. One that fails its check only where it is labelled and nothing else is there.
std::optional<Account> account_of(const PageReading& reading);

}  // namespace extract
