// A connection that exists in memory only: a test, or a stranger, is the other side.
#pragma once

#include <algorithm>
#include <string>

#include "http/wire.hpp"

struct Line {
  std::string to_us;
  std::string from_us;
  std::size_t takes = SIZE_MAX;  // so many bytes at once, 0: none at the moment
  bool closed = false;           // after to_us
};

class FakeWire final : public http::Wire {
 public:
  explicit FakeWire(Line& line) : line_(line) {}

  [[nodiscard]] int fd() const override { return -1; }
  http::Moved receive(std::span<char> into) override {
    if (line_.to_us.empty()) return line_.closed ? std::nullopt : http::Moved(0);
    const auto count = std::min(into.size(), line_.to_us.size());
    std::ranges::copy_n(line_.to_us.begin(), static_cast<std::ptrdiff_t>(count), into.begin());
    line_.to_us.erase(0, count);
    return count;
  }
  [[nodiscard]] bool pending() const override { return !line_.to_us.empty() || line_.closed; }
  http::Moved send(std::string_view bytes) override {
    if (line_.closed) return std::nullopt;
    const auto count = std::min(bytes.size(), line_.takes);
    line_.from_us += bytes.substr(0, count);
    return count;
  }

 private:
  Line& line_;
};
