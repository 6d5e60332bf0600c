#include "http/transfers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "base/error.hpp"

namespace http {
namespace {

// "Expire date:Nov 24 11:00:00 2026 GMT", as OpenSSL prints it.
std::optional<base::WallTime> parse_certificate_end(std::string_view line) {
  constexpr std::string_view label = "Expire date:";
  if (!line.starts_with(label)) return std::nullopt;
  std::tm time{};
  const std::string text(line.substr(label.size()));
  const char* rest = strptime(text.c_str(), "%b %d %H:%M:%S %Y GMT", &time);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  return base::WallTime(std::chrono::seconds(timegm(&time)));
}

// Of the chain that this transfer saw.
std::optional<base::WallTime> certificate_end(CURL* easy) {
  curl_certinfo* chain = nullptr;
  if (curl().easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr) return std::nullopt;
  std::optional<base::WallTime> earliest;
  for (int nth = 0; nth < chain->num_of_certs; ++nth) {
    for (const auto* line = chain->certinfo[nth]; line != nullptr; line = line->next) {
      const auto end = parse_certificate_end(line->data);
      if (end && (!earliest || *end < *earliest)) earliest = end;
    }
  }
  return earliest;
}

std::string tls_reason(CURL* easy) {
  // X509_V_ERR_*: what OpenSSL's verification said, kept by curl for the last handshake.
  long verdict = 0;
  curl().easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
  switch (verdict) {
    case 10:
      return "tls_expired";
    case 0:
    case 1:  // never set: only the name did not match
    case 62:
      return "tls_hostname";
    default:
      return "tls_untrusted";
  }
}

// Each transfer has one of its own, and an answer has a few bytes.
constexpr long receive_buffer = 4096;

}  // namespace

struct Transfers::Transfer {
  std::unique_ptr<Exchange> exchange;  // none for a connection alone
  const Options* options = nullptr;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  bool blocked = false;  // an address was refused
  bool opened = false;   // another was not

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() { curl().slist_free_all(headers); }

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    auto& exchange = *self.exchange;
    exchange.received += size * count;
    if (exchange.received > self.options->body_limit) return 0;  // less than given ends the transfer
    if (self.options->method == Method::get) exchange.body.append(data, size * count);
    return size * count;
  }

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    auto& exchange = *self.exchange;
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) {
      exchange.headers_complete = false;
      exchange.retry_after = base::Milliseconds(0);
    } else if (base::trim(line).empty()) {
      long status = 0;
      curl().easy_getinfo(self.easy, CURLINFO_RESPONSE_CODE, &status);
      exchange.status = static_cast<int>(status);
      exchange.headers_complete = status >= 200;
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      exchange.header(line.substr(0, colon), line.substr(colon + 1));
    }
    return size * count;
  }

  // The address is checked here, after DNS and right before connecting, so that a name cannot answer differently in between.
  static curl_socket_t on_socket(void* user, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto& self = *static_cast<Transfer*>(user);
    const auto& options = *self.options;
    if (options.target.plain ? !is_loopback(&address->addr) : !options.allow_private && is_private(&address->addr)) {
      self.blocked = true;
      return CURL_SOCKET_BAD;
    }
    self.opened = true;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  static CURLcode on_tls(CURL* /*easy*/, void* context, void* /*user*/) {
    prepare_tls(context);
    return CURLE_OK;
  }

  [[nodiscard]] std::pair<Failure, std::string> judge(CURLcode code) const {
    switch (code) {
      case CURLE_WRITE_ERROR:
        return {Failure::endpoint, "too_large"};
      case CURLE_COULDNT_RESOLVE_HOST:
        return {Failure::endpoint, "dns"};
      case CURLE_COULDNT_CONNECT: {
        if (blocked && !opened) return {Failure::own, "address_blocked"};
        long number = 0;
        curl().easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
        return {Failure::endpoint, number == ECONNREFUSED ? "connect_refused" : "connect"};
      }
      case CURLE_OPERATION_TIMEDOUT:
        return {Failure::endpoint, "timeout"};
      case CURLE_PEER_FAILED_VERIFICATION:
        return {Failure::endpoint, tls_reason(easy)};
      case CURLE_SSL_CONNECT_ERROR:
        return {Failure::endpoint, "tls"};
      case CURLE_SSL_CACERT_BADFILE:
        return {Failure::own, "ca_file"};
      default:
        return {Failure::endpoint, "reset"};
    }
  }

  [[nodiscard]] Answer answer(CURLcode code) const {
    // curl 7.88 also takes half a header before a clean close for an answer.
    if (exchange->headers_complete && code == CURLE_OK) return exchange->answer();
    if (code == CURLE_OK && options->method == Method::none) {
      auto answer = exchange->answer();
      answer.certificate_end = certificate_end(easy);
      return answer;
    }
    auto [failure, reason] = judge(code);
    return exchange->failure(failure, std::move(reason));
  }
};

Transfers::Transfers(const Options& options) : options_(options), multi_(curl_.multi_init()), tls_sessions_(curl_.share_init()) {
  curl_.share_setopt(tls_sessions_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_.multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, options_.concurrency);
  curl_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, options_.concurrency);
}

