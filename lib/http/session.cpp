#include "http/session.hpp"

#include <array>

namespace http {
namespace {

using base::Boottime;

constexpr std::size_t record_size = 16384;  // of TLS
constexpr int reads_in_a_row = 64;          // then others have their turn

}  // namespace

pollfd Session::watched() const { return {wire_->fd(), static_cast<short>(sent() ? POLLIN : POLLIN | POLLOUT), 0}; }

Boottime::time_point Session::due() const {
  if (unread_) return {};
  return in_flight() == 0 ? last_used_ + head_.longest_idle : earliest_timeout();
}

void Session::expire() {
  if (in_flight() > 0) return time_out();
  if (Boottime::now() >= last_used_ + head_.longest_idle) leave();
}

void Session::receive() {
  std::array<char, record_size> buffer;
  unread_ = true;
  for (int nth = 0; nth < reads_in_a_row && unread_ && !broken_; ++nth) {
    const auto count = wire_->receive(buffer);
    if (!count) return lose();
    unread_ = *count > 0 && wire_->pending();
    if (*count == 0) break;
    last_received_ = Boottime::now();
    take({buffer.data(), *count});
  }
  flush();
}

void Session::flush() {
  while (!broken_) {
    if (sent()) {
      out_.clear();
      written_ = 0;
      fill();
    }
    if (out_.empty()) return;
    const auto count = wire_->send(std::string_view(out_).substr(written_));
    if (!count) return lose();
    if (*count == 0) return;
    written_ += *count;
  }
}

void Session::lose() {
  broken_ = true;
  drop();
}

void Session::end(std::unique_ptr<Exchange> exchange, End end) {
  last_used_ = Boottime::now();
  if (exchange->headers_complete) {
    end = End::answered;
    answered_ = true;
  } else if (end == End::broken && !answered_) {
    end = End::fresh;
  }
  ended_(std::move(exchange), end);
}

}  // namespace http
