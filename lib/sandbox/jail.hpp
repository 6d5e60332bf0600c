// Gives up what reading a document does not need.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "sandbox/protocol.hpp"

namespace sandbox {

// The walls around a process that forks readers, and what its children give up besides.
class Jail {
 public:
  // Locks the calling process, and all that it forks, out of network and file system, as far as the kernel allows, and leaves it
  // the system calls of a reader and of who forks readers. Make it once, with everything loaded that is to be loaded.
  Jail();

  [[nodiscard]] std::uint32_t walls() const { return walls_; }

  // In a child, last thing before it sees a document: limits, then the filter that leaves it the system calls of a reader. False
  // when one of them did not take.
  [[nodiscard]] bool confine(const Limits& limits) const;

 private:
  std::uint32_t walls_ = 0;
  // Small, because every child loads it: it only takes away from what the first filter, which all inherit, allows. Empty where
  // the kernel has no seccomp.
  std::vector<sock_filter> filter_;
};

}  // namespace sandbox
