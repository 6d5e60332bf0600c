// Rules, snapshots and what changed since before. Time is passed in.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "config.hpp"
#include "evaluate.hpp"
#include "rule.hpp"
#include "snapshot.hpp"
#include "unit/support.hpp"
#include "window.hpp"

using namespace std::chrono_literals;
using base::Outcome;
using watch::Moment;

namespace {

constexpr std::int64_t start_ns = 1'000'000'000'000;

Moment at(base::Milliseconds since, std::string boot = "boot-a") {
  return {base::WallTime(1'795'000'000s) + since, start_ns + std::chrono::nanoseconds(since).count(), std::move(boot)};
}

Rule rule(std::string_view text) {
  auto parsed = parse_rule(text);
  if (const auto* problem = std::get_if<RuleProblem>(&parsed)) {
    ADD_FAILURE() << text << ": " << problem->text();
    return {};
  }
  return std::get<Rule>(parsed);
}

std::string problem(std::string_view text) {
  const auto parsed = parse_rule(text);
  const auto* problem = std::get_if<RuleProblem>(&parsed);
  return problem == nullptr ? "" : problem->text();
}

// One rule from run to run, as check() does it.
class Watching {
 public:
  explicit Watching(std::string_view text) : rules_{rule(text)} {}

  // "ok 10", "warning 11", "pending no_baseline", "unknown absent".
  std::string run(std::string_view json, const Moment& now, bool kept = true) {
    const auto snapshot = parse_snapshot(json);
    const auto evaluations = evaluate(rules_, snapshot, snapshot.problem, {state_, kept, now});
    if (snapshot.problem.empty()) remember(rules_, snapshot, {state_, kept, now});
    if (evaluations.empty()) return "left out";
    const auto& one = evaluations.front();
    std::string out;
    switch (one.verdict.finding) {
      case watch::Finding::clear:
        out = "ok";
        break;
      case watch::Finding::exceeded:
        out = "exceeded";
        break;
      case watch::Finding::no_data:
        out = "pending";
        break;
      case watch::Finding::undetermined:
        out = "unknown";
        break;
    }
    if (one.value) out += fmt::format(" {}", *one.value);
    return one.reason.empty() ? out : out + " " + one.reason;
  }
  std::string count(double value, const Moment& now) { return run(fmt::format(R"({{"c_total":{}}})", value), now); }
  watch::State& state() { return state_; }

 private:
  std::vector<Rule> rules_;
  watch::State state_;
};

}  // namespace

// ---- the language

TEST(Rules, HaveAllTheirParts) {
  const auto simple = rule("lag warning publisher_lag_ms > 300000");
  EXPECT_EQ(simple.name, "lag");
  EXPECT_EQ(simple.severity, Outcome::warning);
  EXPECT_EQ(simple.metric, "publisher_lag_ms");
  EXPECT_EQ(simple.window, std::nullopt);
  EXPECT_EQ(simple.op, ">");
  EXPECT_EQ(simple.threshold, 300000);
  EXPECT_EQ(simple.hold, 0ms);
  EXPECT_EQ(simple.keep, 0ms);
  const auto full = rule("  x.y-z:1\tcritical  delta( a_total ,1h30m )<=-1.5e3 keep 10m for 90s  ");
  EXPECT_EQ(full.name, "x.y-z:1");
  EXPECT_EQ(full.metric, "a_total");
  EXPECT_EQ(full.window, 90min);
  EXPECT_EQ(full.op, "<=");
  EXPECT_EQ(full.threshold, -1500);
  EXPECT_EQ(full.hold, 90s);
  EXPECT_EQ(full.keep, 10min);
  EXPECT_EQ(rule("a critical delta>3").metric, "delta") << "a metric may have that name";
  EXPECT_EQ(rule("a critical delta(m,5m)>3").window, 5min);
}

TEST(Rules, ProblemsNameTheColumnAndWhatIsAllowed) {
  EXPECT_EQ(problem(""), "column 1: expected a name of letters, digits and _ . : -, found the end");
  EXPECT_EQ(problem("9a warning m > 1"), "column 1: expected a name of letters, digits and _ . : -, found \"9a\"");
  EXPECT_EQ(problem("a fatal m > 1"), "column 3: expected warning or critical, found \"fatal\"");
  EXPECT_EQ(problem("a warning > 1"), "column 11: expected a metric, or delta(METRIC, DUR), found \">\"");
  EXPECT_EQ(problem("a warning m => 1"), "column 13: expected one of > >= < <= == !=, found \"=>\"");
  EXPECT_EQ(problem("a warning m"), "column 12: expected one of > >= < <= == !=, found the end");
  EXPECT_EQ(problem("a warning m > 5m"), "column 15: expected a number without a unit, found \"5m\"");
  for (const auto number : {"nan", "inf", "1e999", "", "0x10", "1,5"}) {
    EXPECT_NE(problem(std::string("a warning m > ") + number).find("expected a number without a unit"), std::string::npos) << number;
  }
  EXPECT_EQ(problem("a warning delta(m, 5) > 1"), "column 20: expected a duration from 1s to 7d (90s, 5m, 1h30m), found \"5)\"");
  EXPECT_EQ(problem("a warning delta(m, 8d) > 1"), "column 20: expected a duration from 1s to 7d (90s, 5m, 1h30m), found \"8d)\"");
  EXPECT_EQ(problem("a warning delta(m 5m) > 1"), "column 19: expected \",\", found \"5m)\"");
  EXPECT_EQ(problem("a warning delta(m, 5m > 1"), "column 23: expected \")\", found \">\"");
  EXPECT_EQ(problem("a warning m > 1 until 5m"), "column 17: expected for DUR, keep DUR or the end, found \"until\"");
  EXPECT_EQ(problem("a warning m > 1 for"), "column 20: expected a duration from 0s to 7d (90s, 5m, 1h30m), found the end");
  EXPECT_EQ(problem("a warning m > 1 ; drop"), "column 17: expected for DUR, keep DUR or the end, found \";\"");
}

TEST(Rules, OperatorsAreStrictWhereTheySaySo) {
  struct Row {
    std::string op;
    bool below, at, above;
  };
  for (const auto& [op, below, equal, above] : {Row{">", false, false, true}, Row{">=", false, true, true}, Row{"<", true, false, false},
                                                Row{"<=", true, true, false}, Row{"==", false, true, false}, Row{"!=", true, false, true}}) {
    const auto r = rule("a warning m " + op + " 5");
    EXPECT_EQ(r.exceeded(4), below) << op;
    EXPECT_EQ(r.exceeded(5), equal) << op;
    EXPECT_EQ(r.exceeded(6), above) << op;
  }
}

TEST(Rules, OfAFileAreOneALineAndProblemsNameTheLine) {
  std::vector<Rule> rules;
  EXPECT_EQ(parse_rules("# comment\n\na warning m > 1\r\n  # another\nb critical m > 2\na critical m > 3", rules), std::nullopt);
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].severity, Outcome::critical) << "a later one of the same name replaces it";
  EXPECT_EQ(rules[1].name, "b");
  EXPECT_EQ(parse_rules("a warning m > 1\n\nb warning m >\n", rules), "line 3, column 14: expected a number without a unit, found the end");
}

