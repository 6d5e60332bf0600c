// Every interleaving of two holders with one event, on the real statements: all states that can be reached are visited,
// every step is tried in each, and the promises are checked after every step.
#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <functional>
#include <map>

#include "pg/protocol.hpp"

using namespace protocol;

namespace {

constexpr std::int64_t retry_max = 1;
constexpr int most_attempts = 4;  // beyond this a count makes no difference any more
constexpr int holders = 2;

// What a holder remembers of its lease: tokens are numbered by who got them, and only the latest of each matters.
enum class Memory { none, current, outdated };

struct State {
  bool queued = true;
  bool due = true;    // due_at is past
  int lease = 0;      // 0: none, 1: runs, 2: over
  int token_of = -1;  // whose lease it is; -1: nobody's (released)
  bool alone = false;
  int attempts = 0;
  std::string done;  // "", "sent" or "dlq"
  std::array<Memory, holders> memory{Memory::none, Memory::none};
  std::array<bool, holders> doomed{};  // claimed as charged beyond the retries: may only be buried
  int completions = 0;                 // how many were told that theirs was the completion

  auto operator<=>(const State&) const = default;
};

std::string text_of(const State& s) {
  std::string out = s.queued ? "queued" : "not queued";
  out += s.due ? ", due" : ", later";
  out += ", lease " + std::to_string(s.lease) + " of " + std::to_string(s.token_of) + (s.alone ? " alone" : "") + ", attempts " + std::to_string(s.attempts) +
         ", done '" + s.done + "'";
  for (const auto m : s.memory) out += m == Memory::none ? ", -" : m == Memory::current ? ", holds" : ", held";
  return out + ", completions " + std::to_string(s.completions);
}

struct Step {
  std::string name;
  // The state afterwards; nullopt where the step makes no sense in this one.
  std::function<std::optional<State>(const State&)> take;
};

class Explorer : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    id_ = enqueue();
    db_->run("SET synchronous_commit = off");
  }

  static std::string token(int holder) { return std::to_string(holder + 1) + "0000000-0000-4000-8000-000000000000"; }
  static std::string stale_token(int holder) { return std::to_string(holder + 1) + "1111111-0000-4000-8000-000000000000"; }

  // Puts the database into a state.
  void restore(const State& s) const {
    std::string sql = "DELETE FROM zero_admin.outbox_queue; DELETE FROM zero_admin.outbox_done; DELETE FROM zero_admin.dead_letters;";
    if (s.queued) {
      sql += "INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type, due_at, lease_until, lease_token, lease_alone, attempt_count) VALUES ('" + id_ +
             "', '" + std::string(tenant_a) + "', 'Order', now() " + (s.due ? "- interval '1 minute'" : "+ interval '1 hour'") + ", " +
             (s.lease == 0   ? "NULL"
              : s.lease == 1 ? "now() + interval '1 hour'"
                             : "now() - interval '1 second'") +
             ", " + (s.token_of < 0 ? "NULL" : "'" + token(s.token_of) + "'") + ", " + (s.alone ? "true" : "false") + ", " + std::to_string(s.attempts) + ");";
    }
    if (!s.done.empty()) sql += "INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count) VALUES ('" + id_ + "', '" + s.done + "', 1, 0);";
    if (s.done == "dlq") {
      sql +=
          "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version, idempotency_key, "
          "reason, payload_json)"
          " SELECT id, tenant_id, created_at, 1, 0, event_type, schema_version, idempotency_key, 'x', payload FROM zero_admin.outbox_events;";
    }
    db_->run("BEGIN;" + sql + "COMMIT");
  }

  // Reads back what a step made of it; `holder` is who has just claimed, or -1.
  State observe(State s, int claimed_by) const {
    const auto row = db_->run(
        "SELECT due_at <= now(), CASE WHEN lease_until IS NULL THEN 0 WHEN lease_until > now() THEN 1 ELSE 2 END, coalesce(lease_token::text, ''), "
        "lease_alone, attempt_count FROM zero_admin.outbox_queue");
    const auto done = db_->run("SELECT status FROM zero_admin.outbox_done");
    EXPECT_LE(row.rows.size() + done.rows.size(), 1U) << "the event is there twice";
    EXPECT_GE(row.rows.size() + done.rows.size(), 1U) << "the event is lost";
    s.queued = !row.rows.empty();
    s.done = done.rows.empty() ? "" : done.text();
    EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.dead_letters"), s.done == "dlq" ? 1 : 0);
    const auto before = s.token_of;
    s.due = s.queued && row.text(0, 0) == "t";
    s.lease = s.queued ? static_cast<int>(row.number(0, 1)) : 0;
    s.alone = s.queued && row.text(0, 3) == "t";
    s.attempts = s.queued ? std::min(static_cast<int>(row.number(0, 4)), most_attempts) : 0;
    s.token_of = -1;
    if (claimed_by >= 0) {
      s.token_of = claimed_by;
    } else if (s.queued && !row.text(0, 2).empty()) {
      s.token_of = before;
    }
    for (int holder = 0; holder < holders; ++holder) {
      auto& memory = s.memory.at(static_cast<std::size_t>(holder));
      if (holder == claimed_by) {
        memory = Memory::current;
      } else if (memory == Memory::current && s.token_of != holder) {
        memory = Memory::outdated;
      }
      if (memory == Memory::none) s.doomed.at(static_cast<std::size_t>(holder)) = false;
    }
    return s;
  }

  // What the holder sends: its own token, which the row may have or not.
  Claimed lease_of(const State& s, int holder) const {
    Claimed event;
    event.id = id_;
    event.token = s.memory.at(static_cast<std::size_t>(holder)) == Memory::current ? token(holder) : stale_token(holder);
    return event;
  }

  static void forget(State& s, int holder) {
    s.memory.at(static_cast<std::size_t>(holder)) = Memory::none;
    s.doomed.at(static_cast<std::size_t>(holder)) = false;
  }

  // One of the claims, when the holder has its hands free.
  std::optional<State> take(const State& s, int holder, bool suspect) const {
    if (s.memory.at(static_cast<std::size_t>(holder)) != Memory::none) return std::nullopt;
    const auto events = suspect ? claim_suspect(*db_) : claim(*db_, 10);
    EXPECT_LE(events.size(), 1U);
    if (events.empty()) return observe(s, -1);
    EXPECT_TRUE(s.queued);
    EXPECT_NE(s.lease, 1) << "a lease that runs was taken away";
    EXPECT_EQ(suspect, s.lease == 2) << "what was left behind is claimed alone, what is free in a batch";
    EXPECT_TRUE(suspect || s.due);
    EXPECT_EQ(events[0].charged, suspect && s.alone && s.token_of >= 0) << "charged without, or not charged with, a vanished holder that had it alone";
    auto next = observe(s, holder);
    EXPECT_EQ(next.attempts, std::min(s.attempts + (events[0].charged ? 1 : 0), most_attempts));
    EXPECT_EQ(next.alone, suspect);
    next.doomed.at(static_cast<std::size_t>(holder)) = events[0].charged && events[0].attempts > retry_max;
    return next;
  }

  // A write of a holder, which counts only when its lease is still its own. `fits` checks what it came to.
  std::optional<State> settle(const State& s, int holder, const std::function<bool(const Claimed&)>& write,
                              const std::function<void(const State&)>& fits) const {
    const auto memory = s.memory.at(static_cast<std::size_t>(holder));
    if (memory == Memory::none) return std::nullopt;
    const bool taken = write(lease_of(s, holder));
    EXPECT_EQ(taken, memory == Memory::current) << "a stale write was taken, or a good one dropped";
    auto next = observe(s, -1);
    if (taken) {
      fits(next);
    } else {
      auto same = next;
      same.memory = s.memory;
      EXPECT_EQ(same, s) << "a stale write changed something";
    }
    forget(next, holder);
    return next;
  }

  std::vector<Step> steps() const {
    std::vector<Step> list;
    for (int h = 0; h < holders; ++h) {
      const auto who = " by " + std::string(1, static_cast<char>('A' + h));
      const auto is_doomed = [h](const State& s) { return s.doomed.at(static_cast<std::size_t>(h)); };
      list.push_back({"claim" + who, [this, h](const State& s) { return take(s, h, false); }});
      list.push_back({"claim_suspect" + who, [this, h](const State& s) { return take(s, h, true); }});
      list.push_back({"renew" + who, [this, h](const State& s) -> std::optional<State> {
                        const auto memory = s.memory.at(static_cast<std::size_t>(h));
                        if (memory == Memory::none) return std::nullopt;
                        const bool renewed = !renew(*db_, {lease_of(s, h)}).empty();
                        EXPECT_EQ(renewed, memory == Memory::current);
                        auto next = observe(s, -1);
                        EXPECT_EQ(next.lease, renewed ? 1 : s.lease);
                        if (!renewed) forget(next, h);  // it drops what it lost
                        return next;
                      }});
      list.push_back({"sent" + who, [this, h, is_doomed](const State& s) -> std::optional<State> {
                        if (is_doomed(s)) return std::nullopt;
                        bool told = false;
                        auto next = settle(
                            s, h, [&](const Claimed& lease) { return told = !complete_sent(*db_, {lease}).empty(); },
                            [](const State& after) { EXPECT_EQ(after.done, "sent"); });
                        if (next && told) ++next->completions;
                        return next;
                      }});
      list.push_back({"failed" + who, [this, h, is_doomed](const State& s) -> std::optional<State> {
                        if (is_doomed(s)) return std::nullopt;
                        return settle(
                            s, h, [&](const Claimed& lease) { return !complete_failed(*db_, {lease}, {.wait_ms = 3600000, .retry_max = retry_max}).empty(); },
                            [&s](const State& after) {
                              EXPECT_EQ(after.done, s.attempts + 1 > retry_max ? "dlq" : "");
                              if (after.queued) {
                                EXPECT_EQ(after.attempts, s.attempts + 1);
                                EXPECT_FALSE(after.due);
                                EXPECT_EQ(after.lease, 0);
                              }
                            });
                      }});
      list.push_back({"endpoint fault" + who, [this, h, is_doomed](const State& s) -> std::optional<State> {
                        if (is_doomed(s)) return std::nullopt;
                        return settle(
                            s, h,
                            [&](const Claimed& lease) {
                              return !complete_failed(*db_, {lease}, {.endpoint_fault = true, .began_ms = 0, .retry_max = retry_max, .endpoint = 7}).empty();
                            },
                            [&s](const State& after) {
                              EXPECT_TRUE(after.queued);
                              EXPECT_EQ(after.attempts, s.attempts);
                              EXPECT_EQ(after.due, s.due);
                              EXPECT_EQ(after.lease, 0);
                            });
                      }});
      list.push_back({"bury" + who, [this, h](const State& s) -> std::optional<State> {
                        return settle(
                            s, h, [&](const Claimed& lease) { return !complete_failed(*db_, {lease}, {.final = true, .retry_max = retry_max}).empty(); },
                            [](const State& after) { EXPECT_EQ(after.done, "dlq"); });
                      }});
      list.push_back({"release" + who, [this, h](const State& s) -> std::optional<State> {
                        return settle(
                            s, h, [&](const Claimed& lease) { return !release(*db_, {lease}).empty(); },
                            [&s](const State& after) {
                              EXPECT_EQ(after.attempts, s.attempts);
                              EXPECT_EQ(after.due, s.due);
                              EXPECT_EQ(after.lease, s.alone ? 2 : 0);
                            });
                      }});
      list.push_back({"vanish" + who, [h](const State& s) -> std::optional<State> {
                        if (s.memory.at(static_cast<std::size_t>(h)) == Memory::none) return std::nullopt;
                        auto next = s;
                        forget(next, h);  // the row still has its lease
                        return next;
                      }});
    }
    list.push_back({"expire", [this](const State& s) -> std::optional<State> {
                      if (s.lease != 1) return std::nullopt;
                      expire(id_);
                      return observe(s, -1);
                    }});
    list.push_back({"time passes", [this](const State& s) -> std::optional<State> {
                      if (!s.queued || s.due) return std::nullopt;
                      make_due(id_, 1);
                      return observe(s, -1);
                    }});
    return list;
  }

  std::string id_;
};

}  // namespace

