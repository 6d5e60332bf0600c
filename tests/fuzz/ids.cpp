// Ids on the standard input of dlq-replay.
#include "ids.hpp"

#include <stdexcept>

#include "base/text.hpp"
#include "fuzz.hpp"

void fuzz(std::string_view input) {
  try {
    if (const auto id = id_of(input)) promise(base::is_uuid(*id));
  } catch (const std::invalid_argument&) {
  }
}
