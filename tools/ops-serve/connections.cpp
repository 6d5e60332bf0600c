#include "connections.hpp"

#include <sys/socket.h>

void Connections::set(int fd, base::Boottime::time_point end) {
  const std::scoped_lock lock(mutex_);
  ends_[fd] = end;
}

void Connections::closed(int fd) {
  const std::scoped_lock lock(mutex_);
  ends_.erase(fd);
}

void Connections::drop_slow(base::Boottime::time_point now) {
  const std::scoped_lock lock(mutex_);
  for (auto at = ends_.begin(); at != ends_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    // The server finds it at its end and closes it.
    shutdown(at->first, SHUT_RDWR);
    ++dropped_;
    at = ends_.erase(at);
  }
}
