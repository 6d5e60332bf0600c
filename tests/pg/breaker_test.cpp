#include <gtest/gtest.h>

#include <set>

#include "pg/protocol.hpp"

using namespace protocol;

namespace {

constexpr std::int64_t endpoint = 7;
constexpr std::int64_t probe_ms = 1000;

struct State {
  bool open = false;
  bool opened = false;
};

class Breaker : public cluster::SchemaTest {
 protected:
  State fail(const std::vector<std::string>& ids, std::int64_t threshold = 5, bool probe = false, std::int64_t asked_ms = 0,
             const outbox::Scope& scope = everything()) const {
    return fail_in(*db_, ids, threshold, probe, asked_ms, scope);
  }
  static State fail_in(const Session& session, const std::vector<std::string>& ids, std::int64_t threshold = 5, bool probe = false, std::int64_t asked_ms = 0,
                       const outbox::Scope& scope = everything()) {
    const auto answer = session.run(outbox::sql::breaker_failed, params(ids, threshold, probe, asked_ms, scope));
    return {answer.text(0, 0) == "t", answer.text(0, 1) == "t"};
  }
  static pg::Params params(const std::vector<std::string>& ids, std::int64_t threshold, bool probe, std::int64_t asked_ms, const outbox::Scope& scope) {
    return trouble_params(ids, {.endpoint = endpoint, .threshold = threshold, .probe_ms = probe_ms, .probe = probe, .asked_ms = asked_ms}, scope);
  }
  // Null: nothing had to be closed.
  std::optional<bool> succeed() const {
    const auto answer = db_->run(outbox::sql::breaker_closed, std::move(pg::Params().add(endpoint)));
    return answer.rows.empty() ? std::nullopt : std::optional(answer.text() == "t");
  }
  std::string column(const std::string& expression) const {
    return db_->text("SELECT " + expression + " FROM zero_admin.delivery_breakers WHERE endpoint = 7");
  }
  // How long until the next probe, in whole units of the first wait, rounded.
  std::int64_t wait_units() const {
    return db_->number("SELECT round(extract(epoch FROM probe_at - now()) * 1000 / 1000) FROM zero_admin.delivery_breakers WHERE endpoint = 7");
  }
  void probe_now() const { db_->run("UPDATE zero_admin.delivery_breakers SET probe_at = now() - interval '1 second' WHERE endpoint = 7"); }
  std::vector<std::string> events(int count, std::string_view type = "Order", std::string_view tenant = tenant_a) const {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(enqueue(type, "{}", tenant));
    return ids;
  }
  // An open breaker whose probe is due.
  void open_breaker(const std::vector<std::string>& ids) const {
    EXPECT_TRUE(fail(ids, 1).open);
    probe_now();
  }
};

}  // namespace

TEST_F(Breaker, OpensWhenAsManyDistinctEventsFailedAsTheThresholdSays) {
  const auto ids = events(10);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(fail({ids[i]}).open) << i;
  const auto fifth = fail({ids[4]});
  EXPECT_TRUE(fifth.open);
  EXPECT_TRUE(fifth.opened);
  EXPECT_EQ(column("state"), "open");
  EXPECT_EQ(column("host"), "hooks.example:443");
  EXPECT_EQ(column("reason"), "http_503");
  EXPECT_EQ(wait_units(), 1);
  const auto sixth = fail({ids[5]});
  EXPECT_TRUE(sixth.open);
  EXPECT_FALSE(sixth.opened) << "it is told once";
}

TEST_F(Breaker, ManyFailuresOfOneRoundCountTogether) {
  const auto ids = events(10);
  EXPECT_TRUE(fail({ids[0], ids[1], ids[2], ids[3], ids[4], ids[5]}).opened);
}

TEST_F(Breaker, TheSameEventCountsOnce) {
  const auto ids = events(10);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(fail({ids[0]}).open);
  EXPECT_EQ(column("cardinality(failing)"), "1");
}

