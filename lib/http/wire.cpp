#include "http/wire.hpp"

namespace http {
namespace {

int socket_of(CURL* easy) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl().easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
  return socket;
}

void* tls_of(CURL* easy) {
  curl_tlssessioninfo* tls = nullptr;
  if (curl().easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || tls == nullptr) return nullptr;
  return tls->backend == CURLSSLBACKEND_OPENSSL ? tls->internals : nullptr;
}

}  // namespace

CurlWire::CurlWire(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy), fd_(socket_of(easy)) {}

CurlWire::~CurlWire() {
  curl().multi_remove_handle(multi_, easy_);
  curl().easy_cleanup(easy_);
}

std::string_view CurlWire::protocol() const { return tls_.value_or(nullptr) == nullptr ? std::string_view() : agreed_protocol(*tls_); }

bool CurlWire::pending() const { return tls_.value_or(nullptr) != nullptr && has_pending(*tls_); }

Moved CurlWire::receive(std::span<char> into) {
  std::size_t count = 0;
  const auto code = curl().easy_recv(easy_, into.data(), into.size(), &count);
  if (!tls_) tls_ = tls_of(easy_);  // libcurl tells of it only now
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK || count == 0) return std::nullopt;
  return count;
}

Moved CurlWire::send(std::string_view bytes) {
  std::size_t count = 0;
  const auto code = curl().easy_send(easy_, bytes.data(), bytes.size(), &count);
  if (code == CURLE_AGAIN) return 0;
  if (code != CURLE_OK) return std::nullopt;
  return count;
}

}  // namespace http
