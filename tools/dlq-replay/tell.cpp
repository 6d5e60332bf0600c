#include "tell.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"

namespace {

// Names and values in columns; what is not known is left out.
std::string text_of(const DeadLetter& letter) {
  std::string out;
  std::apply(
      [&](const auto&... f) {
        const auto width = std::max({f.name.size()...});
        const auto one = [&](const auto& g) {
          std::string value;
          emit::append_value(value, letter.*(g.member));
          if (value == "null") return;
          if (value.starts_with('"') && value.find('\\') == std::string::npos) value = value.substr(1, value.size() - 2);
          out += fmt::format("{:<{}}  {}\n", g.name, width, value);
        };
        (one(f), ...);
      },
      DeadLetter::fields);
  return out + "\n";
}

}  // namespace

std::string text_of(const Item& item) {
  if (item.event_id.empty()) return fmt::format("{:<13} {}\n", item.outcome, item.id);  // of one that the database refused nothing more is known
  const auto replays = item.replay_count == 0 ? "" : fmt::format(", replayed {}x", item.replay_count);
  return fmt::format("{:<13} {}  {}, dead for {}{}\n    {}  {}\n", item.outcome, item.event_type, item.reason,
                     base::duration_text(std::chrono::seconds(item.age_s)), replays, item.id, item.tenant_id);
}

std::string next_step(const Config& config, const Summary& summary) {
  if (summary.partial) return "run the same again for the rest";
  if (config.action == Action::show || config.commit) return "";
  if (summary.selected == 0) return "no dead letter is meant by this call";
  if (summary.expect == 0) return "nothing can be done with any of these; the man page says what their outcomes mean";
  if (config.action == Action::list) return "with replay instead of list: see what a replay would do; with show: look at them closely";
  return fmt::format("to do it, add: --commit --expect {} --cause 'TEXT'{}", summary.expect, summary.more ? "; for more of them, raise --limit first" : "");
}

bool tell(const Item& item, emit::Output& output) { return output.text() ? output.plain(text_of(item)) : output.event(item); }

bool tell(const DeadLetter& letter, emit::Output& output) { return output.text() ? output.plain(text_of(letter)) : output.event(letter); }

void tell_end(const Config& config, Summary& summary, const app::Stop& stop, emit::Output& output) {
  summary.stopped_by = stop.requested() ? stop.signal() : output.lost() ? "output" : "end";
  const auto next = output.text() ? next_step(config, summary) : "";
  if (!next.empty() && !output.lost()) output.plain(fmt::format("-> {}\n", next));
}