TEST_F(Breaker, AllThatAreDueAreEnoughWhenThereAreFewer) {
  const auto ids = events(2);
  EXPECT_FALSE(fail({ids[0]}).open) << "the other may still get through";
  EXPECT_TRUE(fail({ids[1]}).open);
}

TEST_F(Breaker, EventsOnTheirWayCountAsNotFailedYet) {
  const auto ids = events(2);
  claim(*db_, 10);
  EXPECT_FALSE(fail({ids[0]}).open);
  EXPECT_TRUE(fail({ids[1]}).open);
}

TEST_F(Breaker, EventsThatAreDueLaterOrOfOtherTypesAreNotWaitedFor) {
  const auto ids = events(1);
  make_due(events(1).front(), -3600);
  events(1, "InboxItemValidated");
  outbox::Scope scope;
  scope.exclude = {"InboxItemValidated"};
  EXPECT_FALSE(fail({ids[0]}).open) << "of all types there is one more";
  EXPECT_TRUE(fail({ids[0]}, 5, false, 0, scope).open);
}

TEST_F(Breaker, OneSuccessForgetsWhatFailedBefore) {
  const auto ids = events(10);
  for (std::size_t i = 0; i < 4; ++i) fail({ids[i]});
  EXPECT_EQ(succeed(), false);
  for (std::size_t i = 4; i < 8; ++i) EXPECT_FALSE(fail({ids[i]}).open);
  EXPECT_TRUE(fail({ids[8]}).open);
}

TEST_F(Breaker, OneSuccessClosesItForEverybody) {
  const auto ids = events(3);
  open_breaker(ids);
  EXPECT_TRUE(claim(*db_, 10, at_endpoint(endpoint)).empty());
  EXPECT_EQ(succeed(), true);
  EXPECT_EQ(column("state"), "closed");
  EXPECT_EQ(column("failing"), "{}");
  EXPECT_EQ(column("probe_at"), "(null)");
  EXPECT_EQ(claim(*db_, 10, at_endpoint(endpoint)).size(), 3U);
  EXPECT_EQ(succeed(), std::nullopt) << "there is nothing left to forget";
}

TEST_F(Breaker, ASuccessAtAnEndpointThatNeverFailedWritesNothing) {
  EXPECT_EQ(succeed(), std::nullopt);
  EXPECT_EQ(db_->number("SELECT count(*) FROM zero_admin.delivery_breakers"), 0);
}

TEST_F(Breaker, FailedProbesDoubleTheWaitUpToTenTimes) {
  const auto ids = events(3);
  EXPECT_TRUE(fail(ids, 1).open);
  EXPECT_EQ(wait_units(), 1);
  for (const std::int64_t wanted : {2, 4, 8, 10, 10}) {
    fail({ids[0]}, 1, true);
    EXPECT_EQ(wait_units(), wanted);
  }
}

TEST_F(Breaker, AStragglerThatIsNoProbeDoesNotMoveTheNextProbe) {
  const auto ids = events(3);
  fail(ids, 1);
  fail({ids[0]}, 1, true);
  const auto before = column("probe_at");
  fail({ids[1]}, 1, false);
  EXPECT_EQ(column("probe_at"), before);
}

TEST_F(Breaker, ReopeningStartsAtTheFirstWait) {
  const auto ids = events(3);
  fail(ids, 1);
  for (int i = 0; i < 3; ++i) fail({ids[0]}, 1, true);
  succeed();
  EXPECT_TRUE(fail({ids[1]}, 1).opened);
  EXPECT_EQ(wait_units(), 1);
}

