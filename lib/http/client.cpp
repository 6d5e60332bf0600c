#include "http/client.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <deque>
#include <system_error>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "http/exchange.hpp"
#include "http/http1.hpp"
#include "http/http2.hpp"
#include "http/transfers.hpp"

namespace http {
namespace {

using base::Boottime;

constexpr auto connect_pause = std::chrono::milliseconds(100);

// Then answers have their turn: a handshake takes a millisecond of computing.
constexpr int connects_in_a_row = 4;

// A kept-alive connection may be closed just as a request goes out on it: that request is sent again, this often.
constexpr int resend_limit = 2;
// One that was surely not taken is nobody's failure, but a receiver that takes nothing must come to an end, too.
constexpr int refused_limit = 20;

// Of a header's name from its value.
constexpr std::string_view separator = ": ";

// One part of a URL, normalised as libcurl does for its own requests.
std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl().url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl().free(text);
  return copy;
}

Session::Head head_of(const Options& options) {
  const std::unique_ptr<CURLU, decltype(curl().url_cleanup)> url(curl().url(), curl().url_cleanup);
  curl().url_set(url.get(), CURLUPART_URL, options.target.url.c_str(), 0);
  Session::Head head{part_of(url.get(), CURLUPART_HOST), part_of(url.get(), CURLUPART_PATH), options.user_agent, options.timeout, options.body_limit};
  const auto port = part_of(url.get(), CURLUPART_PORT);
  if (!port.empty() && port != (options.target.plain ? "80" : "443")) head.authority += ":" + port;
  const auto query = part_of(url.get(), CURLUPART_QUERY);
  if (!query.empty()) head.path += "?" + query;
  return head;
}

int resends(End end) {
  switch (end) {
    case End::refused:
      return refused_limit;
    case End::broken:
      return resend_limit;
    default:
      return 0;
  }
}

// The sockets of sessions as one descriptor. To ask about each of them in every turn cost a twelfth of a delivery, with thirty-two connections.
class Poller {
 public:
  [[nodiscard]] int fd() const { return epoll_.get(); }
  void add(Session& session, pollfd what) { control(EPOLL_CTL_ADD, what, &session); }
  void change(Session& session, pollfd what) { control(EPOLL_CTL_MOD, what, &session); }
  void remove(const Session& session) { epoll_ctl(fd(), EPOLL_CTL_DEL, session.watched().fd, nullptr); }
  // Those on which something has happened; more of them the next time.
  [[nodiscard]] std::span<const epoll_event> ready() {
    const int count = epoll_wait(fd(), events_.data(), static_cast<int>(events_.size()), 0);
    return {events_.data(), static_cast<std::size_t>(std::max(count, 0))};
  }

 private:
  void control(int what, pollfd of, Session* session) {
    epoll_event event{static_cast<std::uint32_t>(of.events), {session}};  // EPOLLIN is POLLIN, EPOLLOUT is POLLOUT
    if (epoll_ctl(fd(), what, of.fd, &event) != 0) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }

  base::Fd epoll_{epoll_create1(EPOLL_CLOEXEC)};
  std::array<epoll_event, 64> events_{};
};

}  // namespace

// Posts go over connections of our own, everything else by libcurl.
struct Client::State {
  explicit State(const Options& o) : options(o), transfers(o) {
    if (options.method == Method::post) head = head_of(options);
  }

  const Options& options;
  Transfers transfers;
  Session::Head head;
  bool multiplexes = true;                      // until the receiver turns out to speak HTTP/1.1
  Boottime::time_point connect_at{};            // not before
  std::deque<std::unique_ptr<Exchange>> queue;  // until a connection takes them
  struct Connection {
    std::unique_ptr<Session> session;
    short events;  // that the poller was told to wait for
  };
  std::vector<Connection> connections;
  Poller poller;
  std::vector<Answer> answers;

  [[nodiscard]] std::size_t in_flight() const {
    auto count = queue.size() + transfers.in_flight();
    for (const auto& connection : connections) count += connection.session->in_flight();
    return count;
  }

  void send(Request request) {
    auto exchange = std::make_unique<Exchange>(std::move(request));
    if (options.method == Method::post) {
      queue.push_back(std::move(exchange));
    } else {
      transfers.start(std::move(exchange));
    }
  }

  // Gives what waits to connections, and makes others where they do not suffice.
  void assign() {
    std::erase_if(connections, [this](const Connection& connection) {
      if (!connection.session->over()) return false;
      if (!connection.session->answered()) pause();
      poller.remove(*connection.session);
      return true;
    });
    for (auto& connection : connections) {
      auto& session = *connection.session;
      while (!queue.empty() && session.takes_more()) {
        auto exchange = std::move(queue.front());
        queue.pop_front();
        session.start(std::move(exchange));
      }
      session.flush();
      const auto watched = session.watched();
      if (std::exchange(connection.events, watched.events) != watched.events) poller.change(session, watched);
    }
    for (int nth = 0; nth < connects_in_a_row && wants_connection() && Boottime::now() >= connect_at; ++nth) transfers.connect();
  }

