// The fields of an invoice, from the words on its pages.
#pragma once

#include "extract/extract.hpp"
#include "extract/page_layout.hpp"

namespace extract {

// A field is filled only where a label and a plausible value belong together. Pages that are no invoice give doc_type and flags only.
// `text` stays empty.
Document fields_of(Layout layout);

}  // namespace extract
