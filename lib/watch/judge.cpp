#include "watch/judge.hpp"

#include <algorithm>

#include "base/digest.hpp"

namespace watch {
namespace {

using base::Outcome;

constexpr std::size_t history_runs = 20;
constexpr std::ptrdiff_t most_changes = 4;
constexpr std::size_t stable_runs = 10;

std::ptrdiff_t changes(std::string_view history) {
  std::ptrdiff_t count = 0;
  for (std::size_t i = 1; i < history.size(); ++i) count += history[i] != history[i - 1] ? 1 : 0;
  return count;
}

// The state of this run: the condition with its hold and keep times.
Outcome state_of(const Verdict& verdict, Memory& memory, const Moment& now) {
  switch (verdict.finding) {
    case Finding::undetermined:
      return Outcome::unknown;
    case Finding::no_data:
      return Outcome::ok;
    case Finding::exceeded: {
      if (!memory.exceeded_since || !elapsed(*memory.exceeded_since, now)) memory.exceeded_since = now;
      if (*elapsed(*memory.exceeded_since, now) < verdict.hold) return Outcome::ok;
      memory.exceeded_last = now;
      return verdict.severity;
    }
    case Finding::clear:
      break;
  }
  memory.exceeded_since.reset();
  if (memory.exceeded_last && verdict.keep.count() > 0) {
    const auto passed = elapsed(*memory.exceeded_last, now);
    if (passed && *passed < verdict.keep) return verdict.severity;
  }
  memory.exceeded_last.reset();
  return Outcome::ok;
}

// The alarm: true when it ends in this run.
bool follow(const Verdict& verdict, Outcome state, Memory& memory, const Policy& policy) {
  if (state == Outcome::warning || state == Outcome::critical) {
    memory.level = state;
    memory.clean_runs = 0;
  } else if (state == Outcome::unknown) {
    memory.level = std::max(memory.level, Outcome::unknown);  // what was firing goes on
    memory.clean_runs = 0;
  } else if (verdict.finding == Finding::clear && memory.level != Outcome::ok) {
    if (++memory.clean_runs >= policy.clear_after) {
      memory.level = Outcome::ok;
      memory.clean_runs = 0;
      return true;
    }
  }
  return false;
}

std::string_view phase_of(const Verdict& verdict, Outcome state, const Memory& memory, bool ended) {
  if (ended) return "resolved";
  if (verdict.finding == Finding::undetermined) return "unknown";
  if (memory.level >= Outcome::warning) return "firing";
  if (verdict.finding == Finding::no_data || (verdict.finding == Finding::exceeded && state == Outcome::ok)) return "pending";
  return memory.level == Outcome::unknown ? "unknown" : "ok";
}

bool repeat_due(const Memory& memory, const Policy& policy, const Moment& now) {
  const auto passed = elapsed(memory.told->at, now);
  return !passed || *passed >= policy.repeat;  // who cannot say when says it again
}

// An alarm whose condition is gone is waited for to end: it neither begins nor repeats.
std::optional<std::string_view> news_of(const Memory& memory, Outcome state, const Policy& policy, const Moment& now) {
  const bool alarm = memory.level != Outcome::ok;
  if (alarm && memory.told && memory.level > memory.told->level) return "worse";
  if (memory.flapping) return memory.flapping_told ? std::nullopt : std::optional<std::string_view>("flapping");
  if (alarm && state != Outcome::ok && !memory.told) return "first";
  if (alarm && state != Outcome::ok && repeat_due(memory, policy, now)) return "repeat";
  if (!alarm && memory.told) return "resolved";
  return std::nullopt;
}

void note_history(Memory& memory) {
  memory.history += memory.level == Outcome::ok ? '.' : 'x';
  if (memory.history.size() > history_runs + 1) memory.history.erase(0, memory.history.size() - history_runs - 1);
  if (!memory.flapping) {
    memory.flapping = changes(memory.history) > most_changes;
    return;
  }
  const auto recent = std::string_view(memory.history).substr(memory.history.size() - std::min(memory.history.size(), stable_runs + 1));
  if (changes(recent) == 0) {
    memory.flapping = false;
    memory.flapping_told = false;
    memory.history.clear();
  }
}

}  // namespace

Judged judge(const Verdict& verdict, Memory& memory, const Policy& policy, const Moment& now) {
  Judged judged;
  judged.key = verdict.key;
  judged.state = state_of(verdict, memory, now);
  const bool ended = follow(verdict, judged.state, memory, policy);
  judged.phase = phase_of(verdict, judged.state, memory, ended);
  if (judged.phase != memory.phase) {
    memory.phase = judged.phase;
    memory.since = now;
  }
  judged.since = memory.since;
  judged.level = memory.level;
  note_history(memory);
  judged.news = news_of(memory, judged.state, policy, now);
  if (judged.news == "resolved") judged.phase = "resolved";  // said again, when it could not be told in the run that it was so
  return judged;
}

std::vector<Judged> judge_all(const std::vector<Verdict>& verdicts, State& state, const Policy& policy, const Moment& now) {
  std::vector<Judged> all;
  for (const auto& verdict : verdicts) {
    const auto [memory, is_new] = state.memories.try_emplace(verdict.key);
    if (is_new) memory->second.since = now;
    all.push_back(judge(verdict, memory->second, policy, now));
  }
  for (auto memory = state.memories.begin(); memory != state.memories.end();) {
    const auto& key = memory->first;
    if (std::ranges::find(verdicts, key, &Verdict::key) != verdicts.end()) {
      ++memory;
    } else if (memory->second.told) {
      all.push_back({key, Outcome::ok, "resolved", now, "resolved", Outcome::ok, true});
      ++memory;
    } else {
      memory = state.memories.erase(memory);
    }
  }
  return all;
}

void acknowledge(const Judged& judged, State& state, const Moment& now) {
  if (!judged.news) return;
  if (judged.removed) {
    state.memories.erase(judged.key);
    return;
  }
  auto& memory = state.memories.at(judged.key);
  memory.flapping_told = memory.flapping;
  if (judged.level == Outcome::ok) {
    memory.told.reset();
  } else {
    memory.told = Told{judged.level, now};
  }
}

std::string fingerprint(std::string_view tool, std::string_view key) {
  const auto digest = base::sha256(std::string(tool) + '\0' + std::string(key));
  return base::hex(base::bytes_of(digest)).substr(0, 16);
}

}  // namespace watch
