// Who sends the invoice, and to whom.
#pragma once

#include <optional>
#include <string>

#include "extract/page_reading.hpp"

namespace extract {

enum class Party { unknown, seller, buyer, other };

// Whose block of the page a segment stands in: by the heading above ("Käufer:") in its column.
Party party_of(const PageReading& reading, std::size_t segment);

struct Names {
  std::optional<std::string> seller, buyer;
};

// Three places, in this order: under a heading; the sender line over the address window, and the address; a letterhead with a legal form.
Names names_of(const PageReading& reading);

}  // namespace extract
