// The wake-up protocol of zero_admin.ring_bell(), from both ends.
#include "outbox/bell.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <future>

#include "pg/protocol.hpp"

using namespace protocol;
using namespace std::chrono_literals;

namespace {

constexpr auto outbox_channel = "zero_admin_outbox";
constexpr auto inbox_channel = "zero_admin_inbox";

using Channels = std::vector<std::string>;

class Bell : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    listener_ = std::make_unique<Session>();
    listener_->run("LISTEN zero_admin_outbox");
    listener_->run("LISTEN zero_admin_inbox");
  }
  // A runner's two steps: it declares itself asleep, then it waits for producers that are just committing.
  static void declare_asleep(const Session& session, int bell = 1) { session.run("SELECT pg_advisory_lock_shared(730217, " + std::to_string(2 * bell) + ")"); }
  static std::string barrier_sql(int bell = 1) {
    return "SELECT pg_advisory_lock(730217, " + std::to_string(2 * bell + 1) + "), pg_advisory_unlock(730217, " + std::to_string(2 * bell + 1) + ")";
  }
  static void wake_up(const Session& session, int bell = 1) { session.run("SELECT pg_advisory_unlock_shared(730217, " + std::to_string(2 * bell) + ")"); }
  static cluster::Answer produce(const Session& session, std::string_view type = "Order") {
    return session.attempt("SELECT zero_admin.enqueue_event($1::uuid, $2, '{}'::text)", pg::Params().add(tenant_a).add(type));
  }
  Channels rung() const { return listener_->notifications(); }

  std::unique_ptr<Session> listener_;
};

}  // namespace

TEST_F(Bell, NobodySleepsNobodyIsNotified) {
  enqueue();
  enqueue("InboxItemValidated");
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, ASleeperIsNotifiedOfItsOwnKindOfWorkOnly) {
  const Session sleeper;
  declare_asleep(sleeper);
  enqueue("InboxItemValidated");
  EXPECT_EQ(rung(), Channels());
  enqueue("Order");
  EXPECT_EQ(rung(), Channels{outbox_channel});
  declare_asleep(sleeper, 2);
  enqueue("InboxItemValidated");
  EXPECT_EQ(rung(), Channels{inbox_channel});
}

TEST_F(Bell, WhoWokeUpIsNotNotifiedAnyMore) {
  const Session sleeper;
  declare_asleep(sleeper);
  wake_up(sleeper);
  enqueue();
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, ASleeperThatDiedIsNotNotified) {
  {
    const Session sleeper;
    declare_asleep(sleeper);
  }
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (db_->number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") > 0) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  enqueue();
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, ManySleepersAreEachNotifiedByOneRing) {
  const Session one;
  const Session two;
  two.run("LISTEN zero_admin_outbox");
  declare_asleep(one);
  declare_asleep(two);
  enqueue();
  EXPECT_EQ(rung(), Channels{outbox_channel});
  EXPECT_EQ(two.notifications(), Channels{outbox_channel});
}

TEST_F(Bell, ManyEventsOfOneTransactionRingOnce) {
  const Session sleeper;
  declare_asleep(sleeper);
  db_->run("BEGIN");
  for (int i = 0; i < 20; ++i) enqueue();
  enqueue("InboxItemValidated");
  db_->run("COMMIT");
  EXPECT_EQ(rung(), Channels{outbox_channel});
}

TEST_F(Bell, EveryTransactionRingsAnew) {
  const Session sleeper;
  declare_asleep(sleeper);
  for (int i = 0; i < 3; ++i) {
    enqueue();
    EXPECT_EQ(rung(), Channels{outbox_channel}) << i;
  }
}

TEST_F(Bell, AnEventThatIsRolledBackToASavepointDoesNotSilenceTheNext) {
  const Session sleeper;
  declare_asleep(sleeper);
  db_->run("BEGIN");
  db_->run("SAVEPOINT s");
  enqueue();
  db_->run("ROLLBACK TO s");
  enqueue();
  db_->run("COMMIT");
  EXPECT_EQ(rung(), Channels{outbox_channel});
}

TEST_F(Bell, NothingCommittedNothingRings) {
  const Session sleeper;
  declare_asleep(sleeper);
  db_->run("BEGIN");
  enqueue();
  db_->run("ROLLBACK");
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, ADuplicateDoesNotRing) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text, 'k')", pg::Params().add(tenant_a));
  const Session sleeper;
  declare_asleep(sleeper);
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text, 'k')", pg::Params().add(tenant_a));
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, AProducerWhoseTransactionWasOpenBeforeTheSleeperSleptStillRings) {
  for (const auto* isolation : {"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"}) {
    const Session sleeper;
    const Session producer;
    producer.run(std::string("BEGIN ISOLATION LEVEL ") + isolation);
    producer.run("SELECT count(*) FROM zero_admin.outbox_done");  // its snapshot is from before
    EXPECT_TRUE(produce(producer).ok());
    declare_asleep(sleeper);
    sleeper.run(barrier_sql());
    EXPECT_TRUE(claim(sleeper, 10).empty()) << "its last look finds nothing";
    producer.run("COMMIT");
    EXPECT_EQ(rung(), Channels{outbox_channel}) << isolation;
    EXPECT_EQ(claim(sleeper, 10).size(), 1U);
  }
}

