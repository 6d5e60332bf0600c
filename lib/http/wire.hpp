// The bytes of a connection that libcurl made: resolved, checked, verified where it is TLS, and non-blocking.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "http/api.hpp"

namespace http {

// How many bytes came or went; 0: not now; nullopt: the connection is gone.
using Moved = std::optional<std::size_t>;

class Wire {
 public:
  Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  virtual ~Wire() = default;

  [[nodiscard]] virtual int fd() const = 0;
  virtual Moved receive(std::span<char> into) = 0;
  // Whether bytes have come that poll() does not tell of any more.
  [[nodiscard]] virtual bool pending() const = 0;
  // After 0 the same bytes must be given again, at the same place: TLS may have begun with them.
  virtual Moved send(std::string_view bytes) = 0;
};

class CurlWire final : public Wire {
 public:
  // Takes both over: `easy` has connected in `multi` with CURLOPT_CONNECT_ONLY, and stays in it until the wire goes.
  CurlWire(CURLM* multi, CURL* easy);
  CurlWire(const CurlWire&) = delete;
  CurlWire& operator=(const CurlWire&) = delete;
  ~CurlWire() override;

  [[nodiscard]] int fd() const override { return fd_; }
  Moved receive(std::span<char> into) override;
  [[nodiscard]] bool pending() const override;
  Moved send(std::string_view bytes) override;
  // The protocol that both sides agreed on (RFC 7301); empty when there is none. Known once receive() was called.
  [[nodiscard]] std::string_view protocol() const;

 private:
  CURLM* multi_;
  CURL* easy_;
  int fd_;
  std::optional<void*> tls_;  // OpenSSL's SSL; none over plain HTTP
};

}  // namespace http
