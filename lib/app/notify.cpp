#include "app/notify.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/fd.hpp"
#include "base/text.hpp"

namespace app {

Notify::Notify() {
  if (const char* path = std::getenv("NOTIFY_SOCKET"); path != nullptr) socket_ = path;
  const char* usec = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  if (usec == nullptr || (pid != nullptr && pid != std::to_string(getpid()))) return;
  if (const auto number = base::parse_integer(usec); number && *number > 0) interval_ = base::Milliseconds(std::max<std::int64_t>(*number / 3000, 1));
}

void Notify::status(std::string_view text) {
  if (text == last_status_) return;
  last_status_ = text;
  send(fmt::format("STATUS={}", text));
}

void Notify::alive() {
  const auto now = base::Boottime::now();
  if (!interval_ || now - pinged_ < *interval_) return;
  pinged_ = now;
  send("WATCHDOG=1");
}

void Notify::send(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // abstract
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const base::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // Losing one is no harm: the next follows, and systemd acts on silence only.
  sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace app
