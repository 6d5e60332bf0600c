// health-probe: says whether something is ready, and if not, which of the many ways of not being ready it is.
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "probe.hpp"

namespace {

const app::About about{"health-probe",
                       "probe readiness, database, schema, webhook and secrets",
                       "[live|ready URL|db|schema|webhook|secrets|all [URL]]",
                       {emit::doc_of<Probe>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [&](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config), &config.arguments);
    check_call(config);
    return probe(config, context);
  });
}
