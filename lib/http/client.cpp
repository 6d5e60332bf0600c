#include "http/client.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "http/api.hpp"

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

// Each transfer has one of its own, and an answer has a few bytes.
constexpr long receive_buffer = 4096;

// A kept-alive connection may be closed just as a request goes out on it: that request is sent again, this often.
constexpr int resend_limit = 2;

}  // namespace

struct Client::State {
  struct Transfer {
    Request request;
    const Options* options = nullptr;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    base::Boottime::time_point began;
    base::Milliseconds retry_after{0};
    std::size_t received = 0;
    std::string body;
    int resent = 0;
    bool headers_complete = false;
    bool blocked = false;  // an address was refused
    bool opened = false;   // another was not
  };

  const Api& curl = api();
  CURLM* multi = curl.multi_init();
  std::vector<CURL*> idle;
  std::map<CURL*, std::unique_ptr<Transfer>> active;
  std::vector<Answer> answers;

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.received += size * count;
    if (transfer.received > transfer.options->body_limit) return 0;  // less than given ends the transfer
    if (transfer.options->method == Method::get) transfer.body.append(data, size * count);
    return size * count;
  }

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) {
      transfer.headers_complete = false;
      transfer.retry_after = base::Milliseconds(0);
    } else if (base::trim(line).empty()) {
      long status = 0;
      api().easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
      transfer.headers_complete = status >= 200;
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos && base::lower(line.substr(0, colon)) == "retry-after") {
      transfer.retry_after = parse_retry_after(base::trim(line.substr(colon + 1)), base::wall_now()).value_or(base::Milliseconds(0));
    }
    return size * count;
  }

  // The address is checked here, after DNS and right before connecting, so that a name cannot answer differently in between.
  static curl_socket_t on_socket(void* user, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(user);
    const auto& options = *transfer.options;
    if (options.target.plain ? !is_loopback(&address->addr) : !options.allow_private && is_private(&address->addr)) {
      transfer.blocked = true;
      return CURL_SOCKET_BAD;
    }
    transfer.opened = true;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  template <class T>
  void set(CURL* easy, CURLoption option, T value) const {
    if (const auto code = curl.easy_setopt(easy, option, value); code != CURLE_OK) {
      throw base::Error(base::Outcome::runtime_error, "libcurl lacks an option",
                        fmt::format("option {}, code {}", static_cast<int>(option), static_cast<int>(code)), "install libcurl4 7.88 or newer, with TLS");
    }
  }

  CURL* make(const Options& options) const {
    CURL* easy = curl.easy_init();
    if (easy == nullptr) throw base::Error(base::Outcome::runtime_error, "libcurl is out of memory");
    set(easy, CURLOPT_URL, options.target.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, options.target.plain ? "http" : "https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    if (options.method == Method::none) {
      set(easy, CURLOPT_CONNECT_ONLY, 1L);
      set(easy, CURLOPT_CERTINFO, 1L);
    } else {
      set(easy, options.method == Method::get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
    }
    set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(easy, CURLOPT_PIPEWAIT, 1L);
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    set(easy, CURLOPT_BUFFERSIZE, receive_buffer);
    set(easy, CURLOPT_WRITEFUNCTION, &State::on_body);
    set(easy, CURLOPT_HEADERFUNCTION, &State::on_header);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &State::on_socket);
    return easy;
  }

  void begin(Transfer& transfer) const {
    transfer.received = 0;
    transfer.body.clear();
    transfer.headers_complete = false;
    transfer.blocked = false;
    transfer.opened = false;
    curl.multi_add_handle(multi, transfer.easy);
  }

  [[nodiscard]] std::string tls_reason(CURL* easy) const {
    // X509_V_ERR_*: what OpenSSL's verification said, kept by curl for the last handshake.
    long verdict = 0;
    curl.easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
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

  [[nodiscard]] std::optional<base::WallTime> certificate_end(CURL* easy) const {
    curl_certinfo* chain = nullptr;
    if (curl.easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr) return std::nullopt;
    std::optional<base::WallTime> earliest;
    for (int nth = 0; nth < chain->num_of_certs; ++nth) {
      for (const auto* line = chain->certinfo[nth]; line != nullptr; line = line->next) {
        const auto end = parse_certificate_end(line->data);
        if (end && (!earliest || *end < *earliest)) earliest = end;
      }
    }
    return earliest;
  }

  [[nodiscard]] Answer judge(Transfer& transfer, CURLcode code) const {
    Answer answer;
    answer.tag = transfer.request.tag;
    answer.took = std::chrono::round<base::Milliseconds>(base::Boottime::now() - transfer.began);
    answer.retry_after = transfer.retry_after;
    // A complete header is the answer, whatever happens to its body. curl 7.88 also takes half a header before a clean close for one.
    if (transfer.headers_complete && (transfer.options->method == Method::post || code == CURLE_OK)) {
      long status = 0;
      curl.easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
      answer.body = std::move(transfer.body);
      return answer;
    }
    if (code == CURLE_OK && transfer.options->method == Method::none) {
      answer.certificate_end = certificate_end(transfer.easy);
      return answer;
    }
    answer.failure = Failure::endpoint;
    switch (code) {
      case CURLE_WRITE_ERROR:
        answer.reason = "too_large";
        break;
      case CURLE_COULDNT_RESOLVE_HOST:
        answer.reason = "dns";
        break;
      case CURLE_COULDNT_CONNECT: {
        if (transfer.blocked && !transfer.opened) {
          answer.failure = Failure::own;
          answer.reason = "address_blocked";
          break;
        }
        long number = 0;
        curl.easy_getinfo(transfer.easy, CURLINFO_OS_ERRNO, &number);
        answer.reason = number == ECONNREFUSED ? "connect_refused" : "connect";
        break;
      }
      case CURLE_OPERATION_TIMEDOUT:
        answer.reason = "timeout";
        break;
      case CURLE_PEER_FAILED_VERIFICATION:
        answer.reason = tls_reason(transfer.easy);
        break;
      case CURLE_SSL_CONNECT_ERROR:
        answer.reason = "tls";
        break;
      case CURLE_SSL_CACERT_BADFILE:
        answer.failure = Failure::own;
        answer.reason = "ca_file";
        break;
      default:
        answer.reason = "reset";
        break;
    }
    return answer;
  }

  // Closed on a reused connection before a byte of an answer came: the other side had most likely not taken it.
  [[nodiscard]] bool worth_resending(const Transfer& transfer, CURLcode code) const {
    if (transfer.headers_complete || transfer.resent >= resend_limit) return false;
    if (code != CURLE_SEND_ERROR && code != CURLE_GOT_NOTHING && code != CURLE_RECV_ERROR && code != CURLE_HTTP2 && code != CURLE_HTTP2_STREAM) return false;
    long connections = 0;
    curl.easy_getinfo(transfer.easy, CURLINFO_NUM_CONNECTS, &connections);
    return connections == 0;
  }

  void finish(CURL* easy, CURLcode code) {
    curl.multi_remove_handle(multi, easy);
    const auto at = active.find(easy);
    Transfer& transfer = *at->second;
    if (worth_resending(transfer, code)) {
      ++transfer.resent;
      begin(transfer);
      return;
    }
    answers.push_back(judge(transfer, code));
    curl.slist_free_all(transfer.headers);
    idle.push_back(easy);
    active.erase(at);
  }

  void perform() {
    int running = 0;
    curl.multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl.multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
    }
  }
};

