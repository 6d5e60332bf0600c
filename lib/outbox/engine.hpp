// The loop of a runner: claims events, hands them to its work, settles what comes back, keeps leases and
// heartbeats alive, follows the database through failures, and stops in time.
// One thread; nothing in it blocks but Work::wait, which wakes up for everything the engine waits for.
#pragma once

#include <poll.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/heartbeat.hpp"
#include "app/notify.hpp"
#include "app/stop.hpp"
#include "emit/output.hpp"
#include "outbox/bell.hpp"
#include "outbox/floors.hpp"
#include "outbox/queue.hpp"
#include "pg/connection.hpp"

namespace outbox {

struct EngineConfig {
  std::string name;  // publisher or worker: heartbeats
  std::string instance;
  std::string run_dir;
  pg::Options database;
  std::string listen_url;
  std::vector<Bells> bells;
  Scope scope;
  bool service = false;
  std::int64_t max_batches = 0;  // 0: no limit
  base::Milliseconds max_time{60000};
  std::int64_t batch_size = 50;
  base::Milliseconds poll_interval{1000};
  base::Milliseconds probe_time{5000};  // how long the probe of a breaker may take
  std::chrono::seconds lease{90};
};

// What look.sql tells.
struct View {
  bool suspects = false;
  std::int64_t backlog = 0;
  bool breaker_open = false;
  std::string breaker_reason;
  base::Milliseconds probe_in{0};
};

// What the engine drives. All calls come from its thread.
class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;

  // How many more events could be started right now.
  [[nodiscard]] virtual std::size_t room() = 0;
  virtual void start(EventPtr event) = 0;
  [[nodiscard]] virtual std::size_t in_flight() const = 0;
  // Waits for its own descriptors and `others`, whose revents it sets.
  virtual void wait(std::vector<pollfd>& others, base::Milliseconds timeout) = 0;

  // Results that are not in the database yet.
  [[nodiscard]] virtual std::size_t unsettled() const = 0;
  // Adds what completes them to a round. `committed` or `lost` of the same round follows.
  virtual void settle(Round& round) = 0;
  virtual void settle_lost() = 0;
  // After settle_lost: the database refused the data of one of the results. True when the work settles one by one from
  // here on, to find which; false when it has no idea either, and the run ends.
  [[nodiscard]] virtual bool data_refused() { return false; }

  // Events in flight, for the renewal of their leases. One whose lease_end is past must be dropped when it comes back.
  virtual void each_in_flight(const std::function<void(EventPtr&)>& visit) = 0;
  // What is in flight now is given up, its events taken out: the process is about to end.
  virtual void abandon() = 0;

  virtual void looked(const View& view) = 0;
  // False while nothing may be claimed: own fault, output lost.
  [[nodiscard]] virtual bool may_claim() = 0;
  // True while only a probe may be claimed.
  [[nodiscard]] virtual bool probing() const = 0;
  // What was claimed cannot be sent now: everything unstarted goes back, but for probes.
  [[nodiscard]] virtual bool give_back() const = 0;
  virtual void gave_back(const Event& event, Round& round) = 0;
};

struct Tally {
  std::int64_t claimed = 0;
  std::int64_t released = 0;
  std::int64_t stale = 0;
  std::int64_t batches = 0;
};

// Told at the end of a pass.
struct PassReport {
  Tally tally;  // of this pass
  std::int64_t backlog = 0;
  base::Milliseconds took{0};
  bool idle = false;
};

class Engine {
 public:
  Engine(EngineConfig config, Work& work, app::Stop& stop, emit::Output& output);

  // Runs until there is nothing left to do (timer mode) or a stop is asked for. Throws base::Error when it cannot go on.
  void run();

  void on_pass(std::function<void(const PassReport&)> told) { on_pass_ = std::move(told); }
  // Told by the work: how many of its results were stale, and whether it completed something in this pass.
  void count_stale(std::int64_t count) { tally_.stale += count; }
  void count_done(std::int64_t count) { done_ += static_cast<std::uint64_t>(count); }
  void count_failed(std::int64_t count) { failed_ += static_cast<std::uint64_t>(count); }
  // An event that is not to go out comes back to the queue, uncharged.
  void release(EventPtr event) { releasing_.push_back(std::move(event)); }
  // No claim before that: what failed just now would only fail again.
  void hold_claims(base::Milliseconds time) { next_claim_ = base::Boottime::now() + time; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] const std::string& runner_id() const { return runner_id_; }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  // Work is left although this run may not take it.
  [[nodiscard]] bool more() const { return limited_ && (view_.backlog > 0 || view_.suspects); }

