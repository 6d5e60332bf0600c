#include "http/wire.hpp"

namespace http {

TlsWire::~TlsWire() {
  curl().multi_remove_handle(multi_, easy_);
  curl().easy_cleanup(easy_);
}

int TlsWire::fd() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl().easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket);
  return socket;
}

std::string_view TlsWire::protocol() const {
  curl_tlssessioninfo* tls = nullptr;
  if (curl().easy_getinfo(easy_, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == nullptr) return {};
  if (tls->backend != CURLSSLBACKEND_OPENSSL || tls->internals == nullptr) return {};
  return agreed_protocol(tls->internals);
}

Moved TlsWire::receive(std::span<char> into) {
  std::size_t count = 0;
  const auto code = curl().easy_recv(easy_, into.data(), into.size(), &count);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK || count == 0) return std::nullopt;
  return count;
}

Moved TlsWire::send(std::string_view bytes) {
  std::size_t count = 0;
  const auto code = curl().easy_send(easy_, bytes.data(), bytes.size(), &count);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK) return std::nullopt;
  return count;
}

}  // namespace http
