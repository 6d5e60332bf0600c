// The bytes of a TLS connection that libcurl made: resolved, checked, verified and non-blocking.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "http/api.hpp"

namespace http {

class Wire {
 public:
  // Takes both over: `easy` has connected in `multi` with CURLOPT_CONNECT_ONLY, and stays in it until the wire goes.
  Wire(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {}
  Wire(Wire&& other) noexcept : multi_(other.multi_), easy_(std::exchange(other.easy_, nullptr)) {}
  Wire& operator=(Wire&& other) noexcept {
    std::swap(multi_, other.multi_);
    std::swap(easy_, other.easy_);
    return *this;
  }
  ~Wire();

  [[nodiscard]] int fd() const;
  // The protocol of RFC 7301 that both sides agreed on; empty when there is none. Known once receive() was called.
  [[nodiscard]] std::string_view protocol() const;

  // How many bytes came or went; 0: not now; nullopt: the connection is gone.
  std::optional<std::size_t> receive(std::span<char> into);
  // After 0 the same bytes must be given again, at the same place: TLS may have begun with them.
  std::optional<std::size_t> send(std::string_view bytes);

 private:
  CURLM* multi_;
  CURL* easy_;
};

}  // namespace http
