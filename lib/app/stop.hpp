// Stopping by signal.
#pragma once

#include <string_view>

#include "base/clock.hpp"

namespace app {

// While one of these lives, SIGTERM and SIGINT ask for a stop instead of killing. One at a time.
// Should the process not have ended 9.7 seconds after the first signal, whatever hangs, it ends with
// exit code 0: what is leased is left to its lease.
class Stop {
 public:
  explicit Stop(base::Milliseconds grace);
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  [[nodiscard]] bool requested() const;
  [[nodiscard]] std::string_view signal() const;  // SIGTERM or SIGINT; empty before
  [[nodiscard]] int fd() const;                   // readable from then on
  // True when work in flight has had its time.
  [[nodiscard]] bool grace_over() const;
  [[nodiscard]] base::Milliseconds grace_left() const;
  // How long the grace has been over; 0 before.
  [[nodiscard]] base::Milliseconds over_by() const;

 private:
  base::Milliseconds grace_;
};

}  // namespace app
