// Many requests at once: HTTPS, and plain HTTP to loopback where the target says so.
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

enum class Method {
  post,  // a complete header is the answer, whatever happens to the body
  get,   // the answer is the whole body, too
  none,  // connects, shakes hands and sends nothing
};

struct Options {
  Target target;
  std::string user_agent;
  std::string ca_file;  // empty: the system's certificates
  base::Milliseconds timeout{3000};
  long concurrency = 16;
  bool allow_private = false;
  Method method = Method::post;
  std::size_t body_limit = 4096;  // more of an answer is not read
};

// The headers of one request, in one piece of memory: a dozen of them had two pieces each.
class Headers {
 public:
  struct View {
    std::string_view name;
    std::string_view value;
    bool repeats;
  };

  // Neither may have a control character: nothing is escaped.
  void add(std::string_view name, std::string_view value, bool repeats = false);
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  // Valid until another is added.
  [[nodiscard]] View operator[](std::size_t nth) const;
  // As HTTP/1.1 has them, each with its end of line.
  [[nodiscard]] std::string_view lines() const { return lines_; }

 private:
  struct Place {
    std::size_t begin;
    std::size_t name_size;
    std::size_t value_size;
    bool repeats;
  };
  std::string lines_;
  std::vector<Place> places_;
};

struct Request {
  std::uint64_t tag = 0;  // comes back with the answer
  std::string body;
  Headers headers;
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
  // Without a status: dns, connect, connect_refused, tls, tls_untrusted, tls_expired, tls_hostname, timeout, reset, too_large, address_blocked, ca_file
  std::string reason;
  std::string body;                               // of a get only
  std::optional<base::WallTime> certificate_end;  // of none only: when the first certificate of the chain runs out
  base::Milliseconds retry_after{0};              // what the answer asked for; 0: nothing
  base::Milliseconds took{0};
};

// Nothing is loaded or initialised before the first send.
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
