// inbox-work: reads validated inbox items, each document in a process of its own, with effect exactly once.
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "work.hpp"

namespace {

const app::About about{
    "inbox-work",
    "read the documents of validated inbox items",
    "",
    {emit::doc_of<Parsed>(), emit::doc_of<ParseFailed>(), emit::doc_of<Pass>(), emit::doc_of<Summary>()},
};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config));
    config.check_usage();
    app::Stop stop{base::Milliseconds(config.grace_ms)};
    return work(config, stop, context);
  });
}
