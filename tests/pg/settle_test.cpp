#include <gtest/gtest.h>

#include <random>

#include "pg/protocol.hpp"

using namespace protocol;

namespace {

constexpr std::int64_t endpoint = 7;

class Settle : public cluster::SchemaTest {
 protected:
  void SetUp() override {
    SchemaTest::SetUp();
    db_->run("INSERT INTO zero_admin.runner_heartbeats (id, pid, name, host, state) VALUES ($1::uuid, 1, 'publisher', 'h', 'running')",
             pg::Params().add(runner));
  }
  // Makes the event the oldest that is due, whatever it waits for, and claims it.
  Claimed take(const std::string& id) const {
    make_due(id, age_++);
    auto events = claim(*db_, 1);
    EXPECT_EQ(ids_of(events), std::vector<std::string>{id});
    return events.at(0);
  }
  // Another event is delivered to the endpoint.
  void other_success(std::int64_t to = endpoint) const {
    const auto id = enqueue("Other");
    complete_sent(*db_, {take(id)}, {.endpoint = to});
  }
  std::string column(const std::string& id, const std::string& name) const {
    return db_->run("SELECT " + name + " FROM zero_admin.outbox_queue WHERE id = $1::uuid", pg::Params().add(id)).text();
  }
  std::vector<std::int64_t> counters() const {
    const auto row =
        db_->run("SELECT attempts_total, done_total, failures_total, dead_total, duration_ms_sum FROM zero_admin.runner_heartbeats WHERE id = $1::uuid",
                 pg::Params().add(runner));
    return {row.number(0, 0), row.number(0, 1), row.number(0, 2), row.number(0, 3), row.number(0, 4)};
  }
  // Every event is in exactly one of queue and done, and a dead one has its letter.
  void expect_consistent() const {
    EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.outbox_events e WHERE 1 <> (SELECT count(*) FROM zero_admin.outbox_queue q WHERE q.id = e.id)"
                          " + (SELECT count(*) FROM zero_admin.outbox_done d WHERE d.id = e.id)"),
              0);
    EXPECT_EQ(
        db_->number(
            "SELECT count(*) FROM zero_admin.outbox_done d WHERE (d.status = 'dlq') <> EXISTS (SELECT FROM zero_admin.dead_letters l WHERE l.event_id = d.id)"),
        0);
  }

  mutable int age_ = 100000;
  static constexpr auto runner = "99999999-9999-4999-8999-999999999999";
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_F(Settle, ADeliveredEventIsSentAndCounted) {
  const auto id = enqueue();
  EXPECT_EQ(complete_sent(*db_, {take(id)}, {.endpoint = endpoint, .runner = runner, .took_ms = 25}), Ids{id});
  const auto row = db_->run("SELECT status, attempt_count, sent_at IS NOT NULL, next_attempt_at, lease_token FROM zero_admin.event_outbox WHERE id = $1::uuid",
                            pg::Params().add(id));
  EXPECT_EQ(row.rows[0], (std::vector<cluster::Cell>{"sent", "1", "t", std::nullopt, std::nullopt}));
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{1, 1, 0, 0, 25}));
  expect_consistent();
}

TEST_F(Settle, ASecondCompletionChangesNothing) {
  const auto id = enqueue();
  const auto event = take(id);
  complete_sent(*db_, {event}, {.runner = runner});
  EXPECT_TRUE(complete_sent(*db_, {event}, {.runner = runner}).empty());
  EXPECT_EQ(verdict_of(*db_, event, {.final = true, .runner = runner}), "stale");
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{1, 1, 0, 0, 10}));
  expect_consistent();
}

TEST_F(Settle, AResubmittedCompletionIsConfirmedAndNotCountedTwice) {
  const auto id = enqueue();
  const auto event = take(id);
  complete_sent(*db_, {event}, {.runner = runner});  // and its answer is lost with the connection
  EXPECT_EQ(complete_sent(*db_, {event}, {.runner = runner, .resubmitted = true}), Ids{id});
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{1, 1, 0, 0, 10}));
  const auto other = enqueue();
  const auto lost = take(other);
  expire(other);
  claim_suspect(*db_);
  EXPECT_TRUE(complete_sent(*db_, {lost}, {.resubmitted = true}).empty()) << "somebody else has it now";
}

TEST_F(Settle, AFailureThatIsTheEventsIsChargedAndWaits) {
  const auto id = enqueue();
  const auto verdicts = complete_failed(*db_, {take(id)}, {.reason = "http_400", .wait_ms = 60000, .took_ms = 30, .runner = runner});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].verdict, "retry");
  EXPECT_NE(verdicts[0].next, std::nullopt);
  EXPECT_EQ(column(id, "attempt_count"), "1");
  EXPECT_EQ(column(id, "last_error"), "http_400");
  EXPECT_EQ(column(id, "due_at BETWEEN now() + interval '50 seconds' AND now() + interval '61 seconds'"), "t");
  EXPECT_EQ(column(id, "lease_token"), "(null)");
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{1, 0, 1, 0, 30}));
  EXPECT_TRUE(claim(*db_, 10).empty()) << "not before it is due";
}

