// The sums of an invoice, and its currency.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "extract/page_reading.hpp"

namespace extract {

struct Totals {
  std::optional<std::int64_t> gross;    // hundredths
  std::optional<std::int64_t> payable;  // absent where something was paid before and nothing says what is left
  std::optional<std::string> currency;
};

// Where several sums claim to be the total, net + tax = gross decides; where that does not, none is given.
Totals totals_of(const PageReading& reading);

}  // namespace extract
