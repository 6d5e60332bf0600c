// A JSON line is a struct: its name, its fields and what they mean, declared once.
// Lines, text output and the man pages' OUTPUT section all come from that declaration.
//
//     struct Enqueued {
//       static constexpr std::string_view type = "enqueued";
//       static constexpr std::string_view about = "An event is in the outbox.";
//       std::string event_id;
//       bool duplicate;
//       static constexpr auto fields = emit::fields(
//           emit::field("event_id", &Enqueued::event_id, "The event."),
//           emit::field("duplicate", &Enqueued::duplicate, "True when the key was known."));
//     };
#pragma once

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "emit/json.hpp"

namespace emit {

template <class Event, class T>
struct Field {
  std::string_view name;
  T Event::*member;
  std::string_view help;
};

template <class Event, class T>
constexpr Field<Event, T> field(std::string_view name, T Event::*member, std::string_view help) {
  return {name, member, help};
}

template <class... F>
constexpr std::tuple<F...> fields(F... f) {
  return {f...};
}

// What `describe` tells about a line.
struct EventDoc {
  std::string_view type;
  std::string_view about;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
};

template <class Event>
EventDoc doc_of() {
  EventDoc doc{Event::type, Event::about, {}};
  std::apply([&](const auto&... f) { (doc.fields.emplace_back(f.name, f.help), ...); }, Event::fields);
  return doc;
}

template <class Event>
void append_fields(std::string& out, const Event& event) {
  std::apply(
      [&](const auto&... f) {
        const auto one = [&](const auto& g) {
          out += ",\"";
          out += g.name;
          out += "\":";
          append_value(out, event.*(g.member));
        };
        (one(f), ...);
      },
      Event::fields);
}

template <class Event>
void append_text(std::string& out, const Event& event) {
  std::apply(
      [&](const auto&... f) {
        const auto one = [&](const auto& g) {
          std::string value;
          append_value(value, event.*(g.member));
          if (value == "null") return;
          if (value.size() >= 2 && value.front() == '"' && value.find_first_of(" =\\") == std::string::npos) value = value.substr(1, value.size() - 2);
          out += "  ";
          out += g.name;
          out += '=';
          out += value;
        };
        (one(f), ...);
      },
      Event::fields);
}

}  // namespace emit
