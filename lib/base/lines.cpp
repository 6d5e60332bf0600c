#include "base/lines.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.hpp"

namespace base {

bool Lines::take(std::string& line, Got& got) {
  const auto end = buffer_.find('\n', begin_);
  const bool whole = end != std::string::npos;
  const auto length = (whole ? end : buffer_.size()) - begin_;
  if (!whole && !ended_) {
    if (length > longest_) {
      skipping_ = true;
      buffer_.clear();
      begin_ = 0;
    }
    return false;
  }
  if (!whole && length == 0 && !skipping_) {
    got = Got::end;
    return true;
  }
  ++number_;
  got = skipping_ || length > longest_ ? Got::too_long : Got::line;
  skipping_ = false;
  if (got == Got::line) {
    line.assign(buffer_, begin_, length);
    if (line.ends_with('\r')) line.pop_back();
  }
  begin_ += length + (whole ? 1 : 0);
  return true;
}

Lines::Got Lines::next(std::string& line, Milliseconds patience, int stop_fd) {
  std::array<char, 65536> chunk{};
  while (true) {
    Got got{};
    if (take(line, got)) return got;
    buffer_.erase(0, begin_);
    begin_ = 0;
    std::array<pollfd, 2> ready{pollfd{fd_, POLLIN, 0}, pollfd{stop_fd, POLLIN, 0}};
    const int count = poll(ready.data(), ready.size(), static_cast<int>(patience.count()));
    if (count == 0 || (count < 0 && errno == EINTR) || ready[1].revents != 0) return Got::nothing_yet;
    const auto got_bytes = ::read(fd_, chunk.data(), chunk.size());
    if (got_bytes < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      throw Error(Outcome::runtime_error, "standard input cannot be read", "", "give JSON lines on standard input");
    }
    if (got_bytes == 0) {
      ended_ = true;
    } else {
      buffer_.append(chunk.data(), static_cast<std::size_t>(got_bytes));
    }
  }
}

}  // namespace base
