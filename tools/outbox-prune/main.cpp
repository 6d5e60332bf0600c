// outbox-prune: removes finished events, resolved dead letters and audit rows that are older than their retention.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "prune.hpp"

namespace {

const app::About about{"outbox-prune", "remove old finished events in bounded batches", "", {emit::doc_of<Pruned>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config));
    app::Stop stop{base::Milliseconds(0)};
    return prune(config, stop, context);
  });
}
