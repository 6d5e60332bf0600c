// ops-serve: health, metrics and a status page over HTTP, for load balancers, Prometheus and people.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "serve.hpp"

namespace {

const app::About about{"ops-serve", "serve health, metrics and a status page", "", {emit::doc_of<Listening>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config));
    app::Stop stop{base::Milliseconds(0)};
    return serve(config, stop, context);
  });
}
