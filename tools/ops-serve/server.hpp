// HTTP by libmicrohttpd: one thread that never waits for the database.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "config.hpp"
#include "connections.hpp"
#include "listen.hpp"
#include "source.hpp"
#include "view.hpp"

struct MHD_Daemon;
struct MHD_Connection;

class Server {
 public:
  // Takes connections from here on. Throws base::Error.
  Server(const Config& config, Listener listener, std::string version);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // To be called about once a second.
  void drop_slow_connections() { connections_.drop_slow(base::Boottime::now()); }
  // What the last readings found; null before the first.
  [[nodiscard]] std::shared_ptr<const View> last_view() { return view_.last(); }

  [[nodiscard]] std::int64_t requests() const { return requests_; }
  [[nodiscard]] std::int64_t refused() const { return refused_; }
  [[nodiscard]] std::int64_t dropped() const { return connections_.dropped(); }

 private:
  struct Request;
  struct Callbacks;

  // Queues the answer, or suspends the connection until there is what the answer needs.
  int handle(MHD_Connection* connection, Request& request);

  const Config& config_;
  Listener listener_;
  std::string version_;
  ViewReader view_reader_;
  ReadinessReader readiness_reader_;
  Source<View> view_;
  Source<Readiness> readiness_;
  Connections connections_;
  std::atomic<std::int64_t> requests_ = 0;
  std::atomic<std::int64_t> refused_ = 0;
  MHD_Daemon* daemon_ = nullptr;
};
