#include "outbox/engine.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "base/text.hpp"
#include "outbox/sql.hpp"
#include "schema/check.hpp"

namespace outbox {
namespace {

using namespace std::chrono_literals;
using base::Boottime;

constexpr auto beat_every = 1s;
constexpr auto idle_line_every = 60s;
constexpr auto longest_pass = 10s;  // under steady load a pass is told this often
// Results wait this long for company: a round costs the database some milliseconds, however few it settles. In a backlog nobody waits for
// one of them, and the database has others to serve.
constexpr auto flush_after = 20ms;
constexpr auto flush_after_in_backlog = 200ms;
// What rang goes out first. What else is due was left behind by earlier claims, and can wait for that.
constexpr base::Milliseconds rest_after_haste = 100ms;
constexpr auto longest_wait = 1000ms;
constexpr auto reconnect_delay_max = 5000ms;
constexpr auto last_words = 600ms;  // after the grace, for the database to take what is given back
constexpr int alone_in_a_row = 50;  // then the others have their turn

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("unknown");
}

base::Milliseconds until(Boottime::time_point at) { return std::max(std::chrono::ceil<base::Milliseconds>(at - Boottime::now()), base::Milliseconds(0)); }

// In milliseconds: a third of two whole seconds is none.
base::Milliseconds renew_every(std::chrono::seconds lease) { return base::Milliseconds(lease) / 3; }

bool worth_another_try(const pg::Failure& failure) { return failure.sqlstate == "40001" || failure.sqlstate == "40P01" || failure.sqlstate == "55P03"; }

}  // namespace

Engine::Engine(EngineConfig config, Work& work, app::Stop& stop, emit::Output& output)
    : config_(std::move(config)),
      work_(work),
      stop_(stop),
      output_(output),
      heartbeat_(config_.name, config_.run_dir, config_.instance),
      host_(host_name()),
      runner_id_(base::random_uuid()),
      started_(Boottime::now()) {
  owner_ = fmt::format("{}/{}/{}", host_, getpid(), config_.instance);
  next_renewal_ = started_ + renew_every(config_.lease);
  last_idle_line_ = started_ - idle_line_every;
}

void Engine::run() {
  if (config_.service) {
    auto listening = config_.database;
    listening.url = config_.listen_url;
    listening.application_name += " (wake-up)";
    bell_.emplace(std::move(listening), config_.bells, output_);
    // Ready to work is not the same as connected: a database that is down is waited for, not failed for.
    notify_.ready();
  } else if (sched_getscheduler(0) == SCHED_OTHER) {
    // A tick does not push the database and the receiver aside whenever one of them has something for it: so it finds more of that when
    // its turn comes. Another policy was chosen by somebody, who knows why.
    const sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);
  }
  while (true) {
    check_stop();
    step_database();
    if (bell_) {
      bell_->step();
      if (bell_->rung()) {
        next_claim_ = Boottime::now();
        rung_ = true;
      }
      if (hungry_ && !stopping_) {
        bell_->fall_asleep();
      } else {
        bell_->wake_up();
      }
      if (bell_->asleep() && look_again_) {
        look_again_ = false;
        next_claim_ = Boottime::now();
      }
      if (!bell_->asleep()) look_again_ = true;
    }
    // The first of them lapses first. To go through all in each turn evicts what the turn needs.
    if (!local_.empty() && Boottime::now() >= local_.front()->lease_end) drop_lapsed();
    if (work_.give_back()) give_back(false);
    fill();
    check_phase();
    if (db_ && !round_) start_round();
    if (in_pass_ && !round_ && idle()) {
      end_pass(false);
    } else if (in_pass_ && Boottime::now() - pass_began_ >= longest_pass) {
      end_pass(false);
      in_pass_ = true;
      pass_began_ = Boottime::now();
    } else if (in_pass_ && Boottime::now() - last_file_ >= beat_every) {
      write_heartbeat(false, false);
    }
    if (drained()) break;
    notify_.alive();
    wait();
  }
  if (in_pass_) end_pass(false);
  write_heartbeat(true, !config_.service && last_pass_ok_);
}

