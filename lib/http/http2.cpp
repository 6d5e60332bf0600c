#include "http/http2.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/error.hpp"

namespace http {
namespace {

using namespace std::chrono_literals;
using base::Boottime;

std::string_view text(const std::uint8_t* bytes, std::size_t length) { return {reinterpret_cast<const char*>(bytes), length}; }

// The library copies what it is given, and does not write to it.
std::uint8_t* bytes(std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); }

nghttp2_nv field(std::string_view name, std::string_view value, bool repeats) {
  return {bytes(name), bytes(value), name.size(), value.size(), static_cast<std::uint8_t>(repeats ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_INDEX)};
}

}  // namespace

struct Http2Session::Callbacks {
  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_length, const std::uint8_t* value,
                       std::size_t value_length, std::uint8_t /*flags*/, void* user) {
    auto* exchange = static_cast<Http2Session*>(user)->find(frame->hd.stream_id);
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
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.type == NGHTTP2_GOAWAY) self.leave();
    if (frame->hd.type == NGHTTP2_HEADERS) {
      auto* exchange = self.find(frame->hd.stream_id);
      if (exchange != nullptr && exchange->status >= 200) exchange->headers_complete = true;
    }
    return 0;
  }

  static int on_data_chunk_recv(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream, const std::uint8_t* /*data*/, std::size_t length,
                                void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    auto* exchange = self.find(stream);
    if (exchange == nullptr) return 0;
    exchange->received += length;
    if (exchange->received > self.head().body_limit) self.cancel(stream, End::answered);
    return 0;
  }

  static int on_stream_close(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t code, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    const bool refused = code == NGHTTP2_REFUSED_STREAM;
    if (refused) self.leave();  // to be sent again on another connection
    self.end_stream(stream, refused ? End::refused : End::broken);
    return 0;
  }

  static ssize_t read_body(nghttp2_session* /*session*/, std::int32_t stream, std::uint8_t* into, std::size_t length, std::uint32_t* flags,
                           nghttp2_data_source* /*source*/, void* user) {
    auto* exchange = static_cast<Http2Session*>(user)->find(stream);
    if (exchange == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // cancelled
    const auto rest = std::string_view(exchange->request.body).substr(exchange->uploaded);
    const auto count = std::min(length, rest.size());
    std::memcpy(into, rest.data(), count);
    exchange->uploaded += count;
    if (count == rest.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

Http2Session::Http2Session(std::unique_ptr<Wire> wire, const Head& head, Ended ended, std::string_view early)
    : Session(std::move(wire), head, std::move(ended)) {
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

Http2Session::~Http2Session() { h2_.del(session_); }

bool Http2Session::takes_more() const { return !unfit() && exchanges_.size() < h2_.get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS); }

void Http2Session::start(std::unique_ptr<Exchange> exchange) {
  exchange->reset();
  const auto& request = exchange->request;
  const auto length = fmt::format("{}", request.body.size());
  std::vector<nghttp2_nv> fields;
  fields.reserve(request.headers.size() + 6);
  fields.push_back(field(":method", "POST", true));
  fields.push_back(field(":scheme", "https", true));
  fields.push_back(field(":authority", head().authority, true));
  fields.push_back(field(":path", head().path, true));
  fields.push_back(field("user-agent", head().user_agent, true));
  fields.push_back(field("content-length", length, false));
  for (std::size_t nth = 0; nth < request.headers.size(); ++nth) {
    const auto header = request.headers[nth];
    fields.push_back(field(header.name, header.value, header.repeats));
  }
  nghttp2_data_provider body{};
  body.read_callback = &Callbacks::read_body;
  const auto stream = h2_.submit_request(session_, nullptr, fields.data(), fields.size(), &body, nullptr);
  if (stream < 0) {  // no ids are left on this connection, or it is about to close
    leave();
    end(std::move(exchange), End::refused);
    return;
  }
  oldest_ = exchanges_.empty() ? exchange->began : std::min(oldest_, exchange->began);
  exchanges_.emplace(stream, std::move(exchange));
}

Boottime::time_point Http2Session::earliest_timeout() const { return oldest_ + head().timeout; }

void Http2Session::take(std::string_view bytes) {
  const auto taken = h2_.mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) lose();
}

void Http2Session::fill() {
  while (out().size() < flight_size) {
    const std::uint8_t* frame = nullptr;
    const auto length = h2_.mem_send(session_, &frame);
    if (length < 0) return lose();
    if (length == 0) break;
    out() += text(frame, static_cast<std::size_t>(length));
  }
  // An error of the other side is told to it first, then the library wants nothing more.
  if (out().empty() && h2_.want_read(session_) == 0 && h2_.want_write(session_) == 0) lose();
}

void Http2Session::time_out() {
  const auto now = Boottime::now();
  if (now < earliest_timeout()) return;
  oldest_ = now;
  std::vector<std::int32_t> late;
  for (const auto& [stream, exchange] : exchanges_) {
    if (now < exchange->began + head().timeout) {
      oldest_ = std::min(oldest_, exchange->began);
      continue;
    }
    late.push_back(stream);
    // Not a byte since: the connection itself may be dead, and nobody else should have to find that out.
    if (!heard_since(exchange->began)) leave();
  }
  for (const auto stream : late) cancel(stream, End::timed_out);
}

void Http2Session::drop() {
  while (!exchanges_.empty()) end_stream(exchanges_.begin()->first, End::broken);
}

void Http2Session::end_stream(std::int32_t stream, End how) {
  auto node = exchanges_.extract(stream);
  if (!node.empty()) end(std::move(node.mapped()), how);
}

void Http2Session::cancel(std::int32_t stream, End why) {
  end_stream(stream, why);
  h2_.submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
}

Exchange* Http2Session::find(std::int32_t stream) {
  const auto at = exchanges_.find(stream);
  return at == exchanges_.end() ? nullptr : at->second.get();
}

}  // namespace http