TEST(Rules, ThatAreNoneNeverCrash) {
  std::mt19937 random(3);
  constexpr std::string_view alphabet = "a_1 \t().,<>=!-mfor keepdelta5ms\xc3\xa4";
  for (int i = 0; i < 20000; ++i) {
    std::string text = random() % 2 == 0 ? "a warning " : "";
    for (std::size_t n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const auto parsed = parse_rule(text);
    if (const auto* wrong = std::get_if<RuleProblem>(&parsed)) {
      EXPECT_GE(wrong->column, 1U);
      EXPECT_LE(wrong->column, text.size() + 1);
    }
  }
}

TEST(Rules, TheDefaultOnesAreThoseOfTheContract) {
  const auto rules = default_rules();
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_FALSE(rules[0].exceeded(300000));
  EXPECT_TRUE(rules[0].exceeded(300001));
  EXPECT_EQ(rules[0].severity, Outcome::warning);
  EXPECT_FALSE(rules[1].exceeded(0));
  EXPECT_TRUE(rules[1].exceeded(1));
  EXPECT_EQ(rules[1].severity, Outcome::critical);
  EXPECT_EQ(rules[2].window, 5min);
  EXPECT_FALSE(rules[2].exceeded(10));
  EXPECT_TRUE(rules[2].exceeded(11));
  EXPECT_EQ(rules[2].severity, Outcome::warning);
  EXPECT_EQ(rules[3].metric, "outbox_stuck");
  EXPECT_TRUE(rules[3].optional);
}

// ---- the snapshot

TEST(SnapshotText, TakesNumbersObjectsAndTheTime) {
  const auto s = parse_snapshot(R"({"a":1,"b":-2.5,"c":{"value":3},"d":{"count":4,"sum":0.0},"e":{"count":5,"sum":60,"buckets":[1,2,{"x":3}]},"f":true,)"
                                R"("ts":"2026-11-24T02:00:00Z","note":"fine"})");
  EXPECT_EQ(s.problem, "");
  EXPECT_EQ(s.metrics.at("a").value, 1);
  EXPECT_EQ(s.metrics.at("b").value, -2.5);
  EXPECT_EQ(s.metrics.at("c").value, 3);
  EXPECT_EQ(s.metrics.at("d").count, 4);
  EXPECT_EQ(s.metrics.at("e").count, 5);
  EXPECT_EQ(s.metrics.at("e").sum, 60);
  EXPECT_EQ(s.metrics.at("f").value, 1);
  EXPECT_EQ(base::iso8601(*s.ts), "2026-11-24T02:00:00.000Z");
  EXPECT_FALSE(s.metrics.contains("x")) << "what lies deeper is no metric";
}

TEST(SnapshotText, LabelledMetricsBecomeOne) {
  const auto s = parse_snapshot(R"({"n_total{a=1}":2,"n_total{a=2}":3,"g{h=x}":7,"g{h=y}":4,"h{t=a}":{"count":1,"sum":10},"h{t=b}":{"count":2,"sum":20}})");
  EXPECT_EQ(s.metrics.at("n_total").value, 5);
  EXPECT_EQ(s.metrics.at("g").value, 7);
  EXPECT_EQ(s.metrics.at("h").count, 3);
  EXPECT_EQ(s.metrics.at("h").sum, 30);
}

TEST(SnapshotText, ThatCannotBeBelievedSaysWhy) {
  struct Row {
    std::string text;
    std::string problem;
  };
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{\"a\":";
  std::string arrays = "{\"a\":" + std::string(100, '[');
  std::string keys = "{";
  for (int i = 0; i < 100'001; ++i) keys += fmt::format("\"{}\":1,", i);
  keys.back() = '}';
  for (const auto& [text, expected] : {Row{"", "empty"},
                                       Row{" \n", "empty"},
                                       Row{"{", "json_invalid"},
                                       Row{R"({"a":1)", "json_invalid"},
                                       Row{R"({"a":1} x)", "json_invalid"},
                                       Row{R"({"a":1}{"a":2})", "json_invalid"},
                                       Row{"[]", "json_invalid"},
                                       Row{"1", "json_invalid"},
                                       Row{"null", "json_invalid"},
                                       Row{R"({"a":NaN})", "json_invalid"},
                                       Row{R"({"a":1e400})", "json_invalid"},
                                       Row{R"({"a":1,"a":2})", "duplicate_key"},
                                       Row{R"({"a":{"count":1,"count":2}})", "duplicate_key"},
                                       Row{R"({"a":1,"b":{"c":1},"b":2})", "duplicate_key"},
                                       Row{R"({"note":"metrics disabled"})", "metrics_disabled"},
                                       Row{R"({"ts":"yesterday"})", "json_invalid"},
                                       Row{"{\"a\":\"\xff\"}", "json_invalid"},
                                       Row{deep, "json_invalid"},
                                       Row{arrays, "json_invalid"},
                                       Row{keys, "too_large"},
                                       Row{"{\"a\":\"" + std::string(snapshot_limit, 'x') + "\"}", "too_large"}}) {
    EXPECT_EQ(parse_snapshot(text).problem, expected) << text.substr(0, 60);
  }
  const auto largest = "{\"a\":1,\"b\":\"" + std::string(snapshot_limit - 14, 'x') + "\"}";
  EXPECT_EQ(largest.size(), snapshot_limit);
  EXPECT_EQ(parse_snapshot(largest).problem, "");
}

TEST(SnapshotText, CutAnywhereIsNeverBelieved) {
  const std::string whole = R"({"publisher_lag_ms":0,"dlq_size":0,"h":{"count":1,"sum":2},"ts":"2026-11-24T02:00:00Z"})";
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_NE(parse_snapshot(whole.substr(0, length)).problem, "") << length;
}

TEST(SnapshotText, RandomBytesNeverCrash) {
  std::mt19937 random(5);
  for (int i = 0; i < 5000; ++i) parse_snapshot("{" + support::random_bytes(random, 60));
}

// ---- evaluation

TEST(Evaluate, EveryEdgeOfASingleSnapshot) {
  struct Row {
    std::string rule;
    std::string json;
    std::string result;
  };
  for (const auto& [text, json, result] :
       {Row{"a warning m > 300000", R"({"m":300000})", "ok 300000"}, Row{"a warning m > 300000", R"({"m":300001})", "exceeded 300001"},
        Row{"a warning m > 0", R"({"m":{"value":1}})", "exceeded 1"}, Row{"a warning m_total > 4", R"({"m_total":{"count":5,"sum":0.0}})", "exceeded 5"},
        Row{"a warning m > 4", R"({"m":{"count":5}})", "exceeded 5"}, Row{"a warning m > 0", R"({"other":1})", "unknown absent"},
        Row{"a warning m > 0", R"({"m":null})", "unknown not_a_number"}, Row{"a warning m > 0", R"({"m":"5"})", "unknown not_a_number"},
        Row{"a warning m > 0", R"({"m":"NaN"})", "unknown not_a_number"}, Row{"a warning m > 0", R"({"m":[5]})", "unknown absent"},
        Row{"a warning m > 0", R"({"m":{}})", "unknown not_a_number"}, Row{"a warning m > 0", R"({"m":{"value":"x"}})", "unknown not_a_number"},
        Row{"a warning m_total > 0", R"({"m_total":-1})", "unknown negative_counter"}, Row{"a warning m < 0", R"({"m":-1})", "exceeded -1"},
        Row{"a warning m > 0", "{", "unknown json_invalid"}, Row{"a warning m > 0", R"({"note":"metrics disabled"})", "unknown metrics_disabled"},
        Row{"a warning delta(m_total, 5m) > 10", R"({"m_total":5})", "pending no_baseline"},
        Row{"a warning m > 1", R"({"m":{"count":5,"sum":50}})", "pending no_baseline"}}) {
    EXPECT_EQ(Watching(text).run(json, at(0s)), result) << text << " of " << json;
  }
}

TEST(Evaluate, AnOptionalRuleSaysNothingWhereTheMetricIsMissing) {
  watch::State state;
  auto rules = default_rules();
  const auto snapshot = parse_snapshot(R"({"publisher_lag_ms":0,"dlq_size":0,"parse_failures_total":0})");
  EXPECT_EQ(evaluate(rules, snapshot, "", {state, true, at(0s)}).size(), 3U);
  EXPECT_EQ(evaluate(rules, snapshot, "stale", {state, true, at(0s)}).size(), 4U) << "what cannot be read may have it";
}

TEST(Evaluate, WithoutStateWhatComparesWithBeforeIsUnknownAndTheRestIsNot) {
  EXPECT_EQ(Watching("a warning delta(m_total, 5m) > 10").run(R"({"m_total":5})", at(0s), false), "unknown no_state");
  EXPECT_EQ(Watching("a warning m > 1").run(R"({"m":{"count":5,"sum":50}})", at(0s), false), "unknown no_state");
  EXPECT_EQ(Watching("a warning m > 1").run(R"({"m":5})", at(0s), false), "exceeded 5");
}

TEST(Delta, TenIsOkAndElevenIsNot) {
  Watching w("a warning delta(c_total, 5m) > 10");
  EXPECT_EQ(w.count(100, at(0s)), "pending no_baseline");
  EXPECT_EQ(w.count(110, at(1min)), "ok 10");
  EXPECT_EQ(w.count(111, at(2min)), "exceeded 11");
}

TEST(Delta, SlidesWithItsWindow) {
  Watching w("a warning delta(c_total, 5m) > 10");
  for (int minute = 0; minute <= 30; ++minute) {
    const auto result = w.count(2.0 * minute, at(minute * 1min));
    if (minute >= 5) {
      EXPECT_EQ(result, "ok 10") << minute;
    }
  }
  EXPECT_LE(w.state().samples.at("c_total").size(), 7U) << "what is older than the window is forgotten, but for one";
}

TEST(Delta, ShorterThanTheWindowIsTakenAsItIs) {
  Watching w("a warning delta(c_total, 5m) > 10");
  w.count(0, at(0s));
  EXPECT_EQ(w.count(11, at(10s)), "exceeded 11") << "a lower bound, and exceeded already";
}

TEST(Delta, AResetCountsFromZero) {
  Watching w("a warning delta(c_total, 5m) > 10");
  w.count(100, at(0s));
  w.count(105, at(1min));
  EXPECT_EQ(w.count(3, at(2min)), "ok 8 reset");
  EXPECT_EQ(w.count(6, at(3min)), "exceeded 11 reset");
  EXPECT_EQ(w.count(6, at(10min)), "ok 0") << "out of the window, out of mind";
}

TEST(Delta, AGapOverTwiceTheWindowIsScaled) {
  Watching exact("a warning delta(c_total, 5m) > 10");
  exact.count(0, at(0s));
  EXPECT_EQ(exact.count(21, at(10min)), "exceeded 21") << "not over twice";
  Watching longer("a warning delta(c_total, 5m) > 10");
  longer.count(0, at(0s));
  EXPECT_EQ(longer.count(40, at(20min)), "ok 10 scaled");
  Watching more("a warning delta(c_total, 5m) > 10");
  more.count(0, at(0s));
  EXPECT_EQ(more.count(44, at(20min)), "exceeded 11 scaled");
}

TEST(Delta, AClockThatJumpsChangesNothingWithinABoot) {
  Watching w("a warning delta(c_total, 5m) > 10");
  w.count(0, at(0s));
  auto jumped = at(1min);
  jumped.wall += 240h;
  EXPECT_EQ(w.count(11, jumped), "exceeded 11");
  jumped = at(2min);
  jumped.wall -= 240h;
  EXPECT_EQ(w.count(12, jumped), "exceeded 12");
}

TEST(Delta, AcrossARebootTheWallClockCounts) {
  Watching w("a warning delta(c_total, 5m) > 10");
  w.count(0, at(0s));
  auto rebooted = at(2min, "boot-b");
  rebooted.boottime_ns = 1;
  EXPECT_EQ(w.count(12, rebooted), "exceeded 12");
  Watching back("a warning delta(c_total, 5m) > 10");
  back.count(0, at(0s));
  auto earlier = at(-1h, "boot-b");
  EXPECT_EQ(back.count(12, earlier), "pending no_baseline") << "a sample from a time that is yet to come says nothing";
  EXPECT_EQ(back.state().samples.at("c_total").size(), 1U) << "and is dropped";
}

TEST(Delta, SamplesAreBoundedHoweverOftenItRuns) {
  Watching w("a warning delta(c_total, 5m) > 10");
  for (int i = 0; i < 20'000; ++i) w.count(i, at(i * 50ms));
  EXPECT_LE(w.state().samples.at("c_total").size(), 502U);
}

TEST(Mean, IsOfWhatWasCountedSinceTheLastRun) {
  Watching w("a warning lag_ms > 300");
  EXPECT_EQ(w.run(R"({"lag_ms":{"count":10,"sum":1000,"max":9000,"avg":100}})", at(0s)), "pending no_baseline");
  EXPECT_EQ(w.run(R"({"lag_ms":{"count":12,"sum":1600}})", at(1min)), "ok 300");
  EXPECT_EQ(w.run(R"({"lag_ms":{"count":13,"sum":1901}})", at(2min)), "exceeded 301");
  EXPECT_EQ(w.run(R"({"lag_ms":{"count":13,"sum":1901}})", at(3min)), "pending no_samples");
  EXPECT_EQ(w.run(R"({"lag_ms":{"count":2,"sum":800}})", at(4min)), "exceeded 400 reset");
}

TEST(Samples, OfRulesThatAreGoneAreForgotten) {
  watch::State state;
  state.samples["old_total"] = {{at(0s), 1}};
  remember({rule("a warning delta(new_total, 5m) > 1")}, parse_snapshot(R"({"new_total":1,"old_total":1})"), {state, true, at(0s)});
  EXPECT_FALSE(state.samples.contains("old_total"));
  EXPECT_TRUE(state.samples.contains("new_total"));
}

TEST(SnapshotAge, StaleAndFromTheFuture) {
  const auto now = at(0s);
  EXPECT_EQ(judge_age(std::nullopt, now, 2min), "");
  EXPECT_EQ(judge_age(now.wall - 2min, now, 2min), "");
  EXPECT_EQ(judge_age(now.wall - 2min - 1ms, now, 2min), "stale");
  EXPECT_EQ(judge_age(now.wall + 5s, now, 2min), "");
  EXPECT_EQ(judge_age(now.wall + 5s + 1ms, now, 2min), "clock_skew");
}

// ---- settings

TEST(AlertSettings, RulesOfFileAndFlagsAddAndReplace) {
  const support::Folder folder;
  const auto file = folder.write("rules", "dlq_size warning dlq_size > 5\nextra critical worker_lag_ms > 1\n");
  Config config;
  EXPECT_TRUE(settings(config).load({{"DATABASE_URL", "postgresql:///x"}, {"ALERT_RULES_FILE", file}}).problems.empty());
  for (const auto& flag : flags(config)) {
    if (flag.name == "--rule") {
      EXPECT_EQ(flag.store("extra warning worker_lag_ms > 2"), std::nullopt);
    }
  }
  const auto rules = config.rules();
  ASSERT_EQ(rules.size(), 5U);
  EXPECT_EQ(rules[1].threshold, 5);
  EXPECT_EQ(rules[4].threshold, 2);
}

TEST(AlertSettings, ABadRulesFileIsAProblemWithItsLine) {
  const support::Folder folder;
  Config config;
  const auto loaded = settings(config).load({{"DATABASE_URL", "postgresql:///x"}, {"ALERT_RULES_FILE", folder.write("rules", "\nx warn m > 1\n")}});
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].detail, "line 2, column 3: expected warning or critical, found \"warn\"");
  Config other;
  EXPECT_EQ(settings(other).load({{"DATABASE_URL", "postgresql:///x"}, {"ALERT_RULES_FILE", (folder / "none").string()}}).problems[0].detail,
            "cannot be read: No such file or directory");
}

TEST(AlertSettings, TheDatabaseIsNeededOnlyWithoutASource) {
  Config none;
  EXPECT_EQ(settings(none).load({}).problems.at(0).name, "DATABASE_URL");
  Config file;
  file.arguments = {"/some/file"};
  EXPECT_TRUE(settings(file).load({}).problems.empty());
  EXPECT_EQ(file.source, Source::file);
  Config url;
  url.arguments = {"https://ops.example.com/api/v1/ops/metrics?x=secret"};
  EXPECT_TRUE(settings(url).load({}).problems.empty());
  EXPECT_EQ(url.source, Source::url);
  EXPECT_EQ(url.source_name().find("secret"), std::string::npos);
  for (const auto bad : {"http://example.com/", "ftp://localhost/x"}) {
    Config wrong;
    wrong.arguments = {bad};
    EXPECT_THROW(settings(wrong).load({}), base::Error) << bad;
  }
  Config two;
  two.arguments = {"a", "b"};
  EXPECT_THROW(settings(two).load({}), base::Error);
}

TEST(AlertSettings, ATokenWithALineBreakIsRefused) {
  Config config;
  const auto loaded = settings(config).load({{"DATABASE_URL", "postgresql:///x"}, {"OPS_TOKEN", "a\r\nX-Evil: 1"}});
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].name, "OPS_TOKEN");
}

TEST(StateDirectory, OfSystemdIsTakenWhereNothingElseIsSaid) {
  Config config;
  EXPECT_TRUE(settings(config).load({{"DATABASE_URL", "postgresql:///x"}}).problems.empty());
  EXPECT_EQ(config.watch.state_dir, "/var/lib/0admin");
  EXPECT_TRUE(settings(config).load({{"DATABASE_URL", "postgresql:///x"}, {"STATE_DIRECTORY", "/var/lib/one:/var/lib/two"}}).warnings.empty());
  EXPECT_EQ(config.watch.state_dir, "/var/lib/one");
  const auto loaded = settings(config).load({{"DATABASE_URL", "postgresql:///x"}, {"STATE_DIRECTORY", "/var/lib/one"}, {"STATE_DIR", "/srv/state"}});
  EXPECT_EQ(config.watch.state_dir, "/srv/state");
  EXPECT_TRUE(loaded.warnings.empty());
}