TEST_F(Bell, ASleeperWaitsForAProducerThatIsJustCommittingWithoutHavingSeenIt) {
  // The producer is past its look for sleepers, its commit not yet visible: the second lock is held.
  const Session producer;
  producer.run("BEGIN");
  EXPECT_TRUE(produce(producer).ok());
  producer.run("SET CONSTRAINTS ALL IMMEDIATE");  // what COMMIT does first
  const Session sleeper;
  declare_asleep(sleeper);
  sleeper.send(barrier_sql());
  sleeper.wait_until_blocked(*db_);
  producer.run("COMMIT");
  EXPECT_TRUE(sleeper.collect().ok());
  EXPECT_EQ(rung(), Channels()) << "nobody slept when it looked";
  EXPECT_EQ(claim(sleeper, 10).size(), 1U) << "and the sleeper's last look finds the event";
}

TEST_F(Bell, AProducerThatCannotTellRingsToBeSure) {
  // A sleeper is at its barrier: the producer does not wait for it.
  const Session sleeper;
  sleeper.run("SELECT pg_advisory_lock(730217, 3)");
  enqueue();
  EXPECT_EQ(rung(), Channels{outbox_channel});
}

TEST_F(Bell, AProducerThatLooksForSleepersIsNotTakenForOne) {
  const Session producer;
  producer.run("SELECT pg_advisory_lock(730217, 2)");
  enqueue();
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, SerializableProducersAreNotFailedBySleepers) {
  const Session sleeper;
  for (int i = 0; i < 10; ++i) {
    const Session one;
    const Session two;
    one.run("BEGIN ISOLATION LEVEL SERIALIZABLE");
    two.run("BEGIN ISOLATION LEVEL SERIALIZABLE");
    EXPECT_TRUE(produce(one).ok());
    if (i % 2 == 0) declare_asleep(sleeper);
    EXPECT_TRUE(produce(two).ok());
    if (i % 2 == 1) wake_up(sleeper);
    claim(sleeper, 10);
    EXPECT_EQ(one.attempt("COMMIT").sqlstate, "");
    EXPECT_EQ(two.attempt("COMMIT").sqlstate, "");
    if (i % 2 == 0) declare_asleep(sleeper);
  }
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_events"), 20);
}

TEST_F(Bell, SerializableProducersAtOnceAreNotFailedByEachOther) {
  const Session sleeper;
  declare_asleep(sleeper);
  const auto work = [] {
    const Session session;
    int failed = 0;
    for (int i = 0; i < 50; ++i) {
      session.run("BEGIN ISOLATION LEVEL SERIALIZABLE");
      const bool ok = produce(session).ok();
      if (!session.attempt(ok ? "COMMIT" : "ROLLBACK").ok() || !ok) ++failed;
    }
    return failed;
  };
  std::vector<std::future<int>> producers;
  for (int i = 0; i < 4; ++i) producers.push_back(std::async(std::launch::async, work));
  for (auto& producer : producers) EXPECT_EQ(producer.get(), 0);
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue"), 200);
}

TEST_F(Bell, EightProducersAtOnceAndNobodySleepingSendNoNotification) {
  const auto work = [] {
    const Session session;
    for (int i = 0; i < 100; ++i) produce(session);
  };
  std::vector<std::future<void>> producers;
  for (int i = 0; i < 8; ++i) producers.push_back(std::async(std::launch::async, work));
  for (auto& producer : producers) producer.get();
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue"), 800);
  EXPECT_EQ(rung(), Channels());
}

