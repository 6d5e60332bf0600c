// Whole files, read with a limit and replaced atomically.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace base {

// Reads a file of at most `limit` bytes. Throws std::system_error (EFBIG when it is larger).
std::string read_file(const std::filesystem::path& path, std::size_t limit);

// The same from an open descriptor, to its end.
std::string read_all(int fd, std::size_t limit);

enum class Links { followed, refused };

struct FileContent {
  std::string content;
  WallTime modified;
};

// The same of a regular file only, without waiting for a writer of anything else. Throws std::system_error: EINVAL for what is
// no regular file, ELOOP for a symbolic link that is refused, EFBIG when it is larger.
FileContent read_regular_file(const std::filesystem::path& path, std::size_t limit, Links links);

// Replaces `path` by way of a temporary file beside it and rename, so that a reader sees the old
// content or the new, never half. `durable` also flushes file and folder to disk. Throws std::system_error.
// One that is killed in between leaves a file that ends with temporary_suffix.
void replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode, bool durable);
inline constexpr std::string_view temporary_suffix = ".tmp";

// Makes names in a folder durable. Throws std::system_error.
void sync_folder(const std::filesystem::path& folder);

}  // namespace base
