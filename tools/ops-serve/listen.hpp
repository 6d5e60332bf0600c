// The socket on which requests come in.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hpp"

// A numeric address: a name could come to mean another one.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// "127.0.0.1:8470" or "[::1]:8470"; port 0 lets the kernel choose. Returns what is wrong instead.
std::optional<std::string> parse_address(std::string_view text, Address& into);

struct Listener {
  base::Fd fd;
  std::string address;
  bool from_systemd = false;
  bool unix_socket = false;
  bool loopback = false;  // true for a Unix socket, too
};

// The socket that systemd passed (sd_listen_fds(3)), else a new one. Throws base::Error.
Listener open_listener(const Address& address);
