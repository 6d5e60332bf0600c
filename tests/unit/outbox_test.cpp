#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "config/settings.hpp"
#include "outbox/queue.hpp"
#include "outbox/results.hpp"
#include "outbox/tenants.hpp"
#include "pg/connection.hpp"
#include "unit/support.hpp"

using namespace std::chrono_literals;

namespace {

std::vector<std::optional<std::string>> values_of(const pg::Params& params) {
  std::vector<std::optional<std::string>> values;
  for (const char* pointer : params.arguments().values) values.push_back(pointer == nullptr ? std::nullopt : std::optional<std::string>(pointer));
  return values;
}

struct Row {
  std::string id;
  std::string type;
  std::string lag;
};

// A result as claim.sql yields it.
pg::Result claim_result(const std::vector<Row>& rows) {
  PGresult* raw = PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK);
  std::array<std::string, 13> names{"id", "token", "attempts", "replays", "charged", "lag", "tenant", "type", "version", "trace", "created", "payload", "due"};
  std::vector<PGresAttDesc> columns;
  for (auto& name : names) columns.push_back({name.data(), 0, 0, 0, 25, -1, -1});
  PQsetResultAttrs(raw, static_cast<int>(columns.size()), columns.data());
  for (int r = 0; r < static_cast<int>(rows.size()); ++r) {
    const auto& row = rows[static_cast<std::size_t>(r)];
    std::array<std::string, 13> cells{row.id, "token", "2", "1", "t", row.lag, "tenant", row.type, "1.0", "", "1795485600000999", "{ }", "77"};
    for (int c = 0; c < 13; ++c) {
      auto& cell = cells[static_cast<std::size_t>(c)];
      PQsetvalue(raw, r, c, c == 9 ? nullptr : cell.data(), c == 9 ? -1 : static_cast<int>(cell.size()));
    }
  }
  return pg::Result(raw);
}

std::vector<std::string> ids_of(const std::vector<outbox::EventPtr>& events) {
  std::vector<std::string> ids;
  for (const auto& event : events) ids.emplace_back(event->id);
  return ids;
}

struct Bound {
  outbox::Tenants tenants;
  config::Loaded load(const config::Environment& environment) {
    config::Settings settings;
    tenants.bind(settings);
    return settings.load(environment);
  }
};

constexpr auto tenant_a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
constexpr auto tenant_b = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

}  // namespace

TEST(Backoff, FollowsTheStepsAndRepeatsTheLast) {
  const std::vector<std::int64_t> steps{5, 30, 300};
  EXPECT_EQ(outbox::backoff(steps, 0, 0ms, 0.5), 5s);
  EXPECT_EQ(outbox::backoff(steps, 1, 0ms, 0.5), 30s);
  EXPECT_EQ(outbox::backoff(steps, 2, 0ms, 0.5), 300s);
  EXPECT_EQ(outbox::backoff(steps, 3, 0ms, 0.5), 300s);
  EXPECT_EQ(outbox::backoff(steps, 1000000, 0ms, 0.5), 300s);
  EXPECT_EQ(outbox::backoff({7}, 2, 0ms, 0.5), 7s);
  EXPECT_EQ(outbox::backoff({0}, 0, 0ms, 0.9), 0s);
}

TEST(Backoff, JitterIsTwentyPercentEitherWay) {
  const std::vector<std::int64_t> steps{10};
  EXPECT_EQ(outbox::backoff(steps, 0, 0ms, 0.0), 8s);
  EXPECT_EQ(outbox::backoff(steps, 0, 0ms, 1.0), 12s);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> spread(0.0, 1.0);
  base::Milliseconds least = 1h;
  base::Milliseconds most = 0ms;
  for (int i = 0; i < 1000; ++i) {
    const auto wait = outbox::backoff(steps, 0, 0ms, spread(random));
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, 8s);
  EXPECT_LE(most, 12s);
  EXPECT_LT(least, 8500ms);
  EXPECT_GT(most, 11500ms);
}

