// heartbeat-watch: raises an alarm when a runner does not loop, or loops with work due and gets nothing done.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "follow.hpp"
#include "look.hpp"

namespace {

const app::About about{"heartbeat-watch", "watch the heartbeats of runners", "[-- COMMAND…]", {emit::doc_of<HeartbeatLine>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config), nullptr, &config.watch.command);
    app::Stop stop{base::Milliseconds(0)};
    if (config.follow) return follow(config, stop, context);
    return look(config, stop, context, watch::Moment::now());
  });
}
