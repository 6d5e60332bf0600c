// outbox-publish: delivers due outbox events, the oldest of each type first, at least once.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "publish.hpp"

namespace {

const app::About about{
    "outbox-publish",
    "deliver due outbox events to a webhook or to standard output",
    "",
    {emit::doc_of<PublishedWithPayload>(), emit::doc_of<PublishFailed>(), emit::doc_of<Breaker>(), emit::doc_of<Pass>(), emit::doc_of<Summary>()},
};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config));
    config.check_usage();
    app::Stop stop{base::Milliseconds(config.grace_ms)};
    return publish(config, stop, context);
  });
}
