// Waking up when a producer commits. A ring is only a hint: the runner polls all the same.
// The protocol (who sleeps, who must ring) is described at zero_admin.ring_bell() in the schema.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "emit/output.hpp"
#include "outbox/queue.hpp"
#include "pg/connection.hpp"

namespace outbox {

enum class Bells { outbox = 1, inbox = 2 };

// Listens on a direct connection of its own and keeps the sleeper's locks there, so that both end with it.
// Before it relies on that connection it asks, by a probe that is sent from the work connection, whether
// notifications arrive at all: through a transaction pooler they do not.
class Bell {
 public:
  Bell(pg::Options options, std::vector<Bells> bells, emit::Output& output);

  // Moves on: connects, reads, times out. Call whenever fd() is ready or a second has passed.
  void step();
  // A probe to go out on the work connection.
  void add_probe(Round& round);

  // Declares that the runner is about to sleep. When asleep() turns true, it must look for work once more.
  void fall_asleep();
  void wake_up();
  [[nodiscard]] bool asleep() const { return state_ == State::asleep; }
  // True once for any number of rings since the last call.
  bool rung() { return std::exchange(rung_, false); }

  // Drops the connection and makes it anew: after a failover it may hang on the wrong host.
  void reset();

  [[nodiscard]] int fd() const;  // -1: nothing to wait for
  [[nodiscard]] short events() const;

 private:
  enum class State { waiting, connecting, subscribing, probing, awake, falling_asleep, asleep, waking };

  void fail();
  void finished();
  void read_notifications();

  pg::Options options_;
  std::vector<Bells> bells_;
  emit::Output& output_;
  std::optional<pg::Connector> connector_;
  std::unique_ptr<pg::Connection> connection_;
  State state_ = State::waiting;
  base::Boottime::time_point wait_until_{};
  base::Boottime::time_point verified_at_{};
  std::string nonce_;
  bool probe_sent_ = false;
  bool reprobing_ = false;
  bool rung_ = false;
  bool said_ = false;
};

}  // namespace outbox
