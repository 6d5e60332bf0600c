// A connection that speaks HTTP/2 (RFC 9113): requests as streams over libnghttp2.
#pragma once

#include <map>

#include "http/session.hpp"

namespace http {

class Http2Session final : public Session {
 public:
  // `early` is what was received already.
  Http2Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended, std::string_view early);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;
  ~Http2Session() override;

  [[nodiscard]] bool takes_more() const override;
  void start(std::unique_ptr<Exchange> exchange) override;
  [[nodiscard]] std::size_t in_flight() const override { return exchanges_.size(); }

 private:
  struct Callbacks;

  [[nodiscard]] base::Boottime::time_point earliest_timeout() const override;
  void time_out() override;
  void take(std::string_view bytes) override;
  void fill() override;
  void drop() override;
  void end_stream(std::int32_t stream, End how);
  // Ends it here, and tells the other side.
  void cancel(std::int32_t stream, End why);
  Exchange* find(std::int32_t stream);

  const Nghttp2& h2_ = nghttp2();
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::unique_ptr<Exchange>> exchanges_;
  base::Boottime::time_point oldest_;  // none of them began before; some that are gone may have
};

}  // namespace http
