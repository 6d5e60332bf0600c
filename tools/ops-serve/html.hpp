#pragma once

#include <string>
#include <string_view>

// Text for HTML, in an element or in a quoted attribute. What is no UTF-8, and control characters, become U+FFFD.
std::string escape(std::string_view text);
