// Which tenants are served.
#pragma once

#include <sys/stat.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace outbox {

// TENANT_ALLOWLIST, or the file of TENANT_ALLOWLIST_PATH, which is read again when it has changed.
class Tenants {
 public:
  void bind(config::Settings& settings);

  // True for every valid UUID when neither is set.
  [[nodiscard]] bool allowed(std::string_view tenant) const;
  // Reads the file again if it changed. False when that failed: the list before it stays in force.
  bool refresh();

 private:
  bool read();

  std::vector<std::string> listed_;
  std::string path_;
  std::set<std::string, std::less<>> allowed_;
  struct timespec changed_ {};
  ino_t inode_ = 0;
};

}  // namespace outbox
