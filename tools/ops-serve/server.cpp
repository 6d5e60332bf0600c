#include "server.hpp"

#include <microhttpd.h>

#include <cstring>

#include "answer.hpp"
#include "base/error.hpp"

namespace {

using namespace std::chrono_literals;

// How old an answer may be: whoever asks more often does not make the database work more.
constexpr base::Milliseconds readiness_fresh{1000};
constexpr base::Milliseconds view_fresh{2000};

constexpr unsigned most_connections = 4096;
constexpr std::size_t memory_of_connection = 16384;  // bounds the header of a request
constexpr unsigned idle_s = 15;

std::string_view header_of(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

MHD_Result queue(MHD_Connection* connection, const Response& answer) {
  const std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)> response(
      MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY), MHD_destroy_response);
  if (!response) return MHD_NO;
  for (const auto& [name, value] : answer.headers) MHD_add_response_header(response.get(), name.c_str(), value.c_str());
  return MHD_queue_response(connection, static_cast<unsigned>(answer.status), response.get());
}

// A path is compared as it was sent: no two spellings of one, and none that ends early at a %00.
std::size_t leave_escaped(void* /*unused*/, MHD_Connection* /*connection*/, char* text) { return std::strlen(text); }

int descriptor_of(MHD_Connection* connection) { return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd; }

}  // namespace

struct Server::Request {
  const RouteRow* route = nullptr;
  bool may_read = false;
  bool waited = false;
};

struct Server::Callbacks {
  static MHD_Result answer(void* self, MHD_Connection* connection, const char* url, const char* method, const char* /*version*/, const char* /*data*/,
                           std::size_t* size, void** state) {
    auto& server = *static_cast<Server*>(self);
    if (*state == nullptr) {
      auto request = std::make_unique<Request>();
      request->route = &route_of(url);
      request->may_read = std::string_view(method) == "GET" || std::string_view(method) == "HEAD";
      server.connections_.working(descriptor_of(connection), base::Boottime::now());
      const bool final = !request->may_read || request->route->route == Route::none;
      *state = request.release();
      // What cannot succeed is answered before a body is read.
      return final ? static_cast<MHD_Result>(server.handle(connection, *static_cast<Request*>(*state))) : MHD_YES;
    }
    if (*size != 0) {
      *size = 0;  // the body of a GET means nothing
      return MHD_YES;
    }
    return static_cast<MHD_Result>(server.handle(connection, *static_cast<Request*>(*state)));
  }

  static void completed(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode /*how*/) {
    delete static_cast<Request*>(*state);
    *state = nullptr;
    static_cast<Server*>(self)->connections_.idle(descriptor_of(connection), base::Boottime::now());
  }

  static void connected(void* self, MHD_Connection* connection, void** /*state*/, MHD_ConnectionNotificationCode code) {
    auto& connections = static_cast<Server*>(self)->connections_;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
      connections.opened(descriptor_of(connection), base::Boottime::now());
    } else {
      connections.closed(descriptor_of(connection));
    }
  }
};

Server::Server(const Config& config, Listener listener, std::string version)
    : config_(config),
      listener_(std::move(listener)),
      version_(std::move(version)),
      view_reader_(config),
      readiness_reader_(config),
      view_([this] { return view_reader_.read(); }, view_fresh),
      readiness_([this] { return readiness_reader_.read(); }, readiness_fresh) {
  daemon_ =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, &Callbacks::answer, this,
                       MHD_OPTION_LISTEN_SOCKET, listener_.fd.get(), MHD_OPTION_CONNECTION_LIMIT, most_connections, MHD_OPTION_CONNECTION_TIMEOUT, idle_s,
                       MHD_OPTION_UNESCAPE_CALLBACK, &leave_escaped, nullptr, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_of_connection,
                       MHD_OPTION_NOTIFY_COMPLETED, &Callbacks::completed, this, MHD_OPTION_NOTIFY_CONNECTION, &Callbacks::connected, this, MHD_OPTION_END);
  if (daemon_ == nullptr) throw base::Error(base::Outcome::runtime_error, "the HTTP server does not start", "", "look at the limits of this process");
}

Server::~Server() {
  // In this order: nobody may be suspended when the daemon stops.
  readiness_.stop();
  view_.stop();
  MHD_quiesce_daemon(daemon_);  // the listening socket is ours to close
  MHD_stop_daemon(daemon_);
}

int Server::handle(MHD_Connection* connection, Request& request) {
  const auto& route = *request.route;
  const auto send = [&](const Response& response) {
    ++requests_;
    if (response.status == 401) ++refused_;
    return static_cast<int>(queue(connection, response));
  };
  // Called again once there is what it waits for.
  const auto send_when_there = [&](auto& source, const auto& render) {
    const auto suspend = [&] { MHD_suspend_connection(connection); };
    const auto value = request.waited ? source.last() : source.get(suspend, [connection] { MHD_resume_connection(connection); });
    if (!value && !std::exchange(request.waited, true)) return static_cast<int>(MHD_YES);
    return send(render(value.get()));
  };
  if (route.route == Route::none) return send(not_found());
  if (!request.may_read) return send(not_allowed());
  // A Unix socket is guarded by its mode.
  if (route.token && !listener_.unix_socket && !authorized(header_of(connection, MHD_HTTP_HEADER_AUTHORIZATION), config_.admin_tokens))
    return send(unauthorized());
  switch (route.route) {
    case Route::ready:
      return send_when_there(readiness_, [&](const Readiness* readiness) { return ready(readiness, version_); });
    case Route::snapshot:
      return send_when_there(view_, snapshot);
    case Route::prometheus:
      return send_when_there(view_, prometheus);
    case Route::page:
      return send_when_there(
          view_, [&](const View* view) { return status_page(view, header_of(connection, MHD_HTTP_HEADER_ACCEPT_LANGUAGE), version_, base::wall_now()); });
    case Route::live:
    case Route::none:
      break;
  }
  return send(live(version_));
}
