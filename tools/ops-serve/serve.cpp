#include "serve.hpp"

#include <poll.h>
#include <sys/resource.h>

#include "app/notify.hpp"
#include "events.hpp"
#include "listen.hpp"
#include "schema/check.hpp"
#include "server.hpp"

namespace {

using namespace std::chrono_literals;

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Listener listen_on(const Config& config) {
  auto listener = open_listener(config.listen);
  if (!listener.loopback && config.admin_tokens.empty()) {
    throw base::Error(base::Outcome::config_error, "bad setting ADMIN_TOKENS", "it is not set, and the socket can be reached from other hosts",
                      "set ADMIN_TOKENS, or let OPS_LISTEN be a loopback address");
  }
  return listener;
}

// Says once when the database goes away, when it is back, and when its schema is newer than this program.
class Changes {
 public:
  void tell(const std::shared_ptr<const View>& view, emit::Output& output) {
    if (!view) return;
    if (view->snapshot.schema_ahead && !std::exchange(ahead_, true)) output.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
    if (view->ok == ok_) return;
    ok_ = view->ok;
    if (ok_) {
      output.log(emit::Level::info, "the database answers again");
    } else {
      output.log(emit::Level::warning, "the database cannot be read", view->error, "health-probe db and health-probe schema say why");
    }
  }

 private:
  bool ok_ = true;
  bool ahead_ = false;
};

}  // namespace

base::Outcome serve(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  raise_descriptor_limit();
  app::Notify notify;
  const auto version = app::version_of("");
  Summary summary;
  {
    auto listener = listen_on(config);
    const Listening listening{listener.address, listener.from_systemd};
    Server server(config, std::move(listener), version.substr(1));
    output.event(listening);
    notify.ready();
    const base::Deadline end{config.max_seconds > 0 ? base::Milliseconds(std::chrono::seconds(config.max_seconds)) : base::Milliseconds(24h * 36500)};
    Changes changes;
    while (!stop.requested() && !end.over() && !output.lost()) {
      notify.alive();
      server.drop_slow_connections();
      changes.tell(server.last_view(), output);
      pollfd stopped{stop.fd(), POLLIN, 0};
      poll(&stopped, 1, static_cast<int>(std::min({base::Milliseconds(1000), end.left(), notify.interval().value_or(1000ms)}).count()));
    }
    notify.stopping();
    summary.requests = server.requests();
    summary.refused = server.refused();
    summary.dropped = server.dropped();
  }
  summary.stopped_by = stop.requested() ? stop.signal() : output.lost() ? "output" : "limit";
  return context.finish(summary, output.failed() ? base::Outcome::output_error : base::Outcome::ok);
}
