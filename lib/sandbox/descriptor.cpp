#include "sandbox/descriptor.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace sandbox {

std::string read_all(int fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0) return {};
  std::string content(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t got = 0;
  while (got < content.size()) {
    const auto n = pread(fd, content.data() + got, content.size() - got, static_cast<off_t>(got));
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  content.resize(got);
  return content;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto n = write(fd, text.data(), text.size());
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace sandbox
