// sd_notify(3), spoken by hand: it is one datagram, and libsystemd would be a large library for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace app {

class Notify {
 public:
  Notify();  // reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; does nothing ever after when unset

  void ready() { send("READY=1"); }
  void stopping() { send("STOPPING=1"); }
  void status(std::string_view text);
  // To be called from the work loop, as often as it goes round: pings at a third of the watchdog's interval.
  void alive();
  // How often alive() must be called at least; nullopt without a watchdog.
  [[nodiscard]] std::optional<base::Milliseconds> interval() const { return interval_; }

 private:
  void send(std::string_view message) const;

  std::string socket_;
  std::string last_status_;
  std::optional<base::Milliseconds> interval_;
  base::Boottime::time_point pinged_{};
};

}  // namespace app
