// One connection that speaks HTTP/2: requests as streams over libnghttp2.
//
// libcurl 7.88 asks the kernel about its socket once for every stream whenever one of them may go on, which cost more than
// everything else that a delivery takes.
#pragma once

#include <poll.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/exchange.hpp"
#include "http/wire.hpp"

namespace http {

// How an exchange left its session.
enum class End {
  answered,
  timed_out,
  refused,  // the other side has surely not taken it
  broken,   // without an answer, and nobody knows whether it was taken
  fresh,    // the same, on a connection that never answered anything
};

class Session {
 public:
  // What all requests have in common.
  struct Head {
    std::string authority;
    std::string path;
    std::string user_agent;
    base::Milliseconds timeout;
    std::size_t body_limit;
  };
  // Must not call back into the session.
  using Ended = std::function<void(std::unique_ptr<Exchange>, End)>;

  // `early` is what was received already.
  Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended, std::string_view early);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Whether another exchange may start.
  [[nodiscard]] bool takes_more() const;
  void start(std::unique_ptr<Exchange> exchange);
  // Something, ever.
  [[nodiscard]] bool answered() const { return answered_; }
  [[nodiscard]] std::size_t in_flight() const { return exchanges_.size(); }
  // Nothing will come of it any more.
  [[nodiscard]] bool over() const { return exchanges_.empty() && (broken_ || leaving_ || stale()); }

  [[nodiscard]] pollfd watched() const;
  // When expire() is to be called; at once while there is something to read that poll() does not tell of.
  [[nodiscard]] base::Boottime::time_point due() const;
  // Takes what has come, and sends what follows from it.
  void receive();
  void flush();
  void expire();
  [[nodiscard]] bool unread() const { return unread_; }

 private:
  struct Callbacks;

  // It lay idle for so long that a firewall may have forgotten it.
  [[nodiscard]] bool stale() const;
  void take(std::string_view bytes);
  void fill();
  void lose();
  void end(std::int32_t stream, End end);
  // Ends it here, and tells the other side.
  void cancel(std::int32_t stream, End why);
  Exchange* find(std::int32_t stream);

  const Nghttp2& h2_ = nghttp2();
  std::unique_ptr<Wire> wire_;
  const Head& head_;
  Ended ended_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::unique_ptr<Exchange>> exchanges_;
  std::string out_;
  std::size_t written_ = 0;  // of out_
  base::Boottime::time_point last_received_ = base::Boottime::now();
  base::Boottime::time_point last_used_ = last_received_;
  bool answered_ = false;
  bool leaving_ = false;  // GOAWAY, or so silent that it is not trusted any more
  bool broken_ = false;
  bool unread_ = false;
};

}  // namespace http
