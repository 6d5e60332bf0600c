// Lines of a descriptor, one at a time, with a limit on their length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace base {

class Lines {
 public:
  Lines(int fd, std::size_t longest) : fd_(fd), longest_(longest) {}

  enum class Got { line, too_long, nothing_yet, end };

  // The next line, without its line break; too_long skips the rest of it. nothing_yet after `patience`, or when `stop_fd` is readable.
  // Throws base::Error when reading fails.
  Got next(std::string& line, Milliseconds patience, int stop_fd);
  [[nodiscard]] std::int64_t number() const { return number_; }

 private:
  bool take(std::string& line, Got& got);

  int fd_;
  std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::int64_t number_ = 0;
  bool skipping_ = false;
  bool ended_ = false;
};

}  // namespace base