  [[nodiscard]] bool wants_connection() const {
    const auto connecting = transfers.connecting();
    if (queue.empty() || connections.size() + connecting >= static_cast<std::size_t>(options.concurrency)) return false;
    // Where each takes one request only, at most as many at once as there are: who answers fast will not need them all.
    return connecting < (multiplexes ? 1 : std::min(queue.size(), std::max<std::size_t>(connections.size(), 1)));
  }
  // Who takes connections and nothing else is not asked as fast as the network allows.
  void pause() { connect_at = Boottime::now() + connect_pause; }

  void ended(std::unique_ptr<Exchange> exchange, End end) {
    if (end == End::answered) {
      answers.push_back(exchange->answer());
    } else if (end == End::timed_out) {
      answers.push_back(exchange->failure(Failure::endpoint, "timeout"));
    } else if (exchange->resent < resends(end)) {
      ++exchange->resent;
      queue.push_front(std::move(exchange));
    } else {
      answers.push_back(exchange->failure(Failure::endpoint, "reset"));
    }
  }

  void connected(Transfers::Connected result) {
    if (!result.wire) return not_connected(result.failure);
    std::array<char, 4096> early;
    const auto count = result.wire->receive(early);
    const std::string_view received(early.data(), count.value_or(0));
    auto ended_here = [this](std::unique_ptr<Exchange> exchange, End end) { ended(std::move(exchange), end); };
    multiplexes = result.wire->protocol() == "h2";
    std::unique_ptr<Session> session;
    if (multiplexes) {
      session = std::make_unique<Http2Session>(std::move(result.wire), head, std::move(ended_here), received);
    } else {
      session = std::make_unique<Http1Session>(std::move(result.wire), head, std::move(ended_here), received);
    }
    const auto watched = session->watched();
    poller.add(*session, watched);
    connections.push_back({std::move(session), watched.events});
  }

  void not_connected(const Answer& failure) {
    // The connections that there are go on, and so does what waits for them.
    if (transfers.connecting() > 0 ||
        std::ranges::any_of(connections, [](const Connection& connection) { return connection.session->takes_more() || connection.session->in_flight() > 0; }))
      return pause();
    for (const auto& exchange : std::exchange(queue, {})) answers.push_back(exchange->failure(failure.failure, failure.reason));
  }

  [[nodiscard]] Boottime::time_point due() const {
    auto due = wants_connection() ? connect_at : Boottime::time_point::max();
    for (const auto& exchange : queue) due = std::min(due, exchange->began + options.timeout);
    for (const auto& connection : connections) due = std::min(due, connection.session->due());
    return due;
  }

  void expire() {
    const auto now = Boottime::now();
    std::erase_if(queue, [&](const auto& exchange) {
      if (now < exchange->began + options.timeout) return false;
      answers.push_back(exchange->failure(Failure::endpoint, "timeout"));
      return true;
    });
    for (const auto& connection : connections) connection.session->expire();
  }

  void wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
    assign();
    others.push_back({poller.fd(), POLLIN, 0});
    const auto expires = due();
    if (expires != Boottime::time_point::max()) {
      timeout = std::min(timeout, std::max(std::chrono::ceil<base::Milliseconds>(expires - Boottime::now()), base::Milliseconds(0)));
    }
    if (transfers.idle()) {
      ::poll(others.data(), others.size(), static_cast<int>(timeout.count()));
    } else {
      transfers.wait(others, timeout);
    }
    // No session comes or goes while these are looked at.
    for (const auto& connection : connections) {
      if (connection.session->unread()) connection.session->receive();
    }
    if (others.back().revents != 0) {
      for (const auto& event : poller.ready()) static_cast<Session*>(event.data.ptr)->receive();
    }
    others.pop_back();
    std::ranges::move(transfers.take_answers(), std::back_inserter(answers));
    for (auto& result : transfers.take_connected()) connected(std::move(result));
    if (Boottime::now() >= expires) expire();
  }
};

void Headers::add(std::string_view name, std::string_view value, bool repeats) {
  constexpr std::size_t usual_size = 512;
  constexpr std::size_t usual_count = 16;
  if (places_.empty()) {
    lines_.reserve(usual_size);
    places_.reserve(usual_count);
  }
  places_.push_back({lines_.size(), name.size(), value.size(), repeats});
  lines_.append(name).append(separator).append(value).append("\r\n");
}

Headers::View Headers::operator[](std::size_t nth) const {
  const auto& place = places_[nth];
  const auto line = lines().substr(place.begin);
  return {line.substr(0, place.name_size), line.substr(place.name_size + separator.size(), place.value_size), place.repeats};
}

Client::Client(Options options) : options_(std::move(options)) {}

Client::~Client() = default;

void Client::send(Request request) {
  if (!state_) state_ = std::make_unique<State>(options_);
  state_->send(std::move(request));
}

std::size_t Client::in_flight() const { return state_ ? state_->in_flight() : 0; }

void Client::wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
  if (state_) {
    state_->wait(others, timeout);
  } else {
    ::poll(others.data(), others.size(), static_cast<int>(timeout.count()));
  }
}

std::vector<Answer> Client::take() {
  std::vector<Answer> taken;
  if (!state_) return taken;
  taken.swap(state_->answers);
  state_->answers.reserve(taken.size());  // as many again, most likely
  return taken;
}

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
