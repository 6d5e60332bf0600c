// ops-metrics: prints the metrics snapshot as JSON, as Prometheus text, or for people.
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "measure.hpp"

namespace {

const app::About about{"ops-metrics", "print the metrics snapshot", "", {emit::doc_of<metrics::Snapshot>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config));
    return measure(config, context);
  });
}
