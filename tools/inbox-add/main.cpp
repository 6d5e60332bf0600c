// inbox-add: stores documents and enqueues them for inbox-work, once for each tenant and content.
#include "add.hpp"
#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"

namespace {

const app::About about{"inbox-add", "store documents and enqueue them for reading", "FILE… | -", {emit::doc_of<Added>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    context.configure(flags(config), settings(config), &config.files);
    check_usage(config);
    app::Stop stop{base::Milliseconds(0)};
    return add(config, stop, context);
  });
}
