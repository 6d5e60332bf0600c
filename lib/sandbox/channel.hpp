// Messages with descriptors over a SOCK_SEQPACKET socket.
#pragma once

#include <array>
#include <span>

#include "base/fd.hpp"
#include "sandbox/protocol.hpp"

namespace sandbox {

class Channel {
 public:
  enum class Got { message, nothing, end };

  // Does not own the socket.
  explicit Channel(int fd) : fd_(fd) {}

  // Blocks while the other side is slow to read: replies are few and small.
  bool send(const Reply& reply) const;
  // Does not block; false when the other side takes no more now, or is gone.
  bool send(const Request& request, std::span<const int, 2> fds) const;

  Got receive(Request& request, std::array<base::Fd, 2>& fds) const;
  Got receive(Reply& reply) const;

 private:
  int fd_;
};

}  // namespace sandbox
