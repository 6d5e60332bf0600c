#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>

#include "pg/protocol.hpp"

using namespace protocol;

namespace {

class Lease : public cluster::SchemaTest {
 protected:
  // The queue's row of an event, as one text: what must not change, or how it did.
  std::string row(const std::string& id) const {
    return db_->run("SELECT q::text FROM zero_admin.outbox_queue q WHERE id = $1::uuid", pg::Params().add(id)).rows.empty() ? "(gone)" : row_text(id);
  }
  std::string column(const std::string& id, const std::string& name) const {
    return db_->run("SELECT " + name + " FROM zero_admin.outbox_queue WHERE id = $1::uuid", pg::Params().add(id)).text();
  }

 private:
  std::string row_text(const std::string& id) const {
    return db_->run("SELECT q::text FROM zero_admin.outbox_queue q WHERE id = $1::uuid", pg::Params().add(id)).text();
  }
};

outbox::Scope types(std::vector<std::string> take, std::vector<std::string> leave = {}) {
  outbox::Scope scope;
  if (!take.empty()) scope.types = std::move(take);
  scope.exclude = std::move(leave);
  return scope;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_F(Lease, AClaimYieldsTheEventAndMarksItAsProcessing) {
  const auto id = enqueue("Order", R"({ "a": 1.0 })");
  make_due(id, 5);
  const auto events = claim(*db_, 10);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id, id);
  EXPECT_EQ(events[0].payload, R"({ "a": 1.0 })");
  EXPECT_EQ(events[0].tenant, tenant_a);
  EXPECT_EQ(events[0].type, "Order");
  EXPECT_EQ(events[0].attempts, 0);
  EXPECT_FALSE(events[0].charged);
  EXPECT_GE(events[0].lag_us, 5000000);
  const auto row =
      db_->run("SELECT status, lease_owner, lease_token, next_attempt_at > now() + interval '80 seconds', attempt_count FROM zero_admin.event_outbox");
  EXPECT_EQ(row.rows[0], (std::vector<cluster::Cell>{"processing", "test", events[0].token, "t", "0"}));
}

TEST_F(Lease, NothingIsClaimedBeforeItIsDueOrWhileItIsLeased) {
  const auto id = enqueue();
  make_due(id, -3600);
  EXPECT_TRUE(claim(*db_, 10).empty());
  make_due(id, 1);
  EXPECT_EQ(claim(*db_, 10).size(), 1U);
  EXPECT_TRUE(claim(*db_, 10).empty());
  EXPECT_TRUE(claim_suspect(*db_).empty());
}

TEST_F(Lease, NoMoreIsClaimedThanWasAskedFor) {
  for (int i = 0; i < 10; ++i) enqueue(i % 2 == 0 ? "A" : "B");
  EXPECT_EQ(claim(*db_, 3).size(), 3U);
  EXPECT_EQ(claim(*db_, 3).size(), 3U);
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_token IS NOT NULL"), 6);
}

TEST_F(Lease, EveryClaimHasAFreshToken) {
  const auto id = enqueue();
  const auto first = claim(*db_, 1);
  release(*db_, first);
  const auto second = claim(*db_, 1);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_NE(first[0].token, second[0].token);
}

TEST_F(Lease, TwoClaimersNeverShareARow) {
  Ids all;
  for (int i = 0; i < 10; ++i) all.push_back(enqueue(i % 3 == 0 ? "A" : "B"));
  const Session first;
  const Session second;
  first.run("BEGIN");
  const auto mine = claim(first, 6);
  // Not committed: the other neither waits for it nor takes the same.
  const auto yours = claim(second, 10);
  first.run("COMMIT");
  EXPECT_EQ(mine.size(), 6U);
  EXPECT_EQ(yours.size(), 4U);
  auto both = ids_of(mine);
  for (const auto& event : yours) both.push_back(event.id);
  EXPECT_EQ(sorted(both), sorted(all));
}

TEST_F(Lease, ManyClaimersAtOnceTakeEveryEventExactlyOnce) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'T' || i % 5, '{}'::text) FROM generate_series(1, 400) i", pg::Params().add(tenant_a));
  const auto work = [] {
    const Session session;
    Ids ids;
    for (int empty = 0; empty < 3 && ids.size() <= 400;) {
      const auto events = claim(session, 7);
      if (events.empty()) ++empty;
      for (const auto& event : events) ids.push_back(event.id);
    }
    return ids;
  };
  std::vector<std::future<Ids>> workers;
  for (int i = 0; i < 4; ++i) workers.push_back(std::async(std::launch::async, work));
  Ids all;
  for (auto& worker : workers) {
    for (auto& id : worker.get()) all.push_back(id);
  }
  EXPECT_EQ(all.size(), 400U);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 400U);
}

