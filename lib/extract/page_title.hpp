// What the page says it is: "Rechnung", "Credit note", "Lieferschein".
#pragma once

#include <optional>
#include <string>

#include "extract/page_reading.hpp"

namespace extract {

struct Title {
  std::string doc_type;  // as Document::doc_type; "document" for what is known and no invoice (a reminder, a quotation)
  std::size_t segment = 0;
  std::optional<std::string> number;  // "Rechnung Nr. 4711 vom 01.02.2026"
  std::optional<std::string> date;
};

// The first title of the first page. One with a number wins over one without.
std::optional<Title> title_of(const PageReading& reading);

}  // namespace extract
