// What a watcher remembers from run to run, and the file that it is kept in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/outcome.hpp"
#include "watch/moment.hpp"

namespace watch {

// What has been said about an alarm.
struct Told {
  base::Outcome level = base::Outcome::ok;
  Moment at;
};

// Of one thing that is watched (a rule, a target).
struct Memory {
  std::string phase = "ok";
  Moment since;                             // of the phase
  base::Outcome level = base::Outcome::ok;  // of the alarm; ok: there is none
  std::optional<Moment> exceeded_since;     // without a break, for a hold time
  std::optional<Moment> exceeded_last;      // for a time that it is kept
  int clean_runs = 0;                       // since the alarm's condition went away
  std::optional<Told> told;                 // nullopt: whoever is told believes that all is well
  std::string history;                      // of the last runs, latest last: 'x' alarm, '.' none
  bool flapping = false;
  bool flapping_told = false;
};

// A measured value, for rules that compare with what was before.
struct Sample {
  Moment at;
  double value = 0;
};

struct State {
  std::string source;  // where the samples are from
  std::map<std::string, Memory> memories;
  std::map<std::string, std::vector<Sample>> samples;  // oldest first
};

std::string to_json(const State& state);
// nullopt for what is damaged, or written by a version that this one does not know.
std::optional<State> from_json(std::string_view text);

// FOLDER/NAME.json, locked by FOLDER/NAME.lock while this lives. Survives loss of power: the content is on the disk before
// the file is replaced by it.
class StateFile {
 public:
  StateFile(const std::string& folder, const std::string& name);

  enum class Opened {
    yes,
    busy,      // another run has it
    damaged,   // it was set aside as NAME.json.damaged: the state is empty
    unusable,  // see problem()
  };
  [[nodiscard]] Opened opened() const { return opened_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] State& state() { return state_; }
  // False when it could not be written; see problem().
  bool save();

 private:
  void read();
  void refuse(std::string problem);

  std::string path_;
  base::Fd lock_;
  State state_;
  std::string problem_;
  Opened opened_ = Opened::yes;
};

}  // namespace watch
