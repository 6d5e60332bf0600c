// Where in the queue of each type the next claim begins. While a transaction is held open, PostgreSQL cannot remove what was finished
// since, and a claim that began at the beginning would read past all of it.
//
// A floor is where the claims of this runner had come to a moment ago. Behind it nothing was left but what others held. Yet an event
// can come to be there later: its transaction took long to commit, or another runner gave it back, or died in the middle of its claim.
// Whole claims, which begin at the beginning and pass over nothing, find that. They take a twentieth of the time: mostly they come ten
// times a second, and at the least every half a minute. In a long backlog it is a hundredth: where others claim, too, a whole claim reads
// all that they hold, each runner's does, and what waits there is not alone in waiting.
// In a long backlog most claims go on where the last one ended: between there and the floor lies what was finished in that moment.
// Where other runners claim, too, what they took since lies ahead, some thousand events. A claim does not read through them: it looks
// at one in every so many, about two of each batch, and begins after the last of those that is held.
// Events whose lease is over are looked for from where the first of them was when all of them were looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "outbox/queue.hpp"

namespace outbox {

class Floors {
 public:
  using Time = base::Boottime::time_point;

  // When the next claim, or look, is to be a whole one.
  [[nodiscard]] Time whole_at() const;
  // Now: what is behind the floors may have changed.
  void look_back() { went_whole({}, {}); }
  // Three parameters: the types that are known, the floor of each, and how far to look on from there at a time.
  void add_due(pg::Params& params, Time now, bool whole);
  void add_types(pg::Params& params) const;
  void add_suspect(pg::Params& params, bool whole) const;
  // What a claim found, oldest first, and whether that was as much as it asked for.
  void claimed(const std::vector<EventPtr>& events, bool full);
  // Of events that fell due earlier, no lease was over. In microseconds since 1970; nullopt: it is not known.
  void looked(std::optional<std::int64_t> suspect_us) { suspect_us_ = suspect_us; }
  void went_whole(Time sent_at, Time now) {
    whole_began_ = sent_at;
    whole_ended_ = now;
  }

 private:
  // Times of events, in microseconds since 1970. A claim begins at `settled`, which was `latest` a moment ago, or goes on at `latest`.
  struct Floor {
    std::int64_t latest = 0;
    std::int64_t step = 0;  // half of what the last claim spanned
    std::optional<std::int64_t> settling;
    std::optional<std::int64_t> settled;
  };
  void settle(Time now);

  std::map<std::string, Floor, std::less<>> floors_;
  std::optional<std::int64_t> suspect_us_;
  Time settled_at_{};
  Time from_settled_at_{};  // a claim began at the floors
  bool full_ = false;
  Time whole_began_{};
  Time whole_ended_{};
};

}  // namespace outbox