void Engine::step_database() {
  try {
    if (db_ && round_) {
      if (!db_->pump()) return;
      const auto results = db_->take();
      auto round = std::move(*round_);
      round_.reset();
      releasing_round_.clear();
      if (said_lost_) output_.log(emit::Level::info, "PostgreSQL answers again");
      said_lost_ = false;
      reconnect_delay_ = 100ms;
      round.committed(results);
    } else if (db_) {
      if (!db_->listen()) throw pg::lost_connection("idle");
    } else if (connector_) {
      if (!connector_->done()) return;
      auto connector = std::move(*connector_);
      connector_.reset();
      db_ = connector.take();
      opened_ = false;
      renew_first_ = !local_.empty() || work_.in_flight() > 0;
    } else if (Boottime::now() >= reconnect_at_ && !stopping_) {
      connector_.emplace(config_.database);
    }
  } catch (const pg::Failure& failure) {
    database_lost(failure);
  }
}

void Engine::round_lost() {
  if (!round_) return;
  round_.reset();
  for (auto& event : releasing_round_) releasing_.push_back(std::move(event));
  releasing_round_.clear();
  work_.settle_lost();
}

void Engine::database_lost(const pg::Failure& failure) {
  round_lost();
  if (worth_another_try(failure) || (failure.is_data() && work_.data_refused())) {
    next_claim_ = Boottime::now() + 50ms;
    return;
  }
  // While stopping there is nothing left to try: what could not be given back is left to its lease.
  if (!stopping_ && (!config_.service || failure.outcome == base::Outcome::config_error)) throw pg::Failure(failure);
  if (failure.lost) {
    db_.reset();
    if (bell_ && !failure.sqlstate.empty()) bell_->reset();
  }
  reconnect_at_ = Boottime::now() + reconnect_delay_;
  next_claim_ = reconnect_at_;
  reconnect_delay_ = std::min<base::Milliseconds>(reconnect_delay_ * 2, reconnect_delay_max);
  if (!said_lost_) output_.error(failure);
  said_lost_ = true;
}

bool Engine::has_room() const {
  if (stopping_ || limited_ || !work_.may_claim()) return false;
  const bool nothing_here = local_.empty() && work_.in_flight() == 0;
  if (work_.probing() || phase_ == Phase::alone) return nothing_here;
  if (phase_ == Phase::draining) return false;
  // A tick looks once more when everything it found is done, in the round that completes the last of it.
  if (hungry_ && !config_.service) return nothing_here;
  return local_.size() <= static_cast<std::size_t>(config_.batch_size);
}

void Engine::add_opening(Round& round) {
  const auto sent_at = Boottime::now();
  const bool claiming = sent_at >= next_claim_ && has_room();
  round.add(schema::sql::require, schema::expected(), [this](const pg::Result& result) {
    if (schema::is_ahead(result) && !said_ahead_) {
      output_.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
      said_ahead_ = true;
    }
  });
  pg::Params params;
  params.add(runner_id_).add(config_.name).add(host_).add(config_.instance).add(getpid()).add(config_.service ? "running" : "stopped");
  round.add(new_here_ ? sql::enrol : sql::adopt, std::move(params), [this, sent_at, claiming](const pg::Result& result) {
    new_here_ = result.rows() == 0;
    if (new_here_) return;
    opened_ = true;
    runner_id_ = result.text(0, 0);
    if (!claiming || phase_ != Phase::normal || result.boolean(0, 1)) return;
    // As a claim that found nothing.
    view_.backlog = 0;
    view_.suspects = false;
    next_claim_ = sent_at + config_.poll_interval;
    claimed({}, 1, false, true);
  });
  round.then([this] { claim_over(); });
  next_beat_ = sent_at + beat_every;
  floors_.look_back();  // it may be another server, which knows less
}

bool Engine::claims_whole(Boottime::time_point now) const {
  if (now >= floors_.whole_at()) return true;
  // A tick ends with what it finds then, and says what is left.
  return !config_.service && (hungry_ || (config_.max_batches > 0 && tally_.batches + 1 >= config_.max_batches));
}

bool Engine::claims_in_haste() {
  in_haste_ = std::exchange(rung_, false) && !in_haste_ && phase_ == Phase::normal && !work_.probing();
  return in_haste_;
}

