// dlq-replay: lists, shows, replays and discards dead letters; changes nothing without --commit, and keeps account of who did.
#include <unistd.h>

#include "app/stop.hpp"
#include "app/tool.hpp"
#include "config.hpp"
#include "events.hpp"
#include "ids.hpp"
#include "list.hpp"
#include "replay.hpp"
#include "show.hpp"

namespace {

const app::About about{"dlq-replay",
                       "list, replay or discard dead letters",
                       "list|show|replay|discard",
                       {emit::doc_of<Item>(), emit::doc_of<DeadLetter>(), emit::doc_of<Summary>()}};

}  // namespace

int main(int argc, char** argv) {
  return app::run(about, argc, argv, [](app::Context& context) {
    Config config;
    std::vector<std::string> arguments;
    context.configure(flags(config), settings(config), &arguments);
    check_call(config, arguments);
    app::Stop stop{base::Milliseconds(0)};
    if (config.ids_from_stdin && !read_ids(STDIN_FILENO, stop.fd(), config.ids)) {
      Summary summary;
      summary.action = name_of(config.action);
      summary.partial = true;
      summary.stopped_by = stop.signal();
      return context.finish(summary, base::Outcome::ok);
    }
    if (config.action == Action::show) return show(config, stop, context);
    return config.commit ? replay(config, stop, context) : list(config, stop, context);
  });
}