TEST_F(Settle, AnEndpointThatTookNothingElseUsesUpNobodysAttempts) {
  const auto id = enqueue();
  for (int i = 0; i < 20; ++i) {
    make_due(id, 300);
    const auto due = column(id, "due_at");
    const auto event = claim(*db_, 1).at(0);
    EXPECT_EQ(verdict_of(*db_, event, {.endpoint_fault = true, .endpoint = endpoint, .runner = runner}), "given_back");
    EXPECT_EQ(column(id, "due_at"), due) << "so that the lag is told truly";
    EXPECT_EQ(column(id, "attempt_count"), "0");
    EXPECT_EQ(column(id, "lease_token"), "(null)");
  }
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{0, 0, 0, 0, 0}));
  expect_consistent();
}

TEST_F(Settle, TheFirstAttemptIsChargedOnlyIfTheEndpointTookAnotherMeanwhile) {
  const auto before = enqueue();
  other_success();
  // The success was before this attempt began.
  EXPECT_EQ(verdict_of(*db_, take(before), {.endpoint_fault = true, .began_ms = 0, .endpoint = endpoint}), "given_back");
  const auto during = enqueue();
  const auto event = take(during);
  other_success();
  EXPECT_EQ(verdict_of(*db_, event, {.endpoint_fault = true, .began_ms = 60000, .endpoint = endpoint}), "retry");
}

TEST_F(Settle, ALaterAttemptIsChargedIfTheEndpointTookAnotherSinceThePreviousOne) {
  const auto id = enqueue();
  const Failed fault{.endpoint_fault = true, .began_ms = 0, .endpoint = endpoint};
  EXPECT_EQ(verdict_of(*db_, take(id), fault), "given_back");
  EXPECT_EQ(verdict_of(*db_, take(id), fault), "given_back");
  other_success();
  EXPECT_EQ(verdict_of(*db_, take(id), fault), "retry");
  EXPECT_EQ(column(id, "attempt_count"), "1");
  EXPECT_EQ(verdict_of(*db_, take(id), fault), "given_back") << "no success since that one";
  EXPECT_EQ(column(id, "attempt_count"), "1");
}

TEST_F(Settle, ASuccessElsewhereSaysNothingAboutThisEndpoint) {
  const auto id = enqueue();
  const auto event = take(id);
  other_success(8);
  const auto dead = enqueue("Dead");
  EXPECT_EQ(verdict_of(*db_, take(dead), {.final = true, .endpoint = endpoint}), "dead");
  EXPECT_EQ(verdict_of(*db_, event, {.endpoint_fault = true, .began_ms = 60000, .endpoint = endpoint}), "given_back") << "a dead letter is no success either";
}

TEST_F(Settle, OneBadEventAmongGoodOnesDiesAfterItsRetries) {
  const auto id = enqueue("Bad", "{\"bad\": 1.0}");
  for (int attempt = 0; attempt < 4; ++attempt) {
    const auto event = take(id);
    other_success();
    EXPECT_EQ(verdict_of(*db_, event, {.reason = "http_500", .endpoint_fault = true, .began_ms = 60000, .endpoint = endpoint, .runner = runner}),
              attempt < 3 ? "retry" : "dead")
        << attempt;
  }
  const auto letter = db_->run(
      "SELECT tenant_id, event_type, payload_json, reason, attempt_count, generation, resolved_at FROM zero_admin.dead_letters WHERE event_id = $1::uuid",
      pg::Params().add(id));
  ASSERT_EQ(letter.rows.size(), 1U);
  EXPECT_EQ(letter.rows[0], (std::vector<cluster::Cell>{std::string(tenant_a), "Bad", "{\"bad\": 1.0}", "http_500", "4", "0", std::nullopt}));
  const auto row = db_->run("SELECT status, attempt_count, last_error FROM zero_admin.event_outbox WHERE id = $1::uuid", pg::Params().add(id));
  EXPECT_EQ(row.rows[0], (std::vector<cluster::Cell>{"dlq", "4", "http_500"}));
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{4, 0, 4, 1, 40}));
  expect_consistent();
}

TEST_F(Settle, WithoutRetriesTheFirstChargedFailureIsTheLast) {
  const auto id = enqueue();
  EXPECT_EQ(verdict_of(*db_, take(id), {.retry_max = 0}), "dead");
  expect_consistent();
}

TEST_F(Settle, AFinalFailureIsDeadAtOnce) {
  const auto id = enqueue();
  const auto verdicts = complete_failed(*db_, {take(id)}, {.reason = "http_410", .final = true, .runner = runner});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].verdict, "dead");
  EXPECT_EQ(verdicts[0].next, std::nullopt);
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{1, 0, 1, 1, 10}));
  expect_consistent();
}

TEST_F(Settle, WhatWasNeverSentIsNoAttempt) {
  const auto id = enqueue();
  EXPECT_EQ(verdict_of(*db_, take(id), {.reason = "tenant_unknown", .final = true, .took_ms = std::nullopt, .runner = runner}), "dead");
  EXPECT_EQ(db_->text("SELECT attempt_count || ' ' || reason FROM zero_admin.dead_letters"), "0 tenant_unknown");
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{0, 0, 0, 1, 0}));
}