TEST_F(Breaker, RetryAfterIsHonouredBetweenOneAndTwoWaits) {
  const auto ids = events(3);
  EXPECT_TRUE(fail(ids, 1, false, 60000).open);
  EXPECT_EQ(wait_units(), 2) << "at most twice the wait";
  fail({ids[0]}, 1, true, 60000);
  EXPECT_EQ(wait_units(), 4) << "the wait is two by now";
  fail({ids[0]}, 1, true, 5000);
  EXPECT_EQ(wait_units(), 5) << "between four and eight";
  fail({ids[0]}, 1, true, 10);
  EXPECT_EQ(wait_units(), 8) << "never less than the wait";
}

TEST_F(Breaker, OnlyOneProbeGoesOutAtATime) {
  open_breaker(events(3));
  const Session first;
  const Session second;
  first.run("BEGIN");
  EXPECT_EQ(claim_probe(first, at_endpoint(endpoint)).size(), 1U);
  EXPECT_TRUE(claim_probe(second, at_endpoint(endpoint)).empty()) << "while the first is being claimed";
  first.run("COMMIT");
  EXPECT_TRUE(claim_probe(second, at_endpoint(endpoint)).empty()) << "while the first is on its way";
}

TEST_F(Breaker, NoProbeGoesOutBeforeItIsDueOrWhileTheBreakerIsClosed) {
  const auto ids = events(3);
  EXPECT_TRUE(claim_probe(*db_, at_endpoint(endpoint)).empty());
  fail(ids, 1);
  EXPECT_TRUE(claim_probe(*db_, at_endpoint(endpoint)).empty());
  probe_now();
  EXPECT_EQ(claim_probe(*db_, at_endpoint(endpoint)).size(), 1U);
}

TEST_F(Breaker, AProbeWhoseHolderVanishedIsFollowedByAnother) {
  open_breaker(events(3));
  const auto probe = claim_probe(*db_, at_endpoint(endpoint));
  ASSERT_EQ(probe.size(), 1U);
  probe_now();  // its time is over
  const auto next = claim_probe(*db_, at_endpoint(endpoint));
  ASSERT_EQ(next.size(), 1U);
  EXPECT_NE(next[0].id, probe[0].id) << "the first is still leased";
}

TEST_F(Breaker, AProbeGivenBackUnsentLetsAnotherGoOutAtOnce) {
  open_breaker(events(2));
  const auto probe = claim_probe(*db_, at_endpoint(endpoint));
  release(*db_, probe);
  db_->run(outbox::sql::probe_again, std::move(pg::Params().add(endpoint)));
  const auto next = claim_probe(*db_, at_endpoint(endpoint));
  ASSERT_EQ(next.size(), 1U);
  EXPECT_FALSE(next[0].charged);
}

TEST_F(Breaker, ProbesRotateOverAllEvents) {
  const auto ids = events(6);
  open_breaker(ids);
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i) {
    const auto probe = claim_probe(*db_, at_endpoint(endpoint));
    ASSERT_EQ(probe.size(), 1U);
    seen.insert(probe[0].id);
    complete_failed(*db_, probe, {.endpoint_fault = true, .began_ms = 0, .endpoint = endpoint});
    fail({probe[0].id}, 1, true);
    probe_now();
  }
  EXPECT_EQ(seen.size(), 6U) << "one event that can never succeed must not be the only probe";
}

TEST_F(Breaker, ProbesPreferAnotherTenantThanTheLast) {
  auto ids = events(5, "Order", tenant_a);
  for (const auto& id : events(1, "Order", tenant_b)) ids.push_back(id);
  for (const auto& id : events(1, "Order", tenant_c)) ids.push_back(id);
  open_breaker(ids);
  std::vector<std::string> tenants;
  for (int i = 0; i < 4; ++i) {
    const auto probe = claim_probe(*db_, at_endpoint(endpoint));
    ASSERT_EQ(probe.size(), 1U);
    tenants.push_back(probe[0].tenant);
    complete_failed(*db_, probe, {.endpoint_fault = true, .began_ms = 0, .endpoint = endpoint});
    probe_now();
  }
  for (std::size_t i = 1; i < tenants.size(); ++i) EXPECT_NE(tenants[i], tenants[i - 1]) << i;
  EXPECT_EQ(std::set<std::string>(tenants.begin(), tenants.end()).size(), 3U);
}