TEST(Backoff, RetryAfterIsHonouredBetweenOneAndTwoSteps) {
  const std::vector<std::int64_t> steps{10, 100};
  EXPECT_EQ(outbox::backoff(steps, 0, 15s, 0.0), 15s);
  EXPECT_EQ(outbox::backoff(steps, 0, 1s, 0.0), 10s);
  EXPECT_EQ(outbox::backoff(steps, 0, 1h, 1.0), 20s);
  EXPECT_EQ(outbox::backoff(steps, 1, 150s, 0.0), 150s);
  EXPECT_EQ(outbox::backoff(steps, 1, 15s, 0.0), 100s);
  EXPECT_EQ(outbox::backoff(steps, 5, 1h, 0.0), 200s);
}

TEST(Scope, SaysNullForAllTypesAndListsOtherwise) {
  outbox::Scope all;
  pg::Params params;
  all.add_types(params);
  all.add_endpoint(params);
  EXPECT_EQ(values_of(params), (std::vector<std::optional<std::string>>{std::nullopt, "{}", std::nullopt}));

  outbox::Scope some{{{"A", "B,\"C\""}}, {"D"}, -5};
  pg::Params more;
  some.add_types(more);
  some.add_endpoint(more);
  EXPECT_EQ(values_of(more), (std::vector<std::optional<std::string>>{R"({"A","B,\"C\""})", R"({"D"})", "-5"}));
}

TEST(Params, ArraysKeepQuotesBackslashesAndNulls) {
  pg::Params params;
  params.add_array(std::vector<std::string>{"", "NULL", "a\\b\"c", "{,}"});
  params.add_array(std::vector<std::optional<std::string>>{std::nullopt, "x"});
  params.add_array(std::vector<std::int64_t>{1, -2});
  params.add_array(std::vector<std::string>{});
  params.add("text").add(std::int64_t{-9}).add_null().add_optional(std::nullopt).add_optional("some");
  EXPECT_EQ(params.count(), 9);
  EXPECT_EQ(values_of(params), (std::vector<std::optional<std::string>>{R"({"","NULL","a\\b\"c","{,}"})", R"({NULL,"x"})", "{1,-2}", "{}", "text", "-9",
                                                                        std::nullopt, std::nullopt, "some"}));
}

TEST(ReadEvents, PutsAlertsFirstAndThenTheOldest) {
  const auto result = claim_result(
      {{"3", "Order", "100"}, {"1", "Order", "900"}, {"4", "OpsAlert", "5"}, {"2", "Invoice", "500"}, {"5", "Invoice", "100"}, {"6", "OpsAlert", "50"}});
  const auto events = outbox::read_events(result, {}, 1s, false);
  EXPECT_EQ(ids_of(events), (std::vector<std::string>{"6", "4", "1", "2", "3", "5"}));
}

TEST(ReadEvents, FillsEveryFieldAndCountsTheLeaseFromBeforeTheClaimWasSent) {
  const auto sent_at = base::Boottime::now();
  const auto events = outbox::read_events(claim_result({{"1", "Order", "123"}}), sent_at, 90s, true);
  ASSERT_EQ(events.size(), 1U);
  const auto& event = *events[0];
  EXPECT_EQ(event.token, "token");
  EXPECT_EQ(event.attempt_count, 2);
  EXPECT_EQ(event.replay_count, 1);
  EXPECT_TRUE(event.charged);
  EXPECT_TRUE(event.alone);
  EXPECT_EQ(event.lag_at_claim_us, 123);
  EXPECT_EQ(event.tenant_id, "tenant");
  EXPECT_EQ(event.event_type, "Order");
  EXPECT_EQ(event.schema_version, "1.0");
  EXPECT_EQ(event.trace_id, std::nullopt);
  EXPECT_EQ(base::iso8601(event.created_at), "2026-11-24T02:00:00.000Z");
  EXPECT_EQ(event.payload, "{ }");
  EXPECT_EQ(event.claimed_at, sent_at);
  EXPECT_EQ(event.lease_end, sent_at + 90s);
}

