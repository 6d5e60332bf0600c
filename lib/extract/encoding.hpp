// Text in any of the encodings that documents come in, to UTF-8, by ICU.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace extract {

// UTF-8, UTF-16 and UTF-32 by byte order mark, UTF-8 and UTF-16 without one; a mark is taken off. Nothing when it is neither.
std::optional<std::string> unicode_to_utf8(std::string_view bytes);

// The same, and the eight-bit encodings: Windows-1252 (with it ISO-8859-1) unless ICU is sure of another. Nothing when it is no text.
std::optional<std::string> text_to_utf8(std::string_view bytes);

}  // namespace extract
