// Compiled once for each tool, with the tables of that tool.
#include "config.hpp"
#include "events.hpp"
#include "unit/documentation.hpp"

Documented documented() {
  auto config = std::make_shared<Config>();
  return {config, {"some-tool", "does something", "", {emit::doc_of<Summary>()}}, flags(*config), settings(*config)};
}