TEST(Round, TellsHandlersTheirResultsInOrderAndThenWhatFollows) {
  outbox::Round round;
  EXPECT_TRUE(round.empty());
  EXPECT_FALSE(round.durable());
  std::vector<std::string> told;
  round.add({"a", ""}, {}, [&](const pg::Result&) { told.emplace_back("a"); });
  round.add({"b", ""}, {}, nullptr);
  round.then([&] { told.emplace_back("end"); });
  round.add({"c", ""}, {}, [&](const pg::Result&) { told.emplace_back("c"); });
  round.make_durable();
  EXPECT_TRUE(round.durable());
  EXPECT_FALSE(round.empty());
  EXPECT_EQ(round.take_batch().items.size(), 3U);
  std::vector<pg::Result> results;
  for (int i = 0; i < 3; ++i) results.emplace_back(PQmakeEmptyPGresult(nullptr, PGRES_COMMAND_OK));
  round.committed(results);
  EXPECT_EQ(told, (std::vector<std::string>{"a", "c", "end"}));
}

TEST(Tenants, EveryOneIsServedWithoutAList) {
  Bound bound;
  EXPECT_TRUE(bound.load({}).problems.empty());
  EXPECT_TRUE(bound.tenants.allowed(tenant_a));
  EXPECT_TRUE(bound.tenants.refresh());
}

TEST(Tenants, OnlyThoseOfTheListAreServedInAnyCase) {
  Bound bound;
  EXPECT_TRUE(bound.load({{"TENANT_ALLOWLIST", "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA"}}).problems.empty());
  EXPECT_TRUE(bound.tenants.allowed(tenant_a));
  EXPECT_TRUE(bound.tenants.allowed("AAAAAAAA-aaaa-4AAA-8aaa-AAAAAAAAAAAA"));
  EXPECT_FALSE(bound.tenants.allowed(tenant_b));
}

TEST(Tenants, AFileIsReadAgainWhenItChangesAndABrokenOneChangesNothing) {
  const support::Folder folder;
  const auto path = folder.write("tenants", std::string("# served\n\n  ") + tenant_a + " \r\n");
  Bound bound;
  ASSERT_TRUE(bound.load({{"TENANT_ALLOWLIST_PATH", path}}).problems.empty());
  EXPECT_TRUE(bound.tenants.allowed(tenant_a));
  EXPECT_FALSE(bound.tenants.allowed(tenant_b));

  // As a configuration tool does it: a new file in place of the old.
  const auto replace = [&](const std::string& content) { std::filesystem::rename(folder.write("new", content), path); };
  replace(std::string(tenant_b) + "\n");
  EXPECT_TRUE(bound.tenants.refresh());
  EXPECT_FALSE(bound.tenants.allowed(tenant_a));
  EXPECT_TRUE(bound.tenants.allowed(tenant_b));

  replace("nonsense\n");
  EXPECT_FALSE(bound.tenants.refresh());
  EXPECT_TRUE(bound.tenants.allowed(tenant_b)) << "the list before it stays in force";
  std::filesystem::remove(path);
  EXPECT_FALSE(bound.tenants.refresh());
  EXPECT_TRUE(bound.tenants.allowed(tenant_b));
  EXPECT_FALSE(bound.tenants.allowed(tenant_a));
}

TEST(Tenants, AnEmptyFileServesNobody) {
  const support::Folder folder;
  Bound bound;
  ASSERT_TRUE(bound.load({{"TENANT_ALLOWLIST_PATH", folder.write("tenants", "# nobody\n")}}).problems.empty());
  EXPECT_FALSE(bound.tenants.allowed(tenant_a));
}

TEST(Tenants, BothListsTogetherOrAFileThatCannotBeReadAreBadSettings) {
  const support::Folder folder;
  const auto path = folder.write("tenants", tenant_a);
  for (const auto& environment : std::vector<config::Environment>{{{"TENANT_ALLOWLIST", tenant_a}, {"TENANT_ALLOWLIST_PATH", path}},
                                                                  {{"TENANT_ALLOWLIST_PATH", (folder / "none").string()}},
                                                                  {{"TENANT_ALLOWLIST_PATH", folder.write("bad", "no uuid")}}}) {
    Bound bound;
    const auto loaded = bound.load(environment);
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].name, "TENANT_ALLOWLIST_PATH");
  }
}

