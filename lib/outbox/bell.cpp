#include "outbox/bell.hpp"

#include <poll.h>

#include "base/text.hpp"

namespace outbox {
namespace {

using namespace std::chrono_literals;

constexpr auto probe_patience = 2s;
constexpr auto retry_after = 60s;   // a pooler is not going to change its mind soon
constexpr auto verify_every = 60s;  // a peer that vanished without a word is found by this

constexpr std::string_view probe_channel = "zero_admin_probe";
constexpr pg::Statement listen_outbox{"listen", "LISTEN zero_admin_outbox"};
constexpr pg::Statement listen_inbox{"listen", "LISTEN zero_admin_inbox"};
constexpr pg::Statement listen_probe{"listen", "LISTEN zero_admin_probe"};
constexpr pg::Statement unlisten{"unlisten", "UNLISTEN *"};
// A direct connection: session state is ours here. A producer that hangs in its commit must not make us deaf for longer.
constexpr pg::Statement limit_locks{"limit_locks", "SELECT set_config('lock_timeout', '250ms', false)"};
constexpr pg::Statement notify{"notify", "SELECT pg_notify($1, $2)"};
constexpr pg::Statement lock_shared{"lock_shared", "SELECT pg_advisory_lock_shared(730217, $1::int)"};
constexpr pg::Statement unlock_shared{"unlock_shared", "SELECT pg_advisory_unlock_shared(730217, $1::int)"};
constexpr pg::Statement lock{"lock", "SELECT pg_advisory_lock(730217, $1::int)"};
constexpr pg::Statement unlock{"unlock", "SELECT pg_advisory_unlock(730217, $1::int)"};

std::int64_t sleeper_lock(Bells bell) { return 2 * static_cast<std::int64_t>(bell); }
std::int64_t commit_lock(Bells bell) { return sleeper_lock(bell) + 1; }

}  // namespace

Bell::Bell(pg::Options options, std::vector<Bells> bells, emit::Output& output) : options_(std::move(options)), bells_(std::move(bells)), output_(output) {}

void Bell::fail() {
  if (connection_ && !connection_->busy()) {
    // Behind a pooler the subscription would stay with a server session that is not ours. Best effort: sent, not waited for.
    try {
      connection_->start(pg::Batch().add(unlisten), pg::Commit::separate);
    } catch (const pg::Failure&) {
      connection_.reset();
    }
  }
  connection_.reset();
  connector_.reset();
  state_ = State::waiting;
  wait_until_ = base::Boottime::now() + retry_after;
  if (!said_) {
    output_.log(emit::Level::warning, "no wake-ups from PostgreSQL, polling instead", "LISTEN does not work on this connection",
                "set DATABASE_LISTEN_URL to a direct connection if DATABASE_URL goes through a pooler");
  }
  said_ = true;
}

void Bell::reset() {
  connection_.reset();
  connector_.reset();
  state_ = State::waiting;
  wait_until_ = base::Boottime::now();
}

void Bell::step() {
  const auto now = base::Boottime::now();
  try {
    switch (state_) {
      case State::waiting:
        if (now < wait_until_) return;
        connector_.emplace(options_);
        state_ = State::connecting;
        return;
      case State::connecting: {
        if (!connector_->done()) return;
        connection_ = connector_->take();
        connector_.reset();
        pg::Batch batch;
        for (const auto bell : bells_) batch.add(bell == Bells::inbox ? listen_inbox : listen_outbox);
        batch.add(listen_probe).add(limit_locks);
        connection_->start(std::move(batch), pg::Commit::separate);
        state_ = State::subscribing;
        return;
      }
      case State::subscribing:
      case State::falling_asleep:
      case State::waking:
        if (connection_->pump()) finished();
        break;
      case State::probing:
      case State::awake:
      case State::asleep:
        if (!connection_->listen()) return fail();
        break;
    }
    read_notifications();
    if ((state_ == State::probing || reprobing_) && probe_sent_ && now >= wait_until_) fail();
  } catch (const pg::Failure&) {
    fail();
  }
}

void Bell::finished() {
  const auto results = connection_->take();
  bool ok = true;
  for (const auto& result : results) ok = ok && result.ok();
  if (state_ == State::subscribing) {
    if (!ok) return fail();
    nonce_ = base::random_uuid();
    probe_sent_ = false;
    state_ = State::probing;
  } else if (state_ == State::falling_asleep) {
    // A barrier that timed out leaves a gap that the poll covers; the sleeper's own locks must be held.
    for (std::size_t i = 0; i < bells_.size(); ++i) {
      if (!results.at(i).ok()) return fail();
    }
    state_ = State::asleep;
  } else {
    state_ = State::awake;
  }
}

void Bell::read_notifications() {
  while (connection_) {
    const auto notification = connection_->notification();
    if (!notification) break;
    if (notification->first != probe_channel) {
      rung_ = true;
    } else if (notification->second == nonce_) {
      verified_at_ = base::Boottime::now();
      reprobing_ = false;
      if (state_ == State::probing) {
        state_ = State::awake;
        if (said_) output_.log(emit::Level::info, "wake-ups from PostgreSQL work again");
        said_ = false;
      }
    }
  }
}

void Bell::add_probe(Round& round) {
  const auto now = base::Boottime::now();
  const bool verify = (state_ == State::asleep || state_ == State::awake) && !reprobing_ && now - verified_at_ >= verify_every;
  if (verify) {
    reprobing_ = true;
    probe_sent_ = false;
  }
  if ((state_ != State::probing && !reprobing_) || probe_sent_) return;
  probe_sent_ = true;
  wait_until_ = now + probe_patience;
  round.add(notify, pg::Params().add(probe_channel).add(nonce_), nullptr);
}

void Bell::fall_asleep() {
  if (state_ != State::awake) return;
  pg::Batch batch;
  for (const auto bell : bells_) batch.add(lock_shared, pg::Params().add(sleeper_lock(bell)));
  for (const auto bell : bells_) {
    batch.add(lock, pg::Params().add(commit_lock(bell)));
    batch.add(unlock, pg::Params().add(commit_lock(bell)));
  }
  state_ = State::falling_asleep;
  try {
    connection_->start(std::move(batch), pg::Commit::separate);
  } catch (const pg::Failure&) {
    fail();
  }
}

void Bell::wake_up() {
  if (state_ != State::asleep) return;
  pg::Batch batch;
  for (const auto bell : bells_) batch.add(unlock_shared, pg::Params().add(sleeper_lock(bell)));
  state_ = State::waking;
  try {
    connection_->start(std::move(batch), pg::Commit::separate);
  } catch (const pg::Failure&) {
    fail();
  }
}

int Bell::fd() const {
  if (connector_) return connector_->fd();
  return connection_ ? connection_->fd() : -1;
}

short Bell::events() const { return connection_ ? connection_->events() : static_cast<short>(POLLIN); }

}  // namespace outbox