TEST_F(Bell, NoEventIsMissedByASleeperThatFallsAsleepAgainAndAgain) {
  // Producers commit at any moment; after each of them either a look finds the event or the bell rings.
  constexpr int events = 300;
  const Session sleeper;
  sleeper.run("LISTEN zero_admin_outbox");
  auto producer = std::async(std::launch::async, [] {
    const Session session;
    for (int i = 0; i < events; ++i) produce(session);
  });
  int got = 0;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (got < events) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "asleep with work that nobody rang for, after " << got;
    declare_asleep(sleeper);
    sleeper.run(barrier_sql());
    auto found = claim(sleeper, 1000);
    while (found.empty()) {
      // Only a ring wakes it up.
      if (!sleeper.notifications().empty()) break;
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "asleep with work that nobody rang for, after " << got;
    }
    wake_up(sleeper);
    got += static_cast<int>(found.size());
    if (found.empty()) got += static_cast<int>(claim(sleeper, 1000).size());
    complete_sent(sleeper, {});
  }
  producer.get();
}

namespace {

// Drives the real outbox::Bell with a work connection of its own, as the engine does.
class Driver {
 public:
  explicit Driver(std::vector<outbox::Bells> bells, const std::string& listen_url = cluster::url())
      : output_("test", emit::Format::jsonl), bell_({listen_url, "ops-test-bell", 5s, 30s}, std::move(bells), output_) {
    output_.set_level(emit::Level::error);
  }
  // Until `done`, within a patience that is far longer than it takes.
  template <class F>
  bool until(F done) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      bell_.step();
      outbox::Round round;
      bell_.add_probe(round);
      if (!round.empty()) work_->run(round.take_batch(), pg::Commit::relaxed);
      pollfd ready{bell_.fd(), bell_.events(), 0};
      poll(&ready, bell_.fd() >= 0 ? 1 : 0, 20);
    }
    return true;
  }
  bool sleep() {
    return until([this] {
      bell_.fall_asleep();
      return bell_.asleep();
    });
  }
  outbox::Bell& bell() { return bell_; }

 private:
  emit::Output output_;
  std::unique_ptr<pg::Connection> work_ = pg::Connection::open({cluster::url(), "ops-test-work", 5s, 30s});
  outbox::Bell bell_;
};

}  // namespace

TEST_F(Bell, TheRunnersEndFallsAsleepAndIsWokenUp) {
  Driver driver({outbox::Bells::outbox});
  ASSERT_TRUE(driver.sleep());
  EXPECT_FALSE(driver.bell().rung());
  enqueue();
  EXPECT_TRUE(driver.until([&] { return driver.bell().rung(); }));
  EXPECT_FALSE(driver.bell().rung()) << "true once";
  driver.bell().wake_up();
  EXPECT_TRUE(driver.until([&] { return db_->number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0; }));
  EXPECT_FALSE(driver.bell().asleep());
  ASSERT_TRUE(driver.sleep());
  enqueue();
  EXPECT_TRUE(driver.until([&] { return driver.bell().rung(); }));
}

TEST_F(Bell, TheRunnersEndSurvivesTheLossOfItsConnection) {
  Driver driver({outbox::Bells::outbox, outbox::Bells::inbox});
  ASSERT_TRUE(driver.sleep());
  db_->run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'ops-test-bell'");
  EXPECT_TRUE(driver.until([&] { return !driver.bell().asleep(); })) << "it must not believe that it is still listening";
  driver.bell().reset();  // now, not in a minute
  ASSERT_TRUE(driver.sleep());
  enqueue("InboxItemValidated");
  EXPECT_TRUE(driver.until([&] { return driver.bell().rung(); }));
}

TEST_F(Bell, AProducerThatHangsInItsCommitDoesNotKeepTheRunnerFromSleeping) {
  const Session producer;
  producer.run("BEGIN");
  EXPECT_TRUE(produce(producer).ok());
  producer.run("SET CONSTRAINTS ALL IMMEDIATE");
  Driver driver({outbox::Bells::outbox});
  EXPECT_TRUE(driver.sleep()) << "the poll covers the gap";
  producer.run("ROLLBACK");
}
