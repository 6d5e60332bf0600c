#include "base/thread.hpp"

#include <atomic>

namespace base {
namespace {

std::atomic<bool> let_one_go = false;

}  // namespace

void let_go(std::jthread thread) {
  let_one_go = true;
  thread.detach();
}

// Not taken back when the thread ends: what libraries keep for it is given up only after its last statement.
bool has_let_go() { return let_one_go; }

}  // namespace base