TEST_F(Explorer, NoInterleavingLosesAnEventCompletesItTwiceOrLeavesItStuck) {
  const auto all = steps();
  const State start;
  std::map<State, std::string> seen{{start, "enqueue"}};
  std::deque<State> open{start};
  std::size_t tried = 0;
  while (!open.empty()) {
    const State state = open.front();
    open.pop_front();
    const auto path = seen.at(state);
    for (const auto& step : all) {
      SCOPED_TRACE(path + " > " + step.name + "\nfrom: " + text_of(state));
      restore(state);
      auto next = step.take(state);
      if (!next) continue;
      ++tried;
      EXPECT_LE(next->completions, 1) << "completed twice";
      EXPECT_EQ(next->completions == 1, next->done == "sent");
      EXPECT_FALSE(next->memory[0] == Memory::current && next->memory[1] == Memory::current) << "two holders";
      if (HasFailure()) return;
      if (seen.emplace(*next, path + " > " + step.name).second) open.push_back(*next);
    }

    // Not stuck: when every holder is gone and time has passed, a fresh one gets it, and completes it.
    if (state.queued) {
      SCOPED_TRACE(path + "\nfrom: " + text_of(state));
      restore(state);
      db_->run(
          "UPDATE zero_admin.outbox_queue SET due_at = now() - interval '1 second', lease_until = CASE WHEN lease_until IS NOT NULL THEN now() - interval '1 "
          "second' END");
      auto events = claim(*db_, 10);
      if (events.empty()) events = claim_suspect(*db_);
      ASSERT_EQ(events.size(), 1U) << "stuck";
      EXPECT_EQ(complete_sent(*db_, events).size(), 1U);
    }
  }
  // So that it is noticed when the exploration has become trivial.
  EXPECT_GE(seen.size(), 100U);
  RecordProperty("states", std::to_string(seen.size()));
  RecordProperty("steps", std::to_string(tried));
}