TEST_F(Settle, ABatchIsJudgedEventByEventInTheOrderGiven) {
  for (int nth = 0; nth < 4; ++nth) enqueue();
  const auto events = claim(*db_, 10);
  ASSERT_EQ(events.size(), 4U);
  for (const auto nth : {0U, 2U}) db_->run("UPDATE zero_admin.outbox_queue SET attempt_count = 3 WHERE id = $1::uuid", pg::Params().add(events[nth].id));
  const auto verdicts = complete_failed(*db_, events, {.runner = runner});
  ASSERT_EQ(verdicts.size(), events.size());
  for (std::size_t nth = 0; nth < events.size(); ++nth) {
    EXPECT_EQ(verdicts[nth].id, events[nth].id);
    EXPECT_EQ(verdicts[nth].verdict, nth % 2 == 0 ? "dead" : "retry");
  }
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{4, 0, 4, 2, 40}));
  expect_consistent();
}

TEST_F(Settle, ADeadLetterOfAReplayedEventIsOfTheNextGeneration) {
  const auto id = enqueue();
  EXPECT_EQ(verdict_of(*db_, take(id), {.final = true}), "dead");
  db_->run("DELETE FROM zero_admin.outbox_done");
  db_->run("INSERT INTO zero_admin.outbox_queue (id, tenant_id, event_type, replay_count) VALUES ($1::uuid, $2::uuid, 'Order', 1)",
           pg::Params().add(id).add(tenant_a));
  EXPECT_EQ(verdict_of(*db_, take(id), {.final = true}), "dead");
  EXPECT_EQ(db_->run("SELECT generation FROM zero_admin.dead_letters ORDER BY generation").column(0), (Ids{"0", "1"}));
}

TEST_F(Settle, SentAndFailedOfOneRoundDoNotDisturbEachOther) {
  const auto good = enqueue();
  const auto bad = enqueue();
  const auto events = claim(*db_, 10);
  ASSERT_EQ(events.size(), 2U);
  const auto& first = events[0].id == good ? events[0] : events[1];
  const auto& second = events[0].id == good ? events[1] : events[0];
  db_->run("BEGIN");
  complete_sent(*db_, {first}, {.endpoint = endpoint, .runner = runner});
  // Settled in the same transaction: the success counts as one.
  EXPECT_EQ(verdict_of(*db_, second, {.endpoint_fault = true, .began_ms = 60000, .endpoint = endpoint, .runner = runner}), "retry");
  db_->run("COMMIT");
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{2, 1, 1, 0, 20}));
  EXPECT_EQ(column(bad, "attempt_count"), "1");
  expect_consistent();
}

TEST_F(Settle, CountersAgreeWithTheTables) {
  std::mt19937 random(6);
  for (int i = 0; i < 60; ++i) enqueue("T" + std::to_string(i % 4));
  for (int round = 0; round < 60; ++round) {
    db_->run("UPDATE zero_admin.outbox_queue SET due_at = now() WHERE lease_until IS NULL");
    for (const auto& event : claim(*db_, 5)) {
      switch (random() % 5) {
        case 0:
          complete_sent(*db_, {event}, {.endpoint = endpoint, .runner = runner});
          break;
        case 1:
          complete_failed(*db_, {event}, {.retry_max = 1, .runner = runner});
          break;
        case 2:
          complete_failed(*db_, {event}, {.endpoint_fault = true, .began_ms = 0, .endpoint = endpoint, .runner = runner});
          break;
        case 3:
          release(*db_, {event});
          break;
        default:
          complete_failed(*db_, {event}, {.final = random() % 3 == 0, .runner = runner});
          break;
      }
    }
  }
  const auto c = counters();
  EXPECT_GT(c[1], 0);
  EXPECT_GT(c[3], 0);
  EXPECT_EQ(c[1], db_->number("SELECT count(*) FROM zero_admin.outbox_done WHERE status = 'sent'"));
  EXPECT_EQ(c[3], db_->number("SELECT count(*) FROM zero_admin.outbox_done WHERE status = 'dlq'"));
  EXPECT_EQ(c[3], db_->number("SELECT count(*) FROM zero_admin.dead_letters"));
  EXPECT_EQ(c[0], c[1] + c[2]);
  EXPECT_EQ(
      c[0],
      db_->number("SELECT (SELECT sum(attempt_count) FROM zero_admin.outbox_done) + (SELECT coalesce(sum(attempt_count), 0) FROM zero_admin.outbox_queue)"));
  expect_consistent();
}

TEST_F(Settle, APermanentlyStuckRoundIsRolledBackWhole) {
  const auto id = enqueue();
  const auto event = take(id);
  db_->run("BEGIN");
  complete_sent(*db_, {event}, {.runner = runner});
  db_->run("ROLLBACK");
  EXPECT_EQ(counters(), (std::vector<std::int64_t>{0, 0, 0, 0, 0}));
  EXPECT_EQ(complete_sent(*db_, {event}, {.runner = runner}), Ids{id}) << "it is still ours";
}
