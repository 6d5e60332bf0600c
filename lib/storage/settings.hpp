// MIME_ALLOWLIST and STORAGE_BASE_URI, as inbox-add and inbox-work bind them.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace storage {

// `names` gets short names.
void bind_kinds(config::Settings& settings, std::vector<std::string>& names);
void bind_base(config::Settings& settings, std::string& uri);

}  // namespace storage