 private:
  // Events whose holder vanished are claimed alone, with nothing else in flight.
  enum class Phase { normal, draining, alone };

  void step_database();
  void database_lost(const pg::Failure& failure);
  void round_lost();
  void start_round();
  void fill_round(Round& round);
  void add_opening(Round& round);
  void add_claim(Round& round, bool in_haste);
  void add_renewal(Round& round);
  void add_releases(Round& round);
  void claimed(std::vector<EventPtr> events, std::size_t asked, bool alone, bool looks);
  void looked(const pg::Result& result, bool whole);
  void claim_over();
  void fill();
  void drop_lapsed();
  // To the queue with what was claimed and not started; a probe only with `probes_too`.
  void give_back(bool probes_too);
  void check_phase();
  void check_stop();
  void end_pass(bool idle);
  void write_heartbeat(bool stopped, bool success);
  bool drained();
  void wait();
  // For a claim, once next_claim_ has come.
  [[nodiscard]] bool has_room() const;
  // Until then results wait for more of them.
  [[nodiscard]] base::Boottime::time_point flush_at() const;
  // Whether the claim that begins now begins at the beginning, and looks around.
  [[nodiscard]] bool claims_whole(base::Boottime::time_point now) const;
  // Whether the claim that begins now is for what rang: nothing else goes with it, for an event waits for the whole round. The next one
  // is never in haste, so that whatever was left for later comes to its turn.
  [[nodiscard]] bool claims_in_haste();
  [[nodiscard]] bool idle() const {
    return local_.empty() && work_.in_flight() == 0 && work_.unsettled() == 0 && releasing_.empty() && releasing_round_.empty();
  }

  EngineConfig config_;
  Work& work_;
  app::Stop& stop_;
  emit::Output& output_;
  app::Notify notify_;
  app::Heartbeat heartbeat_;
  std::optional<Bell> bell_;
  std::function<void(const PassReport&)> on_pass_;
  std::string owner_;
  std::string host_;
  std::string runner_id_;

  std::unique_ptr<pg::Connection> db_;
  std::optional<pg::Connector> connector_;
  std::optional<Round> round_;
  std::vector<EventPtr> releasing_round_;
  base::Boottime::time_point reconnect_at_{};
  base::Milliseconds reconnect_delay_{100};
  bool opened_ = false;       // schema checked and row adopted on this connection
  bool new_here_ = false;     // there was no row to adopt: the next round makes one
  bool renew_first_ = false;  // after a reconnect: are the leases still ours?
  bool said_lost_ = false;
  bool said_ahead_ = false;

  std::deque<EventPtr> local_;  // claimed, not started; in the order in which their leases end
  Floors floors_;
  std::vector<EventPtr> releasing_;
  View view_;
  Phase phase_ = Phase::normal;
  int alone_left_ = 0;
  bool claimed_since_alone_ = false;
  bool hungry_ = false;     // the last claim found less than was asked for
  bool look_again_ = true;  // asleep since: one more look
  bool rung_ = false;       // since the last claim
  bool in_haste_ = false;   // the last claim was
  bool limited_ = false;    // --max-batches or --max-seconds reached
  bool said_stopped_ = false;
  bool stopping_ = false;
  base::Boottime::time_point started_;
  base::Boottime::time_point next_claim_{};
  base::Boottime::time_point next_renewal_{};
  base::Boottime::time_point next_beat_{};
  base::Boottime::time_point last_file_{};
  base::Boottime::time_point unsettled_since_{};
  base::Boottime::time_point last_idle_line_{};
  base::Boottime::time_point pass_began_{};
  base::Boottime::time_point last_words_end_{};
  bool in_pass_ = false;
  bool said_no_file_ = false;
  std::int64_t loops_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t done_before_pass_ = 0;
  std::uint64_t failed_before_pass_ = 0;
  bool last_pass_ok_ = false;
  bool success_since_beat_ = false;
  bool idle_pass_ = false;  // the claim of this round found nothing to do
  Tally tally_;
  Tally tally_before_pass_;
};

}  // namespace outbox