TEST(CheckUrl, TakesLibpqUrisOnlyAndDoesNotQuoteThem) {
  for (const auto good :
       {"postgresql://", "postgres://user@host/db", "postgresql://a:b@h1:1,h2:2/db?sslmode=require", "postgresql:///db?host=/run/postgresql"}) {
    EXPECT_EQ(pg::check_url(good), std::nullopt) << good;
  }
  for (const auto bad : {"", "host=s3cret", "mysql://s3cret", "postgresql://s3cret@h:port/?nosuch=1", "postgresql://h/db?s3cret=1", "postgresql://[::1/s3cret",
                         "postgresql://h/%zz-s3cret"}) {
    const auto wrong = pg::check_url(bad);
    ASSERT_NE(wrong, std::nullopt) << bad;
    EXPECT_EQ(wrong->find("s3cret"), std::string::npos);
  }
}

TEST(ConnectFailure, TellsTheKindAndNothingOfTheMessage) {
  struct Case {
    std::string_view message;
    std::string_view kind;
  };
  for (const auto& [message, kind] :
       std::vector<Case>{{"connection to server at \"db.s3cret.example\" (10.0.0.1), port 5432 failed: FATAL:  28P01", "login failed"},
                         {"FATAL:  28000 s3cret", "login refused"},
                         {"FATAL:  3D000 s3cret", "no such database"},
                         {"FATAL:  53300", "too many connections"},
                         {"connection to server at \"s3cret\" failed: Connection refused", "connection refused"},
                         {"connection to server on socket \"/s3cret\" failed: No such file or directory", "no socket there"},
                         {"could not translate host name \"s3cret\" to address", "the host name cannot be resolved"},
                         {"session is read-only", "the server is read-only"},
                         {"timeout expired", "timed out"},
                         {"something s3cret and new", "connection failed"},
                         {"", "connection failed"}}) {
    const auto failure = pg::connect_failure(message, "host 2 of 3");
    EXPECT_EQ(failure.outcome, base::Outcome::runtime_error);
    EXPECT_TRUE(failure.lost);
    EXPECT_NE(failure.detail.find(kind), std::string::npos) << failure.detail;
    EXPECT_NE(failure.detail.find("host 2 of 3"), std::string::npos) << failure.detail;
    EXPECT_FALSE(failure.hint.empty());
    EXPECT_EQ((failure.error + failure.detail + failure.hint).find("s3cret"), std::string::npos) << failure.detail;
  }
  EXPECT_EQ(pg::connect_failure("FATAL:  28P01", "h").sqlstate, "28P01");
  EXPECT_EQ(pg::connect_failure("Connection refused", "h").sqlstate, "");
}

struct SomeResult {
  outbox::EventPtr event = std::make_unique<outbox::Event>();
};

SomeResult result_of(std::string_view id) {
  SomeResult result;
  result.event->id = id;
  return result;
}

std::vector<std::string> taken_by(const outbox::Results<SomeResult>& results) {
  std::vector<std::string> ids;
  for (const auto& result : results.taken()) ids.emplace_back(result.event->id);
  return ids;
}

TEST(Results, AreTakenInOrderAndGoneOnceCommitted) {
  outbox::Results<SomeResult> results;
  for (const auto* id : {"a", "b", "c"}) results.add(result_of(id));
  results.take(2);
  EXPECT_EQ(taken_by(results), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(results.size(), 3U);
  EXPECT_EQ(results.waiting(), 1U);
  EXPECT_EQ(results.find("b"), &results.taken()[1]);
  EXPECT_EQ(results.find("c"), nullptr) << "it waits";
  results.committed();
  EXPECT_EQ(results.size(), 1U);
  EXPECT_EQ(results.find("a"), nullptr);
  results.take();
  EXPECT_EQ(results.find("c"), &results.taken()[0]);
  EXPECT_FALSE(results.resubmitted());
}

TEST(Results, ComeBackInOrderWhenTheirRoundIsLost) {
  outbox::Results<SomeResult> results;
  for (const auto* id : {"a", "b"}) results.add(result_of(id));
  results.take();
  results.add(result_of("c"));
  EXPECT_NE(results.find("a"), nullptr);
  results.lost();
  EXPECT_EQ(results.size(), 3U);
  EXPECT_EQ(results.find("a"), nullptr) << "none is taken";
  EXPECT_EQ(results.oldest().event->id, "a");
  results.take();
  EXPECT_EQ(taken_by(results), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(results.resubmitted());
  results.committed();
  EXPECT_FALSE(results.resubmitted());
  EXPECT_EQ(results.size(), 0U);
}
