#include "window.hpp"

#include <algorithm>

namespace {

constexpr int samples_in_window = 500;  // more often than that nothing is kept

std::optional<base::Milliseconds> age(const watch::Sample& sample, const watch::Moment& now) { return watch::elapsed(sample.at, now); }

}  // namespace

std::optional<Change> delta(const std::vector<watch::Sample>& samples, double value, base::Milliseconds window, const watch::Moment& now) {
  Change change;
  double newer = value;
  bool found = false;
  // From now back to the sample that it is measured from.
  for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample) {
    const auto old = age(*sample, now);
    if (!old) break;  // from a time that is yet to come: neither it nor what was before it can be placed
    const bool fell = newer < sample->value;
    change.value += fell ? newer : newer - sample->value;
    change.reset = change.reset || fell;
    change.span = *old;
    newer = sample->value;
    found = true;
    if (*old >= window) break;
  }
  if (!found) return std::nullopt;
  if (change.span > 2 * window) {
    change.value *= static_cast<double>(window.count()) / static_cast<double>(change.span.count());
    change.scaled = true;
  }
  return change;
}

void add_sample(std::vector<watch::Sample>& samples, double value, base::Milliseconds window, const watch::Moment& now) {
  const auto placed = std::ranges::find_if_not(samples.rbegin(), samples.rend(), [&](const watch::Sample& sample) { return age(sample, now).has_value(); });
  samples.erase(samples.begin(), placed.base());
  // The newest that is as old as the window is needed, those before it are not.
  const auto needed = std::ranges::find_if(samples.rbegin(), samples.rend(), [&](const watch::Sample& sample) { return *age(sample, now) >= window; });
  if (needed != samples.rend()) samples.erase(samples.begin(), needed.base() - 1);
  if (!samples.empty() && *age(samples.back(), now) < window / samples_in_window && samples.back().value <= value) return;
  samples.push_back({now, value});
}
