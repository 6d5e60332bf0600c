#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/fd.hpp"
#include "base/text.hpp"

namespace base {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path) { throw std::system_error(errno, std::generic_category(), path.string()); }

void write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) fail(path);
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_to_end(int fd, const std::filesystem::path& path, std::size_t limit) {
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > limit) {
      errno = EFBIG;
      fail(path);
    }
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) fail(path);
  return read_to_end(fd.get(), path, limit);
}

std::string read_all(int fd, std::size_t limit) { return read_to_end(fd, {}, limit); }

FileContent read_regular_file(const std::filesystem::path& path, std::size_t limit, Links links) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (links == Links::refused ? O_NOFOLLOW : 0)));
  if (!fd) fail(path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) fail(path);
  if (!S_ISREG(status.st_mode)) {
    errno = EINVAL;
    fail(path);
  }
  if (static_cast<std::size_t>(status.st_size) > limit) {  // before a byte of it is read
    errno = EFBIG;
    fail(path);
  }
  const auto modified = std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::nanoseconds(status.st_mtim.tv_nsec);
  return {read_to_end(fd.get(), path, limit), WallTime(std::chrono::floor<Milliseconds>(modified))};
}

void replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode, bool durable) {
  // Of no other process, on no other host that shares the folder, and of none that was killed before.
  const auto temporary = path.string() + "." + random_uuid() + std::string(temporary_suffix);
  try {
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd) fail(temporary);
    if (::fchmod(fd.get(), mode) != 0) fail(temporary);  // whatever the umask
    write_all(fd.get(), content, temporary);
    if (durable && ::fsync(fd.get()) != 0) fail(temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail(path);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (durable) sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

void sync_folder(const std::filesystem::path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) fail(folder);
}

}  // namespace base
