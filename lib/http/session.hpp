// One connection that requests go over, whichever version of HTTP it speaks.
//
// libcurl 7.88 asks the kernel about its socket once for every transfer whenever one of them may go on, which cost more than
// everything else that a delivery takes.
#pragma once

#include <poll.h>

#include <functional>
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
    base::Milliseconds longest_idle{60000};  // then a firewall may have forgotten the connection
  };
  // Must not call back into the session.
  using Ended = std::function<void(std::unique_ptr<Exchange>, End)>;

  Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended) : wire_(std::move(wire)), head_(head), ended_(std::move(ended)) {}
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Whether another exchange may start.
  [[nodiscard]] virtual bool takes_more() const = 0;
  virtual void start(std::unique_ptr<Exchange> exchange) = 0;
  // Something, ever.
  [[nodiscard]] bool answered() const { return answered_; }
  [[nodiscard]] virtual std::size_t in_flight() const = 0;
  // Nothing will come of it any more.
  [[nodiscard]] bool over() const { return in_flight() == 0 && unfit(); }

  [[nodiscard]] pollfd watched() const;
  // When expire() is to be called; at once while there is something to read that poll() does not tell of.
  [[nodiscard]] base::Boottime::time_point due() const;
  // Takes what has come, and sends what follows from it.
  void receive();
  void flush();
  void expire();
  [[nodiscard]] bool unread() const { return unread_; }

 protected:
  static constexpr std::size_t flight_size = 65536;  // bytes that are laid out before they are given to TLS

  // For nothing new.
  [[nodiscard]] bool unfit() const { return broken_ || leaving_; }
  [[nodiscard]] const Head& head() const { return head_; }
  [[nodiscard]] std::string& out() { return out_; }
  [[nodiscard]] bool sent() const { return written_ == out_.size(); }
  // Since then, or later, something came.
  [[nodiscard]] bool heard_since(base::Boottime::time_point time) const { return last_received_ >= time; }
  // No more exchanges over this one: the other side wants none, or is so silent that it is not trusted any more.
  void leave() { leaving_ = true; }
  // It is gone, and ends what was under way.
  void lose();
  void end(std::unique_ptr<Exchange> exchange, End end);

 private:
  [[nodiscard]] virtual base::Boottime::time_point earliest_timeout() const = 0;
  // What is under way and has had its time.
  virtual void time_out() = 0;
  virtual void take(std::string_view bytes) = 0;
  // Lays out what is to be sent next, in the empty out().
  virtual void fill() = 0;
  // What is under way, once the connection is gone.
  virtual void drop() = 0;

  std::unique_ptr<Wire> wire_;
  const Head& head_;
  Ended ended_;
  std::string out_;
  std::size_t written_ = 0;  // of out_
  base::Boottime::time_point last_received_ = base::Boottime::now();
  base::Boottime::time_point last_used_ = last_received_;
  bool answered_ = false;
  bool leaving_ = false;
  bool broken_ = false;
  bool unread_ = false;
};

}  // namespace http
