#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "extract/extract.hpp"

// What inbox-work is told about a document; its text only when that is longer than `text_over` bytes.
std::string answer_of(std::string_view document, const extract::Result& result, std::size_t text_over);
