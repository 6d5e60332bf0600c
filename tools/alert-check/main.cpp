// alert-check: compares the metrics snapshot with thresholds, and says what begins, worsens, repeats and is resolved.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "check.hpp"
#include "config.hpp"
#include "events.hpp"

namespace {

const app::About about{
    "alert-check", "compare the metrics snapshot with thresholds", "[SOURCE] [-- COMMAND…]", {emit::doc_of<RuleLine>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config), &config.arguments, &config.watch.command);
    app::Stop stop{base::Milliseconds(0)};
    return check(config, stop, context, watch::Moment::now());
  });
}
