// Threads that may hang where nothing can cancel them, in a resolver for one.
#pragma once

#include <thread>

namespace base {

// Lets a thread end by itself. From then on the process has to end without taking down the libraries that the thread may be in:
// by _exit(), as app::run does.
void let_go(std::jthread thread);
bool has_let_go();

}  // namespace base
