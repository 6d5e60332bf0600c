#include "http/http1.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <string>

namespace http {
namespace {

namespace beast = boost::beast;

using base::Boottime;
using beast::error_code;
using beast::string_view;

// As many as a request may have with nginx or Apache at the most.
constexpr std::uint32_t longest_header = 65536;

std::string_view text(string_view text) { return {text.data(), text.size()}; }

// RFC 9112 wants a space after the code though no reason follows; some servers leave it out.
constexpr std::size_t bare_status = std::string_view("HTTP/1.1 204").size();
bool lacks_space(std::string_view line) { return line.size() > bare_status && line.starts_with("HTTP/1.") && line[bare_status] == '\r'; }

}  // namespace

// Of one answer, informational ones included.
struct Http1Session::Parser final : beast::http::basic_parser<false> {
  Parser(Exchange& e, std::size_t limit) : exchange(e), most(limit) {
    eager(true);
    header_limit(longest_header);
    body_limit(std::numeric_limits<std::uint64_t>::max());  // it would refuse a long body before its header is told
  }

  void on_request_impl(beast::http::verb /*method*/, string_view /*name*/, string_view /*target*/, int /*version*/, error_code& /*ec*/) override {}
  void on_response_impl(int code, string_view /*reason*/, int /*version*/, error_code& /*ec*/) override {
    told = true;
    exchange.status = code;
    exchange.retry_after = base::Milliseconds(0);
  }
  void on_field_impl(beast::http::field /*name*/, string_view name, string_view value, error_code& /*ec*/) override {
    if (!exchange.headers_complete) exchange.header(text(name), text(value));
  }
  void on_header_impl(error_code& /*ec*/) override { exchange.headers_complete = exchange.status >= 200; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& /*ec*/) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override { return count(body, ec); }
  void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/, error_code& /*ec*/) override {}
  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, string_view body, error_code& ec) override { return count(body, ec); }
  void on_finish_impl(error_code& /*ec*/) override {}

  std::size_t count(string_view body, error_code& ec) {
    exchange.received += body.size();
    if (exchange.received > most) ec = beast::http::error::body_limit;
    return body.size();
  }

  Exchange& exchange;
  std::size_t most;
  bool told = false;  // the status line is read
};

Http1Session::Http1Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended, std::string_view early)
    : Session(std::move(wire), head, std::move(ended)), parser_(std::make_unique<std::optional<Parser>>()) {
  if (!early.empty()) lose();
}

Http1Session::~Http1Session() = default;

void Http1Session::start(std::unique_ptr<Exchange> exchange) {
  exchange->reset();
  const auto& request = exchange->request;
  out().append("POST ").append(head().path).append(" HTTP/1.1\r\nHost: ").append(head().authority);
  out().append("\r\nUser-Agent: ").append(head().user_agent).append("\r\nContent-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  out().append(request.headers.lines()).append("\r\n");
  exchange_ = std::move(exchange);
  parser_->emplace(*exchange_, head().body_limit);
  fill();  // a body of usual size goes out in one record with its header
}

Boottime::time_point Http1Session::earliest_timeout() const { return exchange_->began + head().timeout; }

void Http1Session::fill() {
  if (!exchange_) return;
  const auto part = std::string_view(exchange_->request.body).substr(exchange_->uploaded, flight_size);
  out() += part;
  exchange_->uploaded += part.size();
}

void Http1Session::take(std::string_view bytes) {
  if (!exchange_) return lose();  // nobody asked
  auto& parser = **parser_;
  in_ += bytes;
  std::string_view left = in_;
  while (!left.empty()) {
    if (!parser.told && lacks_space(left)) {
      in_.erase(0, in_.size() - left.size());
      in_.insert(bare_status, 1, ' ');
      left = in_;
    }
    error_code ec;
    left.remove_prefix(parser.put(boost::asio::buffer(left.data(), left.size()), ec));
    if (ec == beast::http::error::need_more) break;
    if (ec) return lose();
    if (!parser.is_done()) continue;
    if (exchange_->headers_complete) {
      const bool again = parser.keep_alive() && left.empty() && sent() && exchange_->uploaded == exchange_->request.body.size();
      if (!again) leave();
      in_.clear();
      return finish(End::answered);
    }
    parser_->emplace(*exchange_, head().body_limit);  // it was informational
  }
  in_.erase(0, in_.size() - left.size());
}

void Http1Session::time_out() {
  if (Boottime::now() < earliest_timeout()) return;
  finish(End::timed_out);
  lose();  // nothing else can be asked here before that is answered
}

void Http1Session::drop() {
  if (exchange_) finish(End::broken);
}

void Http1Session::finish(End how) {
  parser_->reset();
  end(std::move(exchange_), how);
}

}  // namespace http