TEST_F(Lease, OnlyWantedTypesAreClaimed) {
  const auto a = enqueue("A");
  const auto b = enqueue("B");
  const auto inbox = enqueue("InboxItemValidated");
  EXPECT_EQ(ids_of(claim(*db_, 10, types({"B", "Z"}))), Ids{b});
  EXPECT_EQ(ids_of(claim(*db_, 10, types({}, {"InboxItemValidated"}))), Ids{a});
  EXPECT_TRUE(claim(*db_, 10, types({}, {"InboxItemValidated"})).empty());
  EXPECT_TRUE(claim(*db_, 10, types({"InboxItemValidated"}, {"InboxItemValidated"})).empty());
  EXPECT_EQ(ids_of(claim(*db_, 10, types({"InboxItemValidated"}))), Ids{inbox});
}

TEST_F(Lease, SuspectsAreOfWantedTypesToo) {
  const auto inbox = enqueue("InboxItemValidated");
  claim(*db_, 10);
  expire(inbox);
  EXPECT_TRUE(claim_suspect(*db_, types({}, {"InboxItemValidated"})).empty());
  EXPECT_TRUE(claim_suspect(*db_, types({"Order"})).empty());
  EXPECT_EQ(ids_of(claim_suspect(*db_, types({"InboxItemValidated"}))), Ids{inbox});
}

TEST_F(Lease, AlertsGoAheadOfEverything) {
  const auto old = enqueue("Aaa");
  make_due(old, 1000);
  const auto alert = enqueue("OpsAlert");
  const auto later = enqueue("Zzz");
  make_due(later, 2000);
  EXPECT_EQ(ids_of(claim(*db_, 1)), Ids{alert});
  EXPECT_EQ(ids_of(claim(*db_, 1)), Ids{later});
  EXPECT_EQ(ids_of(claim(*db_, 1)), Ids{old});
}

TEST_F(Lease, TheOldestIsClaimedFirstAcrossTypes) {
  Ids wanted(12);
  for (int i = 0; i < 12; ++i) {
    const auto id = enqueue(i % 3 == 0 ? "A" : i % 3 == 1 ? "B" : "C");
    const int age = (i * 7) % 12;
    make_due(id, 100 + age);
    wanted.at(static_cast<std::size_t>(11 - age)) = id;
  }
  Ids got;
  for (int i = 0; i < 12; ++i) {
    for (const auto& event : claim(*db_, 1)) got.push_back(event.id);
  }
  EXPECT_EQ(got, wanted);
}

TEST_F(Lease, ABacklogOfOneTypeDoesNotStarveAnother) {
  for (int i = 0; i < 50; ++i) enqueue("Flood");
  db_->run("UPDATE zero_admin.outbox_queue SET due_at = now() - interval '10 seconds'");
  const auto other = enqueue("Quiet");
  bool seen = false;
  for (int batch = 0; batch < 6 && !seen; ++batch) {
    for (const auto& event : claim(*db_, 10)) seen = seen || event.id == other;
  }
  EXPECT_TRUE(seen);
}

TEST_F(Lease, RowsOfAnExpiredBatchComeBackOneAtATimeUncharged) {
  Ids all;
  for (int i = 0; i < 3; ++i) all.push_back(enqueue());
  const auto batch = claim(*db_, 10);
  ASSERT_EQ(batch.size(), 3U);
  for (const auto& id : all) expire(id);
  EXPECT_TRUE(claim(*db_, 10).empty()) << "not together again: one of them may have killed its holder";
  Ids back;
  for (int i = 0; i < 3; ++i) {
    const auto one = claim_suspect(*db_);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_FALSE(one[0].charged);
    EXPECT_EQ(one[0].attempts, 0);
    back.push_back(one[0].id);
  }
  EXPECT_EQ(sorted(back), sorted(all));
  EXPECT_TRUE(claim_suspect(*db_).empty());
}

