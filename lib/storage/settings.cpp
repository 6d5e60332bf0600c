#include "storage/settings.hpp"

#include "base/text.hpp"
#include "storage/mime.hpp"
#include "storage/storage.hpp"

namespace storage {

void bind_kinds(config::Settings& settings, std::vector<std::string>& names) {
  settings.bind("MIME_ALLOWLIST", [&names](std::string_view value) -> std::optional<std::string> {
    names.clear();
    for (const auto part : base::split(value, ',')) {
      const auto* kind = find_kind(part);
      if (kind == nullptr) return "item " + std::to_string(names.size() + 1) + " is none of the types that can be read";
      names.emplace_back(kind->name);
    }
    return std::nullopt;
  });
}

void bind_base(config::Settings& settings, std::string& uri) {
  settings.bind("STORAGE_BASE_URI", [&uri](std::string_view value) -> std::optional<std::string> {
    uri = value;
    return Storage::check(value);
  });
}

}  // namespace storage
