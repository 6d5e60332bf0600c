// The extractor's side: a warm parent that forks a child for every document.
// Nothing of a document can survive into the next one, because no process ever sees two.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sandbox/protocol.hpp"

namespace sandbox {

// Reads a document and returns the answer. Runs in a child of its own, behind all walls; std::bad_alloc tells that memory is used up.
using Reader = std::function<std::string(std::string_view document, std::string_view mime)>;

// Serves the worker at control_fd until it is gone. Everything that `reader` loads at its first use should be loaded before.
// Walls::none is for measuring what they cost.
enum class Walls { all, none };
void serve(const Limits& limits, const Reader& reader, Walls walls = Walls::all);

// Reads one document in a child of this process, behind the same walls, and waits for it. `document` is open for reading.
Answer read_once(const Limits& limits, const Reader& reader, int document, std::string_view mime);

}  // namespace sandbox
