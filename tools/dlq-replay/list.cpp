#include "list.hpp"

#include "events.hpp"
#include "selection.hpp"

base::Outcome list(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  const auto db = open_database(config, context);
  Summary summary;
  summary.action = name_of(config.action);
  each_selected(config, *db, summary, [&](const Item& item) { return output.event(item) && !stop.requested(); });
  summary.partial = stop.requested() || output.lost();
  tell_end(summary, stop, output);
  return context.finish(summary, output.failed() ? base::Outcome::output_error : base::Outcome::ok);
}
