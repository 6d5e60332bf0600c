// The queue's statements as functions: claim, renew, release. What completes an event is its user's own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "outbox/tenants.hpp"
#include "pg/query.hpp"

namespace outbox {

// Which events a runner takes.
struct Scope {
  std::optional<std::vector<std::string>> types;  // nullopt: all
  std::vector<std::string> exclude;
  std::optional<std::int64_t> endpoint;  // whose breaker gates the claim

  void add_types(pg::Params& params) const;
  void add_endpoint(pg::Params& params) const;
};

// A claimed event. It is ours until `lease_end`, by CLOCK_BOOTTIME, taken before the claim was sent.
struct Event {
  // All of them in `texts`: a piece of memory for each, and a copy wherever one is told, were an eighth of what an event cost.
  std::string_view id;
  std::string_view token;
  std::string_view tenant_id;
  std::string_view event_type;
  std::string_view schema_version;
  std::optional<std::string_view> trace_id;
  std::unique_ptr<char[]> texts;
  base::WallTime created_at;
  std::string payload;
  std::int64_t attempt_count = 0;
  std::int64_t replay_count = 0;
  std::int64_t lag_at_claim_us = 0;
  std::int64_t due_us = 0;  // microseconds since 1970, by the database's clock
  base::Boottime::time_point claimed_at;
  base::Boottime::time_point lease_end;
  bool alone = false;    // claimed alone, because a holder before vanished, or as a probe
  bool charged = false;  // and that had been a lease for it alone, so it was charged

  // Since it fell due.
  [[nodiscard]] std::int64_t lag_ms() const;
};

// Goes from hand to hand, from the claim to the round that completes it.
using EventPtr = std::unique_ptr<Event>;

// Oldest first, alerts before all else.
std::vector<EventPtr> read_events(const pg::Result& result, base::Boottime::time_point sent_at, base::Milliseconds lease, bool alone);

// Statements that go out in one round trip and one transaction, each with what is to be done with its result
// once all of it is committed.
class Round {
 public:
  using Handler = std::function<void(const pg::Result&)>;

  void add(pg::Statement statement, pg::Params params, Handler handler);
  // Once committed, after all results.
  void then(std::function<void()> done) { done_.push_back(std::move(done)); }
  void make_durable() { durable_ = true; }

  [[nodiscard]] bool empty() const { return batch_.empty(); }
  [[nodiscard]] bool durable() const { return durable_; }
  pg::Batch take_batch() { return std::move(batch_); }
  void committed(const std::vector<pg::Result>& results);

 private:
  pg::Batch batch_;
  std::vector<Handler> handlers_;
  std::vector<std::function<void()>> done_;
  bool durable_ = false;
};

// The ids that a statement yields, in its first column. Valid as long as the result.
std::vector<std::string_view> sorted_ids(const pg::Result& result);

// Ids and tokens of events as two array parameters.
void add_keys(pg::Params& params, const std::vector<const Event*>& events);

// Why an event is not even tried: tenant_unknown, or lease_expired when holding it alone used up its retries. Empty: it is.
std::string_view barred(const Event& event, const Tenants& tenants, std::int64_t retry_max);

// An attempt that failed, for complete_failed.sql.
struct Failed {
  const Event* event = nullptr;
  std::string reason;
  bool final = false;           // dead at once
  bool endpoint_fault = false;  // charged only if the endpoint accepts others
  base::Boottime::time_point began;
  base::Milliseconds wait{0};              // before the next attempt, if charged
  std::optional<base::Milliseconds> took;  // nullopt: nothing was tried
};

// What became of the attempt at an event: retry, dead or given_back, and when it is due again.
using Verdict = std::function<void(std::string_view id, std::string_view verdict, std::optional<std::string> next_attempt_at)>;

// `stale` is told how many of the events had passed to another holder.
void add_failed(Round& round, const std::vector<Failed>& attempts, std::int64_t retry_max, std::optional<std::int64_t> endpoint, std::string_view runner_id,
                Verdict verdict, std::function<void(std::int64_t)> stale);

// The wait before the next attempt: the step for `attempts` charged before, with ±20 % jitter; what the other
// side asked for is honoured between one and two steps. `random` is from 0 to 1.
base::Milliseconds backoff(const std::vector<std::int64_t>& steps_s, std::int64_t attempts, base::Milliseconds asked, double random);

}  // namespace outbox
