// Many HTTPS requests at once through one libcurl multi handle.
#pragma once

#include <poll.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "http/target.hpp"

namespace http {

struct Options {
  Target target;
  std::string user_agent;
  std::string ca_file;  // empty: the system's certificates
  base::Milliseconds timeout{3000};
  long concurrency = 16;
  bool allow_private = false;
};

struct Request {
  std::uint64_t tag = 0;             // comes back with the answer
  std::string_view body;             // must live until the answer
  std::vector<std::string> headers;  // "Name: value"
};

enum class Failure {
  none,      // there is a status
  endpoint,  // the endpoint could not be reached or did not answer as HTTP asks
  own,       // we refused to send: nothing was said to anybody
};

struct Answer {
  std::uint64_t tag = 0;
  Failure failure = Failure::none;
  int status = 0;
  std::string
      reason;  // without a status: dns, connect, connect_refused, tls, tls_untrusted, tls_expired, tls_hostname, timeout, reset, address_blocked, ca_file
  base::Milliseconds retry_after{0};  // what the answer asked for; 0: nothing
  base::Milliseconds took{0};
};

// Nothing is loaded or initialised before the first send.
// The destructor leaves requests in flight to the end of the process: waiting for a resolver thread could hang.
class Client {
 public:
  explicit Client(Options options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(Request request);
  [[nodiscard]] std::size_t in_flight() const;
  // Waits until something happens on a request or on `others`, whose revents are set. Works without a request, too.
  void wait(std::vector<pollfd>& others, base::Milliseconds timeout);
  // What has been answered since the last call.
  std::vector<Answer> take();

 private:
  struct State;
  Options options_;
  std::unique_ptr<State> state_;
};

// Seconds ("120") or an HTTP date relative to `now`; nullopt when it is neither. RFC 9110 §10.2.3.
std::optional<base::Milliseconds> parse_retry_after(std::string_view value, base::WallTime now);

}  // namespace http
