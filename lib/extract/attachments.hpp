// The files inside a PDF, by libqpdf.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "extract/extract.hpp"

namespace extract {

struct Attachment {
  std::string name;  // in lower case and without folders; never to be used as the name of a file
  std::string content;
};

// The attachments that are XML: of the tree of embedded files first, then those that only the associated files of document and pages or
// file annotations name. Refuses a PDF that needs a password, cannot be repaired, has no page or a page tree that runs in circles, is
// nested too deep, or whose object streams unpack to more than is allowed.
std::variant<std::vector<Attachment>, Refusal> xml_attachments(std::string_view pdf, const Limits& limits);

// The same pages, at most limits.max_pages of them, below a new page tree and without anything else: for readers that give up on the old one.
// Nothing when that cannot be made.
std::optional<std::string> rebuilt_pages(std::string_view pdf, const Limits& limits);

}  // namespace extract
