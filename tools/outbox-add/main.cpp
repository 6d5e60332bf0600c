// outbox-add: enqueues JSON lines as outbox events.
#include "add.hpp"
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"

namespace {

const app::About about{"outbox-add", "enqueue JSON lines as outbox events", "", {emit::doc_of<Enqueued>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config));
    if (!config.envelope && (config.tenant.empty() || config.event_type.empty())) {
      throw base::Error(base::Outcome::usage_error, "wrong command line", "--tenant and --type are needed without --envelope", "see outbox-add --help");
    }
    app::Stop stop{base::Milliseconds(0)};
    return add(config, stop, context);
  });
}