TEST_F(Lease, TheLeaseOfARowClaimedAloneIsChargedWhenItExpires) {
  const auto id = enqueue();
  claim(*db_, 1);
  expire(id);
  for (std::int64_t charged = 0; charged < 5; ++charged) {
    const auto one = claim_suspect(*db_);
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].attempts, charged);
    EXPECT_EQ(one[0].charged, charged > 0);
    EXPECT_EQ(column(id, "attempt_count"), std::to_string(charged));
    if (charged > 0) {
      EXPECT_EQ(column(id, "last_error"), "lease_expired");
    }
    expire(id);
  }
}

TEST_F(Lease, TwoRunnersDoNotTakeTheSameSuspect) {
  const auto first = enqueue();
  const auto second = enqueue();
  claim(*db_, 10);
  expire(first);
  expire(second);
  const Session one;
  const Session two;
  one.run("BEGIN");
  const auto mine = claim_suspect(one);
  const auto yours = claim_suspect(two);
  one.run("COMMIT");
  ASSERT_EQ(mine.size(), 1U);
  ASSERT_EQ(yours.size(), 1U);
  EXPECT_NE(mine[0].id, yours[0].id);
}

TEST_F(Lease, AReleasedEventIsDueAsItWasAndUncharged) {
  const auto id = enqueue();
  make_due(id, 500);
  const auto due = column(id, "due_at");
  const auto events = claim(*db_, 1);
  EXPECT_EQ(release(*db_, events), Ids{id});
  EXPECT_EQ(column(id, "due_at"), due);
  EXPECT_EQ(column(id, "attempt_count"), "0");
  EXPECT_EQ(column(id, "lease_token"), "(null)");
  const auto again = claim(*db_, 1);
  ASSERT_EQ(again.size(), 1U) << "free for the next batch";
  EXPECT_GE(again[0].lag_us, 500000000);
}

TEST_F(Lease, AReleasedSuspectStaysASuspectAndIsNotCharged) {
  const auto id = enqueue();
  claim(*db_, 1);
  expire(id);
  const auto alone = claim_suspect(*db_);
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_EQ(release(*db_, alone), Ids{id});
  EXPECT_TRUE(claim(*db_, 10).empty()) << "it may not go out in a batch";
  const auto again = claim_suspect(*db_);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_FALSE(again[0].charged);
  EXPECT_EQ(again[0].attempts, 0);
}

TEST_F(Lease, OnlyTheHolderRenews) {
  const auto id = enqueue();
  const auto old = claim(*db_, 1);
  EXPECT_EQ(renew(*db_, old), Ids{id});
  expire(id);
  EXPECT_EQ(renew(*db_, old), Ids{id}) << "late, but nobody else has taken it";
  EXPECT_EQ(column(id, "lease_until > now() + interval '80 seconds'"), "t");
  expire(id);
  const auto taken = claim_suspect(*db_);
  ASSERT_EQ(taken.size(), 1U);
  const auto before = row(id);
  EXPECT_TRUE(renew(*db_, old).empty());
  EXPECT_EQ(row(id), before);
  EXPECT_EQ(renew(*db_, taken), Ids{id});
}

TEST_F(Lease, WithAnOldTokenNothingChanges) {
  const auto id = enqueue();
  const auto old = claim(*db_, 1);
  expire(id);
  const auto taken = claim_suspect(*db_);
  ASSERT_EQ(taken.size(), 1U);
  const auto before = row(id);
  EXPECT_TRUE(complete_sent(*db_, old).empty());
  EXPECT_TRUE(complete_failed(*db_, old).empty());
  EXPECT_TRUE(complete_failed(*db_, old, {.final = true}).empty());
  EXPECT_TRUE(release(*db_, old).empty());
  EXPECT_TRUE(renew(*db_, old).empty());
  EXPECT_EQ(row(id), before);
  EXPECT_EQ(db_->number("SELECT (SELECT count(*) FROM zero_admin.outbox_done) + (SELECT count(*) FROM zero_admin.dead_letters)"), 0);
  EXPECT_EQ(complete_sent(*db_, taken), Ids{id});
}