Client::Client(Options options) : options_(std::move(options)) {}

Client::~Client() {
  if (!state_ || !state_->active.empty()) {
    // Left to the end of the process on purpose; what can still be found is no leak.
    [[maybe_unused]] static const State* left = nullptr;
    left = state_.release();
    return;
  }
  for (CURL* easy : state_->idle) state_->curl.easy_cleanup(easy);
  state_->curl.multi_cleanup(state_->multi);
}

void Client::send(Request request) {
  if (!state_) {
    state_ = std::make_unique<State>();
    state_->curl.multi_setopt(state_->multi, CURLMOPT_MAX_HOST_CONNECTIONS, options_.concurrency);
    state_->curl.multi_setopt(state_->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, options_.concurrency);
    state_->curl.multi_setopt(state_->multi, CURLMOPT_MAXCONNECTS, options_.concurrency);
  }
  auto& state = *state_;
  CURL* easy = nullptr;
  if (state.idle.empty()) {
    easy = state.make(options_);
  } else {
    easy = state.idle.back();
    state.idle.pop_back();
  }
  auto transfer = std::make_unique<State::Transfer>();
  transfer->request = std::move(request);
  transfer->options = &options_;
  transfer->easy = easy;
  transfer->began = base::Boottime::now();
  for (const auto& header : transfer->request.headers) transfer->headers = state.curl.slist_append(transfer->headers, header.c_str());
  transfer->headers = state.curl.slist_append(transfer->headers, "Expect:");
  transfer->headers = state.curl.slist_append(transfer->headers, "Accept:");
  state.set(easy, CURLOPT_HTTPHEADER, transfer->headers);
  if (options_.method == Method::post) {
    state.set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer->request.body.size()));
    state.set(easy, CURLOPT_POSTFIELDS, transfer->request.body.data());
  }
  state.set(easy, CURLOPT_WRITEDATA, transfer.get());
  state.set(easy, CURLOPT_HEADERDATA, transfer.get());
  state.set(easy, CURLOPT_OPENSOCKETDATA, transfer.get());
  state.begin(*transfer);
  state.active.emplace(easy, std::move(transfer));
}

std::size_t Client::in_flight() const { return state_ ? state_->active.size() : 0; }

void Client::wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
  const auto milliseconds = static_cast<int>(timeout.count());
  if (!state_ || state_->active.empty()) {
    ::poll(others.data(), others.size(), milliseconds);
    return;
  }
  // A transfer that was just added is due at once, so curl does not wait then: one perform() serves what is new and what is
  // readable. It visits every transfer, which asks the kernel about its socket; a second one would double that.
  std::vector<curl_waitfd> extra;
  extra.reserve(others.size());
  for (const auto& other : others) {
    extra.push_back(
        {other.fd, static_cast<short>(((other.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) | ((other.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0)), 0});
  }
  state_->curl.multi_poll(state_->multi, extra.data(), static_cast<unsigned>(extra.size()), milliseconds, nullptr);
  for (std::size_t i = 0; i < others.size(); ++i) others[i].revents = extra[i].revents;
  state_->perform();
}

std::vector<Answer> Client::take() { return state_ ? std::exchange(state_->answers, {}) : std::vector<Answer>(); }

std::optional<base::Milliseconds> parse_retry_after(std::string_view value, base::WallTime now) {
  if (const auto seconds = base::parse_integer(value)) {
    if (*seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::min<std::int64_t>(*seconds, 86400));
  }
  std::tm time{};
  const auto text = std::string(value);
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto at = std::chrono::sys_seconds(std::chrono::seconds(timegm(&time)));
  return std::clamp(std::chrono::duration_cast<base::Milliseconds>(at - now), base::Milliseconds(0), base::Milliseconds(86400000));
}

}  // namespace http
