// What the bytes of a PDF show before anything parses them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace extract {

// The deepest nesting of arrays and dictionaries outside of streams: one pass over the bytes, no recursion.
// Stops counting at `enough`.
std::size_t nesting_of_pdf(std::string_view bytes, std::size_t enough);

// A copy in which no page tree claims more pages than the file has objects, which poppler takes for none at all.
// nullopt where no claim is that large. Every offset stays what it was.
std::optional<std::string> with_possible_page_counts(std::string_view bytes);

}  // namespace extract
