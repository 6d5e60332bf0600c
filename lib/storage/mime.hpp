// The kinds of document that there are, by short name and MIME type.
#pragma once

#include <array>
#include <string_view>

namespace storage {

struct Kind {
  std::string_view name;
  std::string_view mime;
};

inline constexpr auto kinds = std::to_array<Kind>({
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"jpeg", "image/jpeg"},
    {"csv", "text/csv"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"json", "application/json"},
    {"xml", "application/xml"},
});

// By short name or MIME type in any case, parameters ignored; nullptr when there is none.
const Kind* find_kind(std::string_view name_or_mime);
// By what a document begins with, then by the extension of its file name; nullptr when neither tells.
const Kind* guess_kind(std::string_view begin, std::string_view file_name);

}  // namespace storage