void Engine::add_claim(Round& round, bool in_haste) {
  const auto sent_at = Boottime::now();
  const auto lease = std::chrono::duration_cast<base::Milliseconds>(config_.lease);
  const bool alone = work_.probing() || phase_ == Phase::alone;
  const bool claims = !work_.probing() || view_.probe_in.count() == 0;
  const bool whole = !in_haste && claims_whole(sent_at);
  const bool looks = whole || alone;
  const auto batch = static_cast<std::size_t>(config_.batch_size);
  const std::size_t asked = alone ? 1 : batch;
  pg::Params params;
  if (!alone) params.add(static_cast<std::int64_t>(asked));
  params.add(config_.lease.count()).add(owner_);
  config_.scope.add_types(params);
  config_.scope.add_endpoint(params);
  if (work_.probing()) params.add(config_.probe_time.count());
  if (!alone) {
    floors_.add_due(params, sent_at, whole);
  } else if (!work_.probing()) {
    floors_.add_types(params);
    floors_.add_suspect(params, false);
  }
  const auto statement = work_.probing() ? sql::claim_probe : alone ? sql::claim_suspect : sql::claim;
  // Until the answer is there: not again.
  next_claim_ = sent_at + config_.poll_interval;
  if (!looks) next_claim_ = std::min(next_claim_, floors_.whole_at());
  if (claims) {
    round.add(statement, std::move(params), [this, sent_at, lease, asked, alone, looks](const pg::Result& result) {
      claimed(read_events(result, sent_at, lease, alone), asked, alone, looks);
    });
  } else {
    // A look is a pass, too: a runner that waits for its breaker goes round, and says so.
    hungry_ = true;
    ++loops_;
    idle_pass_ = idle() && !in_pass_;
  }
  round.then([this] { claim_over(); });
  if (!looks) return;
  pg::Params scope;
  config_.scope.add_types(scope);
  config_.scope.add_endpoint(scope);
  floors_.add_types(scope);
  floors_.add_suspect(scope, whole);
  round.add(sql::look, std::move(scope), [this, sent_at, whole](const pg::Result& result) {
    looked(result, whole);
    if (whole) floors_.went_whole(sent_at, Boottime::now());
  });
}

void Engine::claim_over() {
  if (std::exchange(idle_pass_, false)) end_pass(true);
}

void Engine::claimed(std::vector<EventPtr> events, std::size_t asked, bool alone, bool looks) {
  const auto now = Boottime::now();
  ++loops_;
  if (!events.empty()) {
    ++tally_.batches;
    tally_.claimed += static_cast<std::int64_t>(events.size());
    if (!in_pass_) {
      in_pass_ = true;
      pass_began_ = now;
    }
    if (looks && events.size() < asked) view_.backlog = 0;  // that was all of it
  } else {
    idle_pass_ = looks && idle() && !in_pass_;
  }
  if (!alone) floors_.claimed(events, events.size() >= asked);
  if (phase_ == Phase::alone && alone) {
    if (events.empty() || --alone_left_ <= 0) {
      phase_ = Phase::normal;
      claimed_since_alone_ = false;
    }
    next_claim_ = now;
    hungry_ = false;
  } else {
    claimed_since_alone_ = true;
    hungry_ = events.size() < asked || (alone && events.empty());
    if (in_haste_ && !events.empty() && !rung_) next_claim_ = std::max(next_claim_, now + std::min(rest_after_haste, config_.poll_interval));
    if (!hungry_) next_claim_ = now;
    if (!config_.service && (!looks || !events.empty())) next_claim_ = now;
  }
  std::ranges::move(events, std::back_inserter(local_));
}

void Engine::looked(const pg::Result& result, bool whole) {
  view_.suspects = result.boolean(0, 0);
  if (whole) view_.backlog = result.integer(0, 1);
  view_.breaker_open = result.boolean(0, 2);
  view_.breaker_reason = result.text(0, 3);
  view_.probe_in = base::Milliseconds(result.integer(0, 4));
  floors_.looked(result.is_null(0, 5) ? std::nullopt : std::optional(result.integer(0, 5)));
  work_.looked(view_);
  if (view_.breaker_open && view_.probe_in < config_.poll_interval) next_claim_ = std::min(next_claim_, Boottime::now() + view_.probe_in);
  if (config_.max_batches > 0 && tally_.batches >= config_.max_batches) limited_ = true;
}

void Engine::check_phase() {
  if (phase_ == Phase::normal && view_.suspects && claimed_since_alone_ && !work_.probing()) phase_ = Phase::draining;
  if (phase_ == Phase::draining && local_.empty() && work_.in_flight() == 0) {
    phase_ = Phase::alone;
    alone_left_ = alone_in_a_row;
    next_claim_ = Boottime::now();
  }
}

