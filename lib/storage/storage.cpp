#include "storage/storage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/file.hpp"
#include "base/text.hpp"

namespace storage {
namespace {

constexpr std::string_view scheme = "file://";
constexpr std::size_t longest_path = 4000;
constexpr auto fresh_for = std::chrono::hours(24);

// Names only, one after the other: whatever a path may be rewritten to on its way cannot then be anything else.
bool plain(std::string_view path) {
  if (path.empty() || path.size() > longest_path || base::has_control(path) || path.find_first_of("%\\?#") != std::string_view::npos) return false;
  const auto names = base::split(path, '/');
  return std::ranges::none_of(names, [](std::string_view name) { return name.empty() || name == "." || name == ".." || name.size() > 255; });
}

Refusal refusal_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Refusal::missing;
    case ELOOP:
    case ENXIO:
      return Refusal::not_file;
    default:
      return Refusal::unreadable;
  }
}

// Name after name, none of which is followed when it is a symbolic link. Not by openat2, which RestrictSUIDSGID= of systemd refuses whole.
base::Fd open_beneath(base::Fd folder, std::string_view path) {
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    base::Fd next(openat(folder.get(), std::string(path.substr(0, slash)).c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat about {};
    if (!next || fstat(next.get(), &about) != 0) return {};
    if (S_ISLNK(about.st_mode)) {
      errno = ELOOP;
      return {};
    }
    folder = std::move(next);
    path.remove_prefix(slash + 1);
  }
  // Without O_NONBLOCK a FIFO would be waited for.
  return base::Fd(openat(folder.get(), std::string(path).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

bool holds(const std::filesystem::path& path, std::string_view content) {
  try {
    return base::read_file(path, content.size()) == content;
  } catch (const std::system_error&) {
    return false;
  }
}

// Of runs that were killed while they wrote.
void sweep(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (!entry.path().filename().string().ends_with(base::temporary_suffix)) continue;
    const auto written = std::filesystem::last_write_time(entry.path(), ignored);
    if (!ignored && std::filesystem::file_time_type::clock::now() - written > fresh_for) std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace

std::optional<std::string> Storage::check(std::string_view base_uri) {
  if (!base_uri.starts_with(scheme)) return "does not begin with file://";
  auto path = base_uri.substr(scheme.size());
  if (!path.starts_with('/')) return "has no absolute path";
  path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (!plain(path)) return "has a path that is not plain: no empty name, no . or .., no %, ?, #, backslash or control character";
  return std::nullopt;
}

Storage::Storage(std::string_view base_uri) : base_(base_uri.substr(scheme.size())) {
  if (!base_.has_filename()) base_ = base_.parent_path();
}

std::variant<Opened, Refusal> Storage::open(std::string_view uri, std::string_view tenant, std::int64_t max_bytes) const {
  const auto base = std::string(scheme) + base_.string() + '/';
  if (!uri.starts_with(base)) return Refusal::uri;
  const auto path = uri.substr(base.size());
  if (!plain(path)) return Refusal::uri;
  const auto first = path.substr(0, path.find('/'));
  if (base::is_uuid(first) && base::lower(first) != base::lower(tenant)) return Refusal::uri;

  base::Fd folder(::open(base_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return refusal_of(errno);
  base::Fd file = open_beneath(std::move(folder), path);
  if (!file) return refusal_of(errno);
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return Refusal::unreadable;
  if (!S_ISREG(about.st_mode)) return Refusal::not_file;
  if (about.st_size > max_bytes) return Refusal::too_large;
  return Opened{std::move(file), about.st_size};
}

// Two levels, so that no folder grows beyond what every file system is quick with.
std::filesystem::path Storage::path_of(std::string_view tenant, std::string_view hash) const { return base_ / base::lower(tenant) / hash.substr(0, 2) / hash; }

std::string Storage::uri_of(std::string_view tenant, std::string_view hash) const { return std::string(scheme) + path_of(tenant, hash).string(); }

void Storage::store(std::string_view tenant, std::string_view hash, std::string_view content) const {
  const auto path = path_of(tenant, hash);
  const auto folder = path.parent_path();
  if (holds(path, content)) return;
  std::filesystem::create_directories(folder);
  sweep(folder);
  base::replace_file(path, content, 0640, true);
  // A folder that was made just now must survive with what is in it.
  for (auto above = folder; above != base_.parent_path(); above = above.parent_path()) base::sync_folder(above);
}

}  // namespace storage
