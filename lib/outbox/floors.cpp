#include "outbox/floors.hpp"

#include <algorithm>
#include <string_view>

namespace outbox {
namespace {

using namespace std::chrono_literals;

// Transactions that enqueue at the same time commit in another order than that of their events. What commits within one
// to two of these is found as before.
constexpr auto settles_after = 250ms;
// What came to be behind the last claim waits this long in a backlog. Where many runners claim, to begin further back is dear for each.
constexpr auto longest_from_latest = 5s;
constexpr auto longest_without_whole = 30s;
// What is behind the floors has taken longer than that to come there, and waits this long for company.
constexpr auto shortest_without_whole = 100ms;
constexpr int share_of_whole = 20;
constexpr int share_of_whole_in_backlog = 100;
// Each type costs a claim two looks into the index, whether there are events of it or not.
constexpr std::size_t most_types = 100;

}  // namespace

void Floors::add_due(pg::Params& params, Time now, bool whole) {
  settle(now);
  add_types(params);
  const bool goes_on = !whole && full_ && now - from_settled_at_ < longest_from_latest;
  if (!goes_on) from_settled_at_ = now;
  std::vector<std::optional<std::string>> floors;
  std::vector<std::optional<std::string>> steps;
  for (const auto& [type, floor] : floors_) {
    const auto begin = whole ? std::nullopt : goes_on ? std::optional(floor.latest) : floor.settled;
    floors.push_back(begin ? std::optional(std::to_string(*begin)) : std::nullopt);
    steps.push_back(goes_on && floor.step > 0 ? std::optional(std::to_string(floor.step)) : std::nullopt);
  }
  params.add_array(floors);
  if (whole) {
    params.add_null();
  } else {
    params.add_array(steps);
  }
}

void Floors::add_types(pg::Params& params) const {
  std::vector<std::string> types;
  for (const auto& [type, floor] : floors_) types.push_back(type);
  params.add_array(types);
}

void Floors::add_suspect(pg::Params& params, bool whole) const {
  params.add_optional(whole || !suspect_us_ ? std::nullopt : std::optional(std::to_string(*suspect_us_)));
}

void Floors::claimed(const std::vector<EventPtr>& events, bool full) {
  full_ = full;
  struct Span {
    std::int64_t first;
    std::int64_t last;
  };
  std::map<std::string_view, Span> spans;
  for (const auto& event : events) spans.try_emplace(event->event_type, Span{event->due_us, 0}).first->second.last = event->due_us;
  // Alerts are few, and never wait.
  spans.erase("OpsAlert");
  if (floors_.size() + spans.size() > most_types) floors_.clear();
  for (const auto& [type, span] : spans) {
    auto& floor = floors_.try_emplace(std::string(type)).first->second;
    const auto due_us = span.last;
    floor.latest = due_us;
    floor.step = (due_us - span.first) / 2;
    // A whole claim may have found more behind the floor than it could take.
    if (floor.settling) floor.settling = std::min(*floor.settling, due_us);
    if (floor.settled) floor.settled = std::min(*floor.settled, due_us);
  }
}

Floors::Time Floors::whole_at() const {
  const int share = full_ ? share_of_whole_in_backlog : share_of_whole;
  return whole_ended_ + std::clamp<Time::duration>(share * (whole_ended_ - whole_began_), shortest_without_whole, longest_without_whole);
}

void Floors::settle(Time now) {
  if (now - settled_at_ < settles_after) return;
  settled_at_ = now;
  for (auto& [type, floor] : floors_) {
    floor.settled = floor.settling;
    floor.settling = floor.latest;
  }
}

}  // namespace outbox
