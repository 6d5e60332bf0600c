// What the bytes of a PDF show before anything parses them.
#pragma once

#include <cstddef>
#include <string_view>

namespace extract {

// The deepest nesting of arrays and dictionaries outside of streams: one pass over the bytes, no recursion.
// Stops counting at `enough`.
std::size_t nesting_of_pdf(std::string_view bytes, std::size_t enough);

}  // namespace extract
