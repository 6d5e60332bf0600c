// XML by libxml2, read as a stream of events: nothing is fetched, nothing is expanded, and every size has a limit.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "extract/extract.hpp"

namespace extract::xml {

using Attributes = std::vector<std::pair<std::string_view, std::string_view>>;  // local name, value

// Receives the events of one document. Names are local names; `ns` is the namespace URI, never the prefix.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  virtual void open(std::string_view ns, std::string_view name, const Attributes& attributes) = 0;
  virtual void close(std::string_view ns, std::string_view name) = 0;
  // Text around comments and CDATA comes in pieces.
  virtual void text(std::string_view piece) = 0;
  // Asked after every event: a value ends the parsing with it.
  virtual std::optional<Refusal> refused() { return std::nullopt; }
};

// Fills `buffer` and returns how many bytes it gave; 0 at the end, negative when there is no going on.
using Source = std::function<int(char* buffer, int size)>;

// Refuses any document that declares an entity (entity_declaration), is nested deeper than limits.max_depth (too_deep), has more than
// limits.max_nodes elements and attributes (too_many_entries), or is not well-formed (damaged).
std::optional<Refusal> parse(const Source& source, Handler& handler, const Limits& limits);
std::optional<Refusal> parse(std::string_view bytes, Handler& handler, const Limits& limits);

}  // namespace extract::xml