TEST_F(Breaker, ATenantBehindAThousandEventsOfAnotherIsReached) {
  db_->run("SELECT zero_admin.enqueue_event($1::uuid, 'Order', '{}'::text) FROM generate_series(1, 2500)", pg::Params().add(tenant_a));
  const auto last = events(1, "Order", tenant_b).front();
  open_breaker({last});
  bool reached = false;
  for (int i = 0; i < 6 && !reached; ++i) {
    const auto probe = claim_probe(*db_, at_endpoint(endpoint));
    ASSERT_EQ(probe.size(), 1U);
    reached = probe[0].id == last;
    complete_failed(*db_, probe, {.endpoint_fault = true, .began_ms = 0, .endpoint = endpoint});
    probe_now();
  }
  EXPECT_TRUE(reached);
}

TEST_F(Breaker, AProbeTakesOnlyWhatIsDueAndWanted) {
  const auto ids = events(1);
  make_due(ids[0], -3600);
  events(1, "InboxItemValidated");
  open_breaker(ids);
  auto scope = at_endpoint(endpoint);
  scope.exclude = {"InboxItemValidated"};
  EXPECT_TRUE(claim_probe(*db_, scope).empty());
  make_due(ids[0], 1);
  EXPECT_EQ(ids_of(claim_probe(*db_, scope)), ids);
}

TEST_F(Breaker, AProbeTakesASuspectAndChargesOneThatHadBeenAlone) {
  const auto ids = events(1);
  claim(*db_, 1);
  expire(ids[0]);
  open_breaker(ids);
  auto probe = claim_probe(*db_, at_endpoint(endpoint));
  ASSERT_EQ(probe.size(), 1U);
  EXPECT_FALSE(probe[0].charged) << "it had been one of a batch";
  expire(ids[0]);
  probe_now();
  probe = claim_probe(*db_, at_endpoint(endpoint));
  ASSERT_EQ(probe.size(), 1U);
  EXPECT_TRUE(probe[0].charged);
  EXPECT_EQ(probe[0].attempts, 1);
}

TEST_F(Breaker, AProbeIsCompletedLikeAnyOther) {
  const auto ids = events(1);
  open_breaker(ids);
  EXPECT_EQ(complete_sent(*db_, claim_probe(*db_, at_endpoint(endpoint)), {.endpoint = endpoint}), ids);
  EXPECT_EQ(succeed(), true);
}

TEST_F(Breaker, AFirstFailureOnTwoHostsAtOnceLosesNeither) {
  const auto ids = events(10);
  const Session other;
  db_->run("BEGIN");
  fail({ids[0], ids[1], ids[2]});
  other.send(outbox::sql::breaker_failed, params({ids[3], ids[4]}, 5, false, 0, everything()));
  other.wait_until_blocked(Session());
  db_->run("COMMIT");
  EXPECT_TRUE(other.collect().ok());
  EXPECT_EQ(column("cardinality(failing)"), "5");
  EXPECT_EQ(column("state"), "open") << "five distinct events failed with no success between";
}

TEST_F(Breaker, LaterFailuresOnTwoHostsAtOnceLoseNeither) {
  const auto ids = events(10);
  fail({ids[9]});
  const Session other;
  db_->run("BEGIN");
  fail({ids[0], ids[1]});
  other.send(outbox::sql::breaker_failed, params({ids[3], ids[4]}, 5, false, 0, everything()));
  other.wait_until_blocked(Session());
  db_->run("COMMIT");
  const auto answer = other.collect();
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(column("cardinality(failing)"), "5");
  EXPECT_EQ(answer.text(0, 0), "t");
  EXPECT_EQ(answer.text(0, 1), "t");
}
