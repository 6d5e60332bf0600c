// Gives up what reading a document does not need.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "sandbox/protocol.hpp"

namespace sandbox {

// Locks the calling process, and all that it forks, out of network and file system, as far as the kernel allows.
// Returns the walls that stand. Call it once, with everything loaded that is to be loaded.
std::uint32_t close_in();

// The system calls that remain, as a program for the kernel; made once, because every child loads it. Empty where the kernel has no seccomp.
std::vector<sock_filter> syscall_filter();

// In a child, last thing before it sees a document: limits, then the filter. False when one of them did not take.
bool confine(const Limits& limits, const std::vector<sock_filter>& filter);

}  // namespace sandbox
