// How long connections may take. The server itself only notices silence; one that sends a byte now and then is closed here.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/clock.hpp"

// Called from the server's thread and from another one. A descriptor is not closed before closed() has returned.
class Connections {
 public:
  // From its opening, or the end of its last request, a connection has 10 seconds for the header of the next one; and from there 20
  // seconds until the answer is taken.
  void opened(int fd, base::Boottime::time_point now) { set(fd, now + header_time); }
  void idle(int fd, base::Boottime::time_point now) { set(fd, now + header_time); }
  void working(int fd, base::Boottime::time_point now) { set(fd, now + request_time); }
  void closed(int fd);

  void drop_slow(base::Boottime::time_point now);
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }

 private:
  static constexpr std::chrono::seconds header_time{10};
  static constexpr std::chrono::seconds request_time{20};

  void set(int fd, base::Boottime::time_point end);

  std::mutex mutex_;
  std::map<int, base::Boottime::time_point> ends_;
  std::atomic<std::int64_t> dropped_ = 0;
};
