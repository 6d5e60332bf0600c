// The pages of a PDF: their text, and the fields that can be read from it.
#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "extract/extract.hpp"

namespace extract {

struct Page {
  Document fields;
  bool has_text = false;
  std::size_t pages = 0;
};

// Reads fields from the pages of a PDF that carries no invoice XML (and the same, for comparison with XML). Fills fields.text.
// Looks at no more pages and text than the limits allow, whatever the document claims to have.
std::variant<Page, Refusal> read_pages(std::string_view pdf_bytes, const Limits& limits);

// Loads what reading pages needs from files. Called by read_pages() itself: a process that gives up its files calls it before.
void prepare_pages();

}  // namespace extract