Transfers::~Transfers() {
  connected_.clear();
  if (!active_.empty()) {
    // What can still be found is no leak.
    [[maybe_unused]] static const auto* left = new auto(std::move(active_));  // NOLINT(bugprone-unhandled-exception-at-new): the process ends
  } else {
    for (CURL* easy : unused_) curl_.easy_cleanup(easy);
    curl_.multi_cleanup(multi_);
  }
  curl_.share_cleanup(tls_sessions_);  // stays while a connection has it
}

template <class T>
void Transfers::set(CURL* easy, CURLoption option, T value) const {
  if (const auto code = curl_.easy_setopt(easy, option, value); code != CURLE_OK) {
    throw base::Error(base::Outcome::runtime_error, "libcurl lacks an option",
                      fmt::format("option {}, code {}", static_cast<int>(option), static_cast<int>(code)), "install libcurl4 7.88 or newer, with TLS");
  }
}

CURL* Transfers::make(bool bare) const {
  CURL* easy = curl_.easy_init();
  if (easy == nullptr) throw base::Error(base::Outcome::runtime_error, "libcurl is out of memory");
  set(easy, CURLOPT_URL, options_.target.url.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, options_.target.plain ? "http" : "https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_NOSIGNAL, 1L);
  if (bare || options_.method == Method::none) {
    set(easy, CURLOPT_CONNECT_ONLY, 1L);
    set(easy, CURLOPT_CERTINFO, bare ? 0L : 1L);
  } else {
    set(easy, CURLOPT_HTTPGET, 1L);
  }
  set(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  // Over a bare connection HTTP/2 is not for libcurl to speak: where it had offered it, it would begin at once.
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(bare ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
  if (bare) {
    set(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    set(easy, CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_tls);
    set(easy, CURLOPT_SHARE, tls_sessions_);  // HTTP/1.1 has many connections, and half of what one costs is its handshake
  }
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  // Debian's libcurl trusts the folder of the system's authorities beside any file, and loads the file anew for each connection.
  set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (!options_.ca_file.empty()) set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  set(easy, CURLOPT_BUFFERSIZE, receive_buffer);
  set(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
  return easy;
}

void Transfers::connect() {
  auto transfer = std::make_unique<Transfer>();
  transfer->easy = make(true);
  begin(std::move(transfer));
  ++connecting_;
}

void Transfers::start(std::unique_ptr<Exchange> exchange) {
  auto transfer = std::make_unique<Transfer>();
  if (unused_.empty()) {
    transfer->easy = make(false);
  } else {
    transfer->easy = unused_.back();
    unused_.pop_back();
  }
  transfer->exchange = std::move(exchange);
  const auto& request = transfer->exchange->request;
  const auto append = [&](const std::string& line) { transfer->headers = curl_.slist_append(transfer->headers, line.c_str()); };
  for (std::size_t nth = 0; nth < request.headers.size(); ++nth) {
    const auto header = request.headers[nth];
    append(header.value.empty() ? fmt::format("{};", header.name) : fmt::format("{}: {}", header.name, header.value));
  }
  append("Accept:");
  set(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
  begin(std::move(transfer));
}

void Transfers::begin(std::unique_ptr<Transfer> transfer) {
  CURL* easy = transfer->easy;
  transfer->options = &options_;
  transfer->blocked = false;
  transfer->opened = false;
  set(easy, CURLOPT_WRITEDATA, transfer.get());
  set(easy, CURLOPT_HEADERDATA, transfer.get());
  set(easy, CURLOPT_OPENSOCKETDATA, transfer.get());
  if (transfer->exchange) transfer->exchange->reset();
  curl_.multi_add_handle(multi_, easy);
  active_.emplace(easy, std::move(transfer));
}

void Transfers::finish(CURL* easy, CURLcode code) {
  auto transfer = std::move(active_.extract(easy).mapped());
  if (!transfer->exchange) return finish_connection(*transfer, code);
  curl_.multi_remove_handle(multi_, easy);
  answers_.push_back(transfer->answer(code));
  unused_.push_back(easy);
}

void Transfers::finish_connection(const Transfer& transfer, CURLcode code) {
  --connecting_;
  auto& result = connected_.emplace_back();
  if (code == CURLE_OK) {
    result.wire = std::make_unique<CurlWire>(multi_, transfer.easy);
    return;
  }
  curl_.multi_remove_handle(multi_, transfer.easy);
  std::tie(result.failure.failure, result.failure.reason) = transfer.judge(code);
  curl_.easy_cleanup(transfer.easy);
}

void Transfers::wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
  // A transfer that was just added is due at once, so curl does not wait then: one perform() serves what is new and what is
  // readable. It visits every transfer, which asks the kernel about its socket; a second one would double that.
  std::vector<curl_waitfd> extra;
  extra.reserve(others.size());
  for (const auto& other : others) {
    extra.push_back(
        {other.fd, static_cast<short>(((other.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) | ((other.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0)), 0});
  }
  curl_.multi_poll(multi_, extra.data(), static_cast<unsigned>(extra.size()), static_cast<int>(timeout.count()), nullptr);
  for (std::size_t i = 0; i < others.size(); ++i) others[i].revents = extra[i].revents;
  perform();
}

void Transfers::perform() {
  int running = 0;
  curl_.multi_perform(multi_, &running);
  int left = 0;
  while (const CURLMsg* message = curl_.multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
  }
}

}  // namespace http
