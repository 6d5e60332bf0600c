#include "listen.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"

namespace {

constexpr int first_passed = 3;

base::Error failed(std::string detail, std::string hint) { return {base::Outcome::runtime_error, "cannot listen", std::move(detail), std::move(hint)}; }

// The one that systemd passed to this very process; -1 without.
int passed_descriptor() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || pid != std::to_string(getpid())) return -1;
  if (std::string_view(count) != "1") throw failed(fmt::format("systemd passed {} sockets", count), "give the socket unit one ListenStream=");
  return first_passed;
}

// What the kernel says that it listens on.
void describe(Listener& listener) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockname(listener.fd.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0 ||
      getsockopt(listener.fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
    throw failed("what systemd passed is no socket that listens", "use ListenStream= and Accept=no");
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_UNIX) {
    const auto* address = reinterpret_cast<const sockaddr_un*>(&storage);
    listener.unix_socket = true;
    listener.loopback = true;
    listener.address = length > offsetof(sockaddr_un, sun_path) ? std::string(address->sun_path) : std::string("unix");
  } else if (storage.ss_family == AF_INET6) {
    const auto* address = reinterpret_cast<const sockaddr_in6*>(&storage);
    inet_ntop(AF_INET6, &address->sin6_addr, text.data(), text.size());
    listener.loopback = IN6_IS_ADDR_LOOPBACK(&address->sin6_addr);
    listener.address = fmt::format("[{}]:{}", text.data(), ntohs(address->sin6_port));
  } else {
    const auto* address = reinterpret_cast<const sockaddr_in*>(&storage);
    inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
    listener.loopback = (ntohl(address->sin_addr.s_addr) >> 24U) == 127;
    listener.address = fmt::format("{}:{}", text.data(), ntohs(address->sin_port));
  }
}

}  // namespace

std::optional<std::string> parse_address(std::string_view text, Address& into) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return "has no port";
  const auto port = base::parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return "has a broken port";
  auto host = text.substr(0, colon);
  into = {};
  if (host.starts_with('[') && host.ends_with(']')) {
    auto* address = reinterpret_cast<sockaddr_in6*>(&into.storage);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(static_cast<std::uint16_t>(*port));
    into.length = sizeof *address;
    if (inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address->sin6_addr) == 1) return std::nullopt;
  } else {
    auto* address = reinterpret_cast<sockaddr_in*>(&into.storage);
    address->sin_family = AF_INET;
    address->sin_port = htons(static_cast<std::uint16_t>(*port));
    into.length = sizeof *address;
    if (inet_pton(AF_INET, std::string(host).c_str(), &address->sin_addr) == 1) return std::nullopt;
  }
  return "has a host that is no numeric address";
}

Listener open_listener(const Address& address) {
  Listener listener;
  if (const int passed = passed_descriptor(); passed >= 0) {
    listener.fd = base::Fd(passed);
    listener.from_systemd = true;
    fcntl(passed, F_SETFD, FD_CLOEXEC);
    fcntl(passed, F_SETFL, fcntl(passed, F_GETFL) | O_NONBLOCK);
  } else {
    listener.fd = base::Fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    setsockopt(listener.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener.fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 || listen(listener.fd.get(), SOMAXCONN) != 0) {
      throw failed(std::generic_category().message(errno), "see with 'ss -ltnp' who has the port of OPS_LISTEN, or choose another one");
    }
  }
  describe(listener);
  return listener;
}
