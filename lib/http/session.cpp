#include "http/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/error.hpp"

namespace http {
namespace {

using namespace std::chrono_literals;
using base::Boottime;

constexpr auto longest_idle = 60s;
constexpr std::size_t flight_size = 65536;  // bytes that are laid out before they are given to TLS
constexpr std::size_t record_size = 16384;  // of TLS
constexpr int reads_in_a_row = 64;          // then others have their turn

std::string_view text(const std::uint8_t* bytes, std::size_t length) { return {reinterpret_cast<const char*>(bytes), length}; }

// The library copies what it is given, and does not write to it.
std::uint8_t* bytes(std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); }

nghttp2_nv field(std::string_view name, std::string_view value, bool repeats) {
  return {bytes(name), bytes(value), name.size(), value.size(), static_cast<std::uint8_t>(repeats ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX)};
}

}  // namespace

struct Session::Callbacks {
  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length, const std::uint8_t* value,
                       std::size_t value_length, std::uint8_t /*flags*/, void* user) {
    auto* exchange = static_cast<Session*>(user)->find(frame->hd.stream_id);
    if (exchange == nullptr || exchange->headers_complete) return 0;
    if (text(name, name_length) == ":status") {
      exchange->status = static_cast<int>(base::parse_integer(text(value, value_length)).value_or(0));
      exchange->retry_after = 0ms;
    } else {
      exchange->header(text(name, name_length), text(value, value_length));
    }
    return 0;
  }

  static int on_frame_recv(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Session*>(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) self.leaving_ = true;
    if (frame->hd.type == NGHTTP2_HEADERS) {
      auto* exchange = self.find(frame->hd.stream_id);
      if (exchange != nullptr && exchange->status >= 200) exchange->headers_complete = true;
    }
    return 0;
  }

  static int on_data_chunk_recv(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream, const std::uint8_t* /*data*/, std::size_t length,
                                void* user) {
    auto& self = *static_cast<Session*>(user);
    auto* exchange = self.find(stream);
    if (exchange == nullptr) return 0;
    exchange->received += length;
    if (exchange->received > self.head_.body_limit) self.cancel(stream, End::answered);
    return 0;
  }

  static int on_stream_close(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t code, void* user) {
    auto& self = *static_cast<Session*>(user);
    const bool refused = code == NGHTTP2_REFUSED_STREAM;
    if (refused) self.leaving_ = true;  // to be sent again on another connection
    self.end(stream, refused ? End::refused : End::broken);
    return 0;
  }

  static ssize_t read_body(nghttp2_session* /*session*/, std::int32_t stream, std::uint8_t* into, std::size_t length, std::uint32_t* flags,
                           nghttp2_data_source* /*source*/, void* user) {
    auto* exchange = static_cast<Session*>(user)->find(stream);
    if (exchange == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // cancelled
    const auto rest = std::string_view(exchange->request.body).substr(exchange->uploaded);
    const auto count = std::min(length, rest.size());
    std::memcpy(into, rest.data(), count);
    exchange->uploaded += count;
    if (count == rest.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

Session::Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended, std::string_view early)
    : wire_(std::move(wire)), head_(head), ended_(std::move(ended)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (h2_.callbacks_new(&callbacks) != 0) throw base::Error(base::Outcome::runtime_error, "libnghttp2 is out of memory");
  h2_.set_on_header(callbacks, &Callbacks::on_header);
  h2_.set_on_frame_recv(callbacks, &Callbacks::on_frame_recv);
  h2_.set_on_data_chunk_recv(callbacks, &Callbacks::on_data_chunk_recv);
  h2_.set_on_stream_close(callbacks, &Callbacks::on_stream_close);
  const int made = h2_.client_new(&session_, callbacks, this);
  h2_.callbacks_del(callbacks);
  if (made != 0) throw base::Error(base::Outcome::runtime_error, "libnghttp2 is out of memory");
  const nghttp2_settings_entry no_push{NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
  h2_.submit_settings(session_, NGHTTP2_FLAG_NONE, &no_push, 1);
  take(early);
}

Session::~Session() { h2_.del(session_); }

bool Session::stale() const { return exchanges_.empty() && Boottime::now() - last_used_ > longest_idle; }

bool Session::takes_more() const {
  return !broken_ && !leaving_ && !stale() && exchanges_.size() < h2_.get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

void Session::start(std::unique_ptr<Exchange> exchange) {
  exchange->reset();
  const auto& request = exchange->request;
  const auto length = fmt::format("{}", request.body.size());
  std::vector<nghttp2_nv> fields;
  fields.reserve(request.headers.size() + 6);
  fields.push_back(field(":method", "POST", true));
  fields.push_back(field(":scheme", "https", true));
  fields.push_back(field(":authority", head_.authority, true));
  fields.push_back(field(":path", head_.path, true));
  fields.push_back(field("user-agent", head_.user_agent, true));
  fields.push_back(field("content-length", length, false));
  for (const auto& header : request.headers) fields.push_back(field(header.name, header.value, header.repeats));
  nghttp2_data_provider body{};
  body.read_callback = &Callbacks::read_body;
  const auto stream = h2_.submit_request(session_, nullptr, fields.data(), fields.size(), &body, nullptr);
  last_used_ = Boottime::now();
  if (stream < 0) {  // no ids are left on this connection, or it is about to close
    leaving_ = true;
    ended_(std::move(exchange), End::refused);
    return;
  }
  exchanges_.emplace(stream, std::move(exchange));
}

pollfd Session::watched() const { return {wire_->fd(), static_cast<short>(written_ < out_.size() ? POLLIN | POLLOUT : POLLIN), 0}; }

Boottime::time_point Session::due() const {
  if (unread_) return {};
  auto due = Boottime::time_point::max();
  for (const auto& [stream, exchange] : exchanges_) due = std::min(due, exchange->began + head_.timeout);
  return due;
}

void Session::receive() {
  std::array<char, record_size> buffer;
  unread_ = true;
  for (int nth = 0; nth < reads_in_a_row && unread_ && !broken_; ++nth) {
    const auto count = wire_->receive(buffer);
    if (!count) return lose();
    unread_ = *count > 0;
    if (unread_) take({buffer.data(), *count});
  }
  flush();
}

void Session::take(std::string_view bytes) {
  if (bytes.empty()) return;
  last_received_ = Boottime::now();
  const auto taken = h2_.mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) lose();
}

void Session::flush() {
  while (!broken_) {
    if (written_ == out_.size()) fill();
    if (out_.empty()) {
      // An error of the other side is told to it first, then the library wants nothing more.
      if (h2_.want_read(session_) == 0 && h2_.want_write(session_) == 0) lose();
      return;
    }
    const auto count = wire_->send(std::string_view(out_).substr(written_));
    if (!count) return lose();
    if (*count == 0) return;
    written_ += *count;
  }
}

void Session::fill() {
  out_.clear();
  written_ = 0;
  while (out_.size() < flight_size) {
    const std::uint8_t* frame = nullptr;
    const auto length = h2_.mem_send(session_, &frame);
    if (length < 0) return lose();
    if (length == 0) return;
    out_ += text(frame, static_cast<std::size_t>(length));
  }
}

void Session::expire() {
  const auto now = Boottime::now();
  std::vector<std::int32_t> late;
  for (const auto& [stream, exchange] : exchanges_) {
    if (now < exchange->began + head_.timeout) continue;
    late.push_back(stream);
    // Not a byte since: the connection itself may be dead, and nobody else should have to find that out.
    if (last_received_ < exchange->began) leaving_ = true;
  }
  for (const auto stream : late) cancel(stream, End::timed_out);
}

void Session::lose() {
  broken_ = true;
  while (!exchanges_.empty()) end(exchanges_.begin()->first, End::broken);
}

void Session::end(std::int32_t stream, End end) {
  auto node = exchanges_.extract(stream);
  if (node.empty()) return;
  auto exchange = std::move(node.mapped());
  last_used_ = Boottime::now();
  if (exchange->headers_complete) {
    end = End::answered;
    answered_ = true;
  } else if (end == End::broken && !answered_) {
    end = End::fresh;
  }
  ended_(std::move(exchange), end);
}

void Session::cancel(std::int32_t stream, End why) {
  end(stream, why);
  h2_.submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
}

Exchange* Session::find(std::int32_t stream) {
  const auto at = exchanges_.find(stream);
  return at == exchanges_.end() ? nullptr : at->second.get();
}

}  // namespace http