void Engine::add_renewal(Round& round) {
  std::vector<const Event*> held;
  held.reserve(local_.size() + work_.in_flight());
  for (const auto& event : local_) held.push_back(event.get());
  work_.each_in_flight([&](EventPtr& event) { held.push_back(event.get()); });
  next_renewal_ = Boottime::now() + renew_every(config_.lease);
  if (held.empty()) return;
  const auto lease_end = Boottime::now() + config_.lease;
  pg::Params params;
  add_keys(params, held);
  params.add(config_.lease.count());
  round.add(sql::renew, std::move(params), [this, lease_end](const pg::Result& result) {
    const auto kept = sorted_ids(result);
    const auto renew = [&](EventPtr& event) {
      const bool ours = std::ranges::binary_search(kept, event->id);
      event->lease_end = ours ? lease_end : Boottime::time_point();
    };
    std::ranges::for_each(local_, renew);
    drop_lapsed();
    work_.each_in_flight(renew);
  });
}

void Engine::add_releases(Round& round) {
  std::vector<const Event*> given_back;
  given_back.reserve(releasing_.size());
  for (const auto& event : releasing_) given_back.push_back(event.get());
  pg::Params params;
  add_keys(params, given_back);
  const auto count = static_cast<std::int64_t>(releasing_.size());
  round.add(sql::release, std::move(params), [this, count](const pg::Result& result) {
    tally_.released += result.rows();
    tally_.stale += count - result.rows();
    floors_.look_back();
  });
  for (const auto& event : releasing_) work_.gave_back(*event, round);
  releasing_round_ = std::exchange(releasing_, {});
}

void Engine::start_round() {
  Round round;
  if (opened_) {
    fill_round(round);
  } else {
    add_opening(round);
  }
  if (round.empty()) return;
  round_ = std::move(round);
  try {
    db_->start(round_->take_batch(), round_->durable() ? pg::Commit::durable : pg::Commit::relaxed);
  } catch (const pg::Failure& failure) {
    database_lost(failure);
  }
}

Boottime::time_point Engine::flush_at() const { return unsettled_since_ + (hungry_ ? flush_after : flush_after_in_backlog); }

void Engine::fill_round(Round& round) {
  const auto now = Boottime::now();
  const bool claiming = now >= next_claim_ && has_room();
  if (work_.unsettled() > 0) {
    if (unsettled_since_ == Boottime::time_point()) unsettled_since_ = now;
    const bool lonely = work_.in_flight() == 0 && local_.empty();
    const bool many = work_.unsettled() >= static_cast<std::size_t>(config_.batch_size);
    if (claiming || lonely || stopping_ || many || now >= flush_at()) {
      work_.settle(round);
      unsettled_since_ = {};
    }
  }
  if (!releasing_.empty()) add_releases(round);
  if (renew_first_ || now >= next_renewal_) {
    renew_first_ = false;
    add_renewal(round);
  }
  const bool in_haste = claiming && claims_in_haste();
  if (claiming) add_claim(round, in_haste);
  const bool goodbye = stopping_ && config_.service && !said_stopped_ && idle();
  if (goodbye) {
    said_stopped_ = true;
    last_words_end_ = now + last_words;
  }
  if ((now >= next_beat_ && !round.empty() && !in_haste) || goodbye) {
    next_beat_ = now + beat_every;
    round.add(sql::beat,
              pg::Params()
                  .add(runner_id_)
                  .add(std::exchange(loops_, 0))
                  .add(std::exchange(success_since_beat_, false) ? "true" : "false")
                  .add(view_.backlog)
                  .add(stopping_ || !config_.service ? "stopped" : "running"),
              nullptr);
  }
  if (bell_) bell_->add_probe(round);
}

void Engine::fill() {
  if (!db_ || renew_first_) return;  // without the database nothing could be completed, so nothing more is started
  while (!local_.empty() && work_.room() > 0) {
    auto event = std::move(local_.front());
    local_.pop_front();
    if (Boottime::now() >= event->lease_end) {
      ++tally_.stale;
      continue;
    }
    work_.start(std::move(event));
  }
}

void Engine::drop_lapsed() {
  const auto now = Boottime::now();
  const auto lapsed = std::erase_if(local_, [&](const EventPtr& event) { return now >= event->lease_end; });
  tally_.stale += static_cast<std::int64_t>(lapsed);
}

void Engine::give_back(bool probes_too) {
  std::deque<EventPtr> kept;
  for (auto& event : local_) {
    if (event->alone && !probes_too) {
      kept.push_back(std::move(event));
    } else {
      releasing_.push_back(std::move(event));
    }
  }
  local_ = std::move(kept);
}

