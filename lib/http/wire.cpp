#include "http/wire.hpp"

namespace http {

Wire::~Wire() {
  if (easy_ == nullptr) return;
  curl().multi_remove_handle(multi_, easy_);
  curl().easy_cleanup(easy_);
}

int Wire::fd() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl().easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket);
  return socket;
}

std::string_view Wire::protocol() const {
  curl_tlssessioninfo* tls = nullptr;
  if (curl().easy_getinfo(easy_, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == nullptr) return {};
  if (tls->backend != CURLSSLBACKEND_OPENSSL || tls->internals == nullptr) return {};
  return agreed_protocol(tls->internals);
}

std::optional<std::size_t> Wire::receive(std::span<char> into) {
  std::size_t count = 0;
  const auto code = curl().easy_recv(easy_, into.data(), into.size(), &count);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK || count == 0) return std::nullopt;
  return count;
}

std::optional<std::size_t> Wire::send(std::string_view bytes) {
  std::size_t count = 0;
  const auto code = curl().easy_send(easy_, bytes.data(), bytes.size(), &count);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK) return std::nullopt;
  return count;
}

}  // namespace http