TEST_F(Lease, ATokenOpensOnlyItsOwnEvent) {
  enqueue();
  enqueue();
  const auto mine = claim(*db_, 1);
  const auto yours = claim(*db_, 1);
  ASSERT_EQ(yours.size(), 1U);
  auto crossed = mine;
  crossed[0].id = yours[0].id;
  EXPECT_TRUE(complete_sent(*db_, crossed).empty());
  EXPECT_TRUE(release(*db_, crossed).empty());
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_token IS NOT NULL"), 2);
}

TEST_F(Lease, AnOpenBreakerStopsClaimsOfItsEndpointOnly) {
  enqueue();
  db_->run("INSERT INTO zero_admin.delivery_breakers (endpoint, host, state) VALUES (7, 'h', 'open')");
  EXPECT_TRUE(claim(*db_, 10, at_endpoint(7)).empty());
  EXPECT_EQ(claim(*db_, 10, at_endpoint(8)).size(), 1U);
  db_->run("UPDATE zero_admin.outbox_queue SET lease_until = now() - interval '1 second'");
  EXPECT_TRUE(claim_suspect(*db_, at_endpoint(7)).empty());
  EXPECT_EQ(claim_suspect(*db_, at_endpoint(8)).size(), 1U);
}

TEST_F(Lease, AnEventEnqueuedDuringAnOpenTransactionOfTheClaimerIsLeftForTheNext) {
  const Session claimer;
  claimer.run("BEGIN");
  EXPECT_TRUE(claim(claimer, 10).empty());
  const auto id = enqueue();
  claimer.run("COMMIT");
  EXPECT_EQ(ids_of(claim(claimer, 10)), Ids{id});
}

TEST_F(Lease, AClaimThatKnowsWhereToBeginTakesNothingFromBeforeThatAndOneThatBeginsAtTheBeginningTakesIt) {
  const auto late = enqueue("A");
  make_due(late, 20);
  const auto on_the_floor = enqueue("A");
  make_due(on_the_floor, 10);
  const auto young = enqueue("A");
  const auto floor =
      db_->run("SELECT (extract(epoch FROM due_at) * 1000000)::bigint FROM zero_admin.outbox_queue WHERE id = $1::uuid", pg::Params().add(on_the_floor)).text();
  EXPECT_EQ(sorted(ids_of(claim(*db_, 10, everything(), {{"A"}, {floor}}))), sorted({on_the_floor, young}));
  EXPECT_EQ(ids_of(claim(*db_, 10, everything(), {{"A"}, {std::nullopt}})), Ids{late});
}

TEST_F(Lease, TypesThatAClaimDoesNotKnowAreFoundBeforeBetweenAndAfterThoseThatItKnows) {
  std::vector<std::string> ids;
  for (const auto* type : {"A", "B", "C", "C1", "C2", "D", "E"}) ids.push_back(enqueue(type));
  // Of C and D nothing is old enough; B and C2 are not wanted.
  EXPECT_EQ(sorted(ids_of(claim(*db_, 10, types({}, {"B", "C2"}), {{"D", "C"}, {"9000000000000000", "9000000000000000"}}))), sorted({ids[0], ids[3], ids[6]}));
  EXPECT_EQ(sorted(ids_of(claim(*db_, 10, types({"B", "C", "D"}), {{"D", "X"}, {std::nullopt, "1"}}))), sorted({ids[1], ids[2], ids[5]}));
}

TEST_F(Lease, AlertsGoFirstAndTheTypeWithTheOldestEventNextWhateverIsKnown) {
  const auto b = enqueue("B");
  make_due(b, 30);
  const auto a = enqueue("A");
  make_due(a, 20);
  const auto alert = enqueue("OpsAlert");
  const Known known{{"A", "B"}, {"1", "2"}};
  EXPECT_EQ(ids_of(claim(*db_, 1, everything(), known)), Ids{alert});
  EXPECT_EQ(ids_of(claim(*db_, 1, everything(), known)), Ids{b});
  EXPECT_EQ(ids_of(claim(*db_, 1, everything(), known)), Ids{a});
}

