// From what was found in one run to what is to be said about it: hold, begin, worsen, repeat, resolve.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.hpp"
#include "watch/moment.hpp"
#include "watch/state.hpp"

namespace watch {

enum class Finding {
  clear,
  exceeded,
  no_data,       // not enough was measured yet to say anything
  undetermined,  // could not be measured: unknown, never ok
};

// What a run found about one thing that is watched.
struct Verdict {
  std::string key;
  base::Outcome severity = base::Outcome::critical;  // when exceeded: warning or critical
  Finding finding = Finding::clear;
  base::Milliseconds hold{0};  // it must be exceeded for so long to count
  base::Milliseconds keep{0};  // and counts for so long after it last was
};

struct Policy {
  base::Milliseconds repeat{std::chrono::hours(4)};
  int clear_after = 2;  // clean runs until an alarm is resolved; one that could not be determined is not clean
};

struct Judged {
  std::string key;
  base::Outcome state = base::Outcome::ok;  // of this run: it decides the exit status
  std::string phase = "ok";                 // of the alarm: ok, pending, firing, resolved or unknown
  Moment since;                             // of the phase
  // first, worse, repeat, resolved or flapping: why this is news; nullopt when it is none.
  std::optional<std::string_view> news;
  base::Outcome level = base::Outcome::ok;  // of the alarm
  bool removed = false;                     // no longer watched; the alarm ends
};

// Judges one verdict, and remembers it. What is told has to be acknowledged once it has been.
//
// state follows the condition with its hold and keep times. The alarm follows the state, but ends only after so many clean
// runs, and what is news follows the alarm: `first` when it begins, `worse` when its level rises, `repeat` after so long,
// `resolved` when it ends. An alarm that begins or ends more than four times in twenty runs is `flapping`: said once, and
// then only what is worse, until ten runs bring no change.
Judged judge(const Verdict& verdict, Memory& memory, const Policy& policy, const Moment& now);

// All of a run. What is remembered and has no verdict is no longer watched: news if an alarm was told, else forgotten.
std::vector<Judged> judge_all(const std::vector<Verdict>& verdicts, State& state, const Policy& policy, const Moment& now);

// The news has reached whoever is told.
void acknowledge(const Judged& judged, State& state, const Moment& now);

// The same for the same thing in every run: 16 hexadecimal digits of the SHA-256 of tool and key.
std::string fingerprint(std::string_view tool, std::string_view key);

}  // namespace watch
