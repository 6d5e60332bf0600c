// What a worker and its extractor say to each other, over a SOCK_SEQPACKET pair that the extractor finds as descriptor 3.
// Both are of one build and one machine, so plain structs travel.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>

namespace sandbox {

inline constexpr int control_fd = 3;

// What holds the processes that read documents; each is told to the worker as it starts.
enum Wall : std::uint32_t {
  seccomp = 1,     // no system call but those that computing needs: no files, no network, no processes
  landlock = 2,    // no path can be opened
  namespaces = 4,  // a user and a network namespace of their own, the latter empty
};

// Worker to extractor, with two descriptors: the document, and a memfd for the answer.
struct Request {
  std::uint64_t job = 0;
  std::array<char, 128> mime{};  // as declared; ends with NUL
};

enum class End : std::uint32_t {
  ready,          // not of a job: the extractor is warm; `detail` has its walls
  answered,       // the answer is whole
  timeout,        // time or CPU time is used up
  out_of_memory,  // an allocation over the limit
  crash,          // `detail` is the signal, or 0 after an exit that is none of ours
  not_started,    // no process could be made: nothing of the document was read
};

// Extractor to worker.
struct Reply {
  std::uint64_t job = 0;
  End end = End::ready;
  std::uint32_t detail = 0;
};

static_assert(std::is_trivially_copyable_v<Request> && std::is_trivially_copyable_v<Reply>);

// Of one document.
struct Limits {
  std::uint64_t memory_bytes = 536870912;  // address space
  std::uint64_t output_bytes = 67108864;   // answer
  std::uint32_t timeout_ms = 10000;        // wall clock; CPU time is limited to the same, rounded up to a second
};

struct Answer {
  std::uint64_t job = 0;
  End end = End::answered;
  std::uint32_t detail = 0;
  std::string text;  // from a process that may be in a stranger's hands: check everything
};

}  // namespace sandbox
