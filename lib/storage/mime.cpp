#include "storage/mime.hpp"

#include "base/text.hpp"

namespace storage {
namespace {

struct Alias {
  std::string_view other;
  std::string_view name;
};

constexpr auto aliases = std::to_array<Alias>({{"text/xml", "xml"}, {"jpg", "jpeg"}, {"image/jpg", "jpeg"}});

// What a document of a binary kind begins with. A workbook is a zip archive; whether it really is one is the extractor's to say.
struct Magic {
  std::string_view begin;
  std::string_view name;
};

constexpr auto magics = std::to_array<Magic>({{"%PDF-", "pdf"}, {"\x89PNG\r\n", "png"}, {"\xff\xd8\xff", "jpeg"}, {"PK\x03\x04", "xlsx"}, {"<?xml", "xml"}});

}  // namespace

const Kind* find_kind(std::string_view name_or_mime) {
  auto wanted = base::lower(base::trim(name_or_mime.substr(0, name_or_mime.find(';'))));
  for (const auto& alias : aliases) {
    if (wanted == alias.other) wanted = alias.name;
  }
  for (const auto& kind : kinds) {
    if (wanted == kind.name || wanted == kind.mime) return &kind;
  }
  return nullptr;
}

const Kind* guess_kind(std::string_view begin, std::string_view file_name) {
  for (const auto& magic : magics) {
    if (begin.starts_with(magic.begin)) return find_kind(magic.name);
  }
  const auto dot = file_name.rfind('.');
  return dot == std::string_view::npos ? nullptr : find_kind(file_name.substr(dot + 1));
}

}  // namespace storage
