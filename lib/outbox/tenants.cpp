#include "outbox/tenants.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/file.hpp"
#include "base/text.hpp"

namespace outbox {
namespace {

constexpr std::size_t file_limit = 16'777'216;

}  // namespace

void Tenants::bind(config::Settings& settings) {
  settings.bind("TENANT_ALLOWLIST", config::csv_uuids(listed_)).bind("TENANT_ALLOWLIST_PATH", path_).check([this]() -> std::vector<config::Problem> {
    if (!path_.empty() && !listed_.empty()) return {{"TENANT_ALLOWLIST_PATH", "is set together with TENANT_ALLOWLIST", "set one of the two"}};
    allowed_.insert(listed_.begin(), listed_.end());
    if (!path_.empty() && !read())
      return {{"TENANT_ALLOWLIST_PATH", "names a file that cannot be read, or has a line that is no UUID", "name a readable file with one UUID a line"}};
    return {};
  });
}

bool Tenants::read() {
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) return false;
  std::set<std::string, std::less<>> fresh;
  try {
    const auto content = base::read_file(path_, file_limit);
    for (const auto raw : base::split(content, '\n')) {
      const auto line = base::trim(raw);
      if (line.empty() || line.starts_with('#')) continue;
      if (!base::is_uuid(line)) return false;
      fresh.insert(base::lower(line));
    }
  } catch (const std::system_error&) {
    return false;
  }
  allowed_ = std::move(fresh);
  changed_ = status.st_mtim;
  inode_ = status.st_ino;
  return true;
}

bool Tenants::refresh() {
  if (path_.empty()) return true;
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) return false;
  if (status.st_ino == inode_ && status.st_mtim.tv_sec == changed_.tv_sec && status.st_mtim.tv_nsec == changed_.tv_nsec) return true;
  return read();
}

bool Tenants::allowed(std::string_view tenant) const {
  if (listed_.empty() && path_.empty()) return true;
  return allowed_.contains(base::lower(tenant));
}

}  // namespace outbox
