#include "list.hpp"

#include <fmt/format.h>

#include "events.hpp"
#include "selection.hpp"
#include "tell.hpp"

base::Outcome list(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  const auto db = open_database(config, context);
  Summary summary;
  summary.action = name_of(config.action);
  each_selected(config, *db, summary, [&](Item item) {
    if (config.action != Action::list && doable(config.action, item.outcome)) item.outcome = fmt::format("would_{}", name_of(config.action));
    return tell(item, output) && !stop.requested();
  });
  summary.partial = stop.requested() || output.lost();
  tell_end(config, summary, stop, output);
  return context.finish(summary, output.failed() ? base::Outcome::output_error : base::Outcome::ok);
}