void Engine::check_stop() {
  if (!stopping_ && stop_.requested()) {
    stopping_ = true;
    notify_.stopping();
  }
  const bool time_over = !config_.service && Boottime::now() - started_ >= config_.max_time;
  if (time_over) limited_ = true;
  if (stopping_ || time_over || output_.lost()) give_back(true);
  if (stop_.grace_over()) {
    work_.each_in_flight([this](EventPtr& event) {
      if (event->lease_end != Boottime::time_point()) releasing_.push_back(std::move(event));
    });
    work_.abandon();
  }
}

bool Engine::drained() {
  if (stopping_) {
    if (stop_.over_by() >= last_words) return true;
    if (!db_) return work_.in_flight() == 0 || stop_.grace_over();
    if (round_ || !idle()) return round_ && said_stopped_ && Boottime::now() >= last_words_end_;
    return said_stopped_ || !config_.service;
  }
  if (round_ || !idle()) return false;
  if (output_.lost()) return true;
  if (config_.service) return false;
  if (limited_) return true;
  if (!work_.may_claim()) return true;
  if (work_.probing()) return hungry_;
  return hungry_ && phase_ == Phase::normal && !(view_.suspects && claimed_since_alone_) && Boottime::now() < next_claim_;
}

void Engine::end_pass(bool idle) {
  const auto now = Boottime::now();
  last_pass_ok_ = idle ? !(view_.breaker_open && view_.backlog > 0) : done_ > done_before_pass_ || failed_ == failed_before_pass_;
  success_since_beat_ = success_since_beat_ || last_pass_ok_;
  PassReport report;
  report.tally = {tally_.claimed - tally_before_pass_.claimed, tally_.released - tally_before_pass_.released, tally_.stale - tally_before_pass_.stale,
                  tally_.batches - tally_before_pass_.batches};
  report.backlog = view_.backlog;
  report.took = idle ? base::Milliseconds(0) : std::chrono::round<base::Milliseconds>(now - pass_began_);
  report.idle = idle;
  tally_before_pass_ = tally_;
  in_pass_ = false;
  if (config_.service && (now - last_file_ >= beat_every || !idle)) write_heartbeat(false, last_pass_ok_);  // a tick writes it as it ends
  if (config_.service && on_pass_ && (!idle || now - last_idle_line_ >= idle_line_every)) {
    last_idle_line_ = now;
    on_pass_(report);
  }
  if (config_.service)
    notify_.status(fmt::format("{} claimed, {} done, backlog {}{}", tally_.claimed, done_, view_.backlog, view_.breaker_open ? ", breaker open" : ""));
  done_before_pass_ = done_;
  failed_before_pass_ = failed_;
}

void Engine::write_heartbeat(bool stopped, bool success) {
  last_file_ = Boottime::now();
  const bool written = heartbeat_.write({success, done_, view_.backlog, stopped});
  if (!written && !said_no_file_) {
    said_no_file_ = true;
    output_.log(emit::Level::warning, "the heartbeat file cannot be written", heartbeat_.path().string(),
                "create RUN_DIR, writable for this user; work goes on without");
  }
}

void Engine::wait() {
  base::Milliseconds timeout = longest_wait;
  const auto sooner = [&](Boottime::time_point at) { timeout = std::min(timeout, until(at)); };
  if (const auto interval = notify_.interval()) timeout = std::min(timeout, *interval);
  std::vector<pollfd> fds;
  fds.reserve(8);
  if (!stopping_) fds.push_back({stop_.fd(), POLLIN, 0});
  if (db_) {
    fds.push_back({db_->fd(), db_->events(), 0});
    if (!round_) {
      if (has_room()) sooner(next_claim_);
      if (work_.unsettled() > 0) sooner(flush_at());
      if (!local_.empty() || work_.in_flight() > 0) sooner(next_renewal_);
    }
  } else if (connector_) {
    fds.push_back({connector_->fd(), POLLIN, 0});
  } else {
    sooner(reconnect_at_);
  }
  if (bell_ && bell_->fd() >= 0) fds.push_back({bell_->fd(), bell_->events(), 0});
  if (stopping_) timeout = std::min(timeout, stop_.grace_over() ? base::Milliseconds(50) : stop_.grace_left());
  work_.wait(fds, timeout);
}

}  // namespace outbox