TEST_F(Lease, LookTellsBacklogSuspectsAndTheBreaker) {
  const auto look = [&](const outbox::Scope& scope) {
    auto cells = db_->run(outbox::sql::look, look_params(scope)).rows.at(0);
    cells.resize(5);
    return cells;
  };
  using Cells = std::vector<cluster::Cell>;
  EXPECT_EQ(look(everything()), (Cells{"f", "0", "f", std::nullopt, std::nullopt}));
  enqueue("A");
  enqueue("A");
  const auto b = enqueue("B");
  make_due(enqueue("A"), -3600);
  EXPECT_EQ(look(everything()), (Cells{"f", "3", "f", std::nullopt, std::nullopt})) << "what is due later does not count";
  EXPECT_EQ(look(types({"B"})), (Cells{"f", "1", "f", std::nullopt, std::nullopt}));
  EXPECT_EQ(look(types({}, {"A"})), (Cells{"f", "1", "f", std::nullopt, std::nullopt}));
  claim(*db_, 10, types({"B"}));
  EXPECT_EQ(look(everything())[1], "2");
  EXPECT_EQ(look(everything())[0], "f");
  expire(b);
  EXPECT_EQ(look(everything())[0], "t");
  EXPECT_EQ(look(types({"A"}))[0], "f");
  db_->run(
      "INSERT INTO zero_admin.delivery_breakers (endpoint, host, state, reason, probe_at) VALUES (7, 'h', 'open', 'http_503', now() - interval '1 second')");
  const auto open = look(at_endpoint(7));
  EXPECT_EQ(open[2], "t");
  EXPECT_EQ(open[3], "http_503");
  EXPECT_EQ(open[4], "0");
  EXPECT_EQ(look(at_endpoint(8))[2], "f");
}

TEST_F(Lease, WhatIsSuspectIsLookedForFromWhereTheFirstOfItWas) {
  const auto first = enqueue("A");
  const auto second = enqueue("B");
  const auto due_us = [this](const std::string& id) {
    return db_->run("SELECT (extract(epoch FROM due_at) * 1000000)::bigint FROM zero_admin.outbox_queue WHERE id = $1::uuid", pg::Params().add(id)).text();
  };
  const auto first_us = due_us(first);
  const auto second_us = due_us(second);
  const auto look = [this](const Known& known) { return db_->run(outbox::sql::look, look_params(everything(), known)).rows.at(0); };
  EXPECT_EQ(look({})[5], std::nullopt) << "there is none";
  for (const auto& id : ids_of(claim(*db_, 10))) expire(id);
  EXPECT_EQ(look({})[5], first_us);
  EXPECT_EQ(look({.types = {"A"}, .suspect = second_us})[5], second_us) << "of a type that is not known, too";
  EXPECT_EQ(ids_of(claim_suspect(*db_, everything(), {.types = {"A", "C"}, .suspect = second_us})), Ids{second});
  EXPECT_EQ(look({.suspect = second_us})[0], "f");
  EXPECT_EQ(look({.suspect = second_us})[5], second_us) << "where it looked, when there is none";
  EXPECT_EQ(ids_of(claim_suspect(*db_, everything(), {.types = {"A"}, .suspect = first_us})), Ids{first});
  EXPECT_EQ(look({})[0], "f");
}

TEST_F(Lease, WhatIsSuspectIsFoundBehindWhatOthersHold) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'A', '{}'::text) FROM generate_series(1, 3000) i", pg::Params().add(tenant_a));
  ASSERT_EQ(claim(*db_, 2500).size(), 2500U);
  const auto vanished = claim(*db_, 1);
  ASSERT_EQ(vanished.size(), 1U);
  expire(vanished[0].id);
  EXPECT_EQ(db_->run(outbox::sql::look, look_params()).text(0, 0), "t");
  EXPECT_EQ(db_->run(outbox::sql::look, look_params()).text(0, 1), "499") << "what is free behind it";
  EXPECT_EQ(ids_of(claim_suspect(*db_)), ids_of(vanished));
}

TEST_F(Lease, AClaimTouchesNoIndex) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'A', '{}'::text) FROM generate_series(1, 1000) i", pg::Params().add(tenant_a));
  db_->run("BEGIN");
  ASSERT_EQ(claim(*db_, 1000).size(), 1000U);
  EXPECT_EQ(db_->number("SELECT pg_stat_get_xact_tuples_hot_updated('zero_admin.outbox_queue'::regclass)"), 1000);
  db_->run("ROLLBACK");
}

TEST_F(Lease, TheBacklogIsCountedUpToAThousand) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'T' || i % 3, '{}'::text) FROM generate_series(1, 1500) i", pg::Params().add(tenant_a));
  EXPECT_EQ(db_->run(outbox::sql::look, look_params()).text(0, 1), "1000");
}
