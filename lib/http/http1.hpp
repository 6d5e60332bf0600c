// A connection that speaks HTTP/1.1 (RFC 9112): one request after the other, each answer read by Boost.Beast.
#pragma once

#include <optional>

#include "http/session.hpp"

namespace http {

class Http1Session final : public Session {
 public:
  // `early` is what was received already: more than nothing, and nobody can tell whose answer it is.
  Http1Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended, std::string_view early);
  Http1Session(const Http1Session&) = delete;
  Http1Session& operator=(const Http1Session&) = delete;
  ~Http1Session() override;

  [[nodiscard]] bool takes_more() const override { return !exchange_ && !unfit(); }
  void start(std::unique_ptr<Exchange> exchange) override;
  [[nodiscard]] std::size_t in_flight() const override { return exchange_ ? 1 : 0; }

 private:
  struct Parser;

  [[nodiscard]] base::Boottime::time_point earliest_timeout() const override;
  void time_out() override;
  void take(std::string_view bytes) override;
  void fill() override;
  void drop() override;
  void finish(End how);

  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<std::optional<Parser>> parser_;  // one while there is an exchange, always in the same place
  std::string in_;                                 // of an answer whose header is not whole yet
};

}  // namespace http
