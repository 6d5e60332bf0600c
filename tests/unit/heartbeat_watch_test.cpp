// Heartbeat files and what they mean at a time that is passed in.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "beat.hpp"
#include "config.hpp"
#include "follow.hpp"
#include "unit/support.hpp"

using namespace std::chrono_literals;
using watch::Finding;
using watch::Moment;

namespace {

constexpr base::Milliseconds max_age = 10min;
constexpr std::int64_t up_ns = 86'400'000'000'000;  // for a day

const base::WallTime noon(1'795'000'000s);
const Moment now{noon, up_ns, "boot-a"};

struct File {
  base::Milliseconds age = 0ms;
  std::optional<base::Milliseconds> success_age = 0ms;  // at the time of the loop
  std::int64_t backlog = 0;
  std::string state = "running";
  std::string boot_id = "boot-a";
  base::Milliseconds clock_off{0};  // of whoever wrote it, at that time
};

std::string text(const File& f) {
  const auto loop = noon - f.age + f.clock_off;
  return fmt::format(R"({{"v":1,"name":"publisher","state":"{}","loop_ts":"{}","last_success_ts":{},"started_ts":"{}","loops":1,"done":0,"backlog":{},"pid":1,)"
                     R"("boot_id":"{}","boottime_ns":{}}})",
                     f.state, base::iso8601(loop), f.success_age ? fmt::format("\"{}\"", base::iso8601(loop - *f.success_age)) : "null", base::iso8601(loop),
                     f.backlog, f.boot_id, up_ns - std::chrono::nanoseconds(f.age).count());
}

// "clear", "exceeded stuck", "undetermined clock_skew", "no_data starting".
std::string told(const Assessment& a) {
  const auto finding = a.finding == Finding::clear      ? "clear"
                       : a.finding == Finding::exceeded ? "exceeded"
                       : a.finding == Finding::no_data  ? "no_data"
                                                        : "undetermined";
  return a.reason.empty() ? finding : finding + (" " + a.reason);
}

std::string told(const File& file, const Moment& at = now) { return told(assess(text(file), at, max_age)); }
std::string told(const std::string& content, const Moment& at = now) { return told(assess(content, at, max_age)); }

}  // namespace

TEST(Beats, EveryEdgeOfAFile) {
  struct Row {
    std::string what;
    File file;
    std::string told;
  };
  for (const auto& [what, file, expected] : std::vector<Row>{
           {"fresh and idle", {}, "clear"},
           {"the last moment", {.age = max_age}, "clear"},
           {"a moment later", {.age = max_age + 1ms}, "exceeded loop_stale"},
           {"stopped and started by a timer", {.age = 1min, .state = "stopped"}, "clear"},
           {"stopped and not started again", {.age = 11min, .state = "stopped"}, "exceeded stopped"},
           {"a quiet night", {.success_age = 9h}, "clear"},
           {"work due, and done just now", {.backlog = 3}, "clear"},
           {"work due, nothing done for long", {.success_age = 11min, .backlog = 3}, "exceeded stuck"},
           {"work due, the last moment", {.age = 4min, .success_age = 6min, .backlog = 3}, "clear"},
           {"both ages count together", {.age = 4min, .success_age = 6min + 1ms, .backlog = 3}, "exceeded stuck"},
           {"a dead one with work due is dead, not stuck", {.age = 11min, .success_age = 11min, .backlog = 3}, "exceeded loop_stale"},
           {"a little ahead", {.age = -5s}, "clear"},
           {"further ahead", {.age = -5001ms}, "undetermined clock_skew"},
           {"the clock was set back after it was written", {.age = 1min, .clock_off = 24h}, "clear"},
           {"the clock was set ahead after it was written", {.age = 1min, .clock_off = -24h}, "clear"},
           {"a stale one whose clock was ahead", {.age = 11min, .clock_off = 24h}, "exceeded loop_stale"},
           {"from before the boot", {.boot_id = "boot-b"}, "exceeded before_boot"},
       }) {
    EXPECT_EQ(told(file), expected) << what;
  }
}

TEST(Beats, AgeAndBacklogAreTold) {
  const auto a = assess(text({.age = 2min, .success_age = 3min, .backlog = 7}), now, max_age);
  EXPECT_EQ(a.age, 2min);
  EXPECT_EQ(a.success_age, 5min);
  EXPECT_EQ(a.backlog, 7);
}

TEST(Beats, OneThatNeverSucceededIsStuckOnceItHasBeenSoForTheMaximumAge) {
  const auto a = assess(text({.success_age = std::nullopt, .backlog = 1}), now, max_age);
  EXPECT_EQ(told(a), "exceeded stuck");
  EXPECT_EQ(a.hold, max_age) << "a timer's ticks each begin anew, so only the watcher knows for how long";
  EXPECT_EQ(told(File{.success_age = std::nullopt}), "clear");
}

TEST(Beats, AHostThatHasJustBeenStartedIsGivenTime) {
  Moment early = now;
  early.boottime_ns = std::chrono::nanoseconds(max_age - 1ms).count();
  EXPECT_EQ(told(assess_missing("missing", early, max_age)), "no_data starting");
  EXPECT_EQ(told(File{.boot_id = "boot-b"}, early), "no_data starting");
  early.boottime_ns = std::chrono::nanoseconds(max_age).count();
  EXPECT_EQ(told(assess_missing("missing", early, max_age)), "exceeded missing");
  EXPECT_EQ(told(assess_missing("missing", now, max_age)), "exceeded missing");
}

TEST(Beats, BareTimesAreTakenToo) {
  const auto epoch = noon.time_since_epoch().count() / 1000;
  EXPECT_EQ(told(fmt::format("{}\n", epoch)), "clear");
  EXPECT_EQ(told(fmt::format("{}", epoch - 600)), "clear");
  EXPECT_EQ(told(fmt::format("{}", epoch - 601)), "exceeded loop_stale");
  EXPECT_EQ(told(fmt::format("{}.123456789", epoch)), "clear");
  EXPECT_EQ(told(fmt::format("{}", epoch * 1000)), "clear") << "milliseconds";
  EXPECT_EQ(told(fmt::format("{}", epoch * 1000 - 601'000)), "exceeded loop_stale");
  EXPECT_EQ(told(base::iso8601(noon - 1min)), "clear");
  EXPECT_EQ(told(fmt::format("{}", epoch + 5)), "clear");
  EXPECT_EQ(told(fmt::format("{}", epoch + 6)), "undetermined clock_skew");
  EXPECT_EQ(told(fmt::format("{}", epoch - 2 * 86400)), "exceeded before_boot");
}

TEST(Beats, WhatIsNoHeartbeatIsUnknown) {
  const auto whole = text({});
  for (const auto& content :
       {std::string(), std::string("\n"), std::string("soon"), std::string("-5"), std::string("."), std::string("5."), std::string("1 2"),
        std::string("99999999999999999999"), std::string("{}"), std::string("[]"), std::string(R"({"v":2,"loop_ts":"2026-11-24T02:00:00Z"})"),
        std::string(R"({"v":1,"loop_ts":5})"), std::string(R"({"v":1,"loop_ts":"2026-11-24T02:00:00Z","boottime_ns":"x","boot_id":"b"})"),
        std::string(R"({"v":1,"loop_ts":"2026-11-24T02:00:00Z","boottime_ns":-9223372036854775808,"boot_id":"b"})"),
        std::string(R"({"v":1,"loop_ts":"2026-11-24T02:00:00Z","boottime_ns":-9223372046577358808,"boot_id":"b"})"),
        std::string(R"({"v":1,"loop_ts":"2026-11-24T02:00:00Z","backlog":1e300})"),
        std::string(R"({"v":1,"loop_ts":"2026-11-24T02:00:00Z","boottime_ns":9223372036854775807,"boot_id":"b"})")}) {
    EXPECT_EQ(told(content), "undetermined invalid") << content;
  }
  for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_EQ(told(whole.substr(0, length)), "undetermined invalid") << length;
}

TEST(Beats, RandomBytesNeverCrash) {
  std::mt19937 random(9);
  for (int i = 0; i < 5000; ++i) assess("{" + support::random_bytes(random, 80), now, max_age);
}

// ---- following lines

TEST(RunnerLines, OfThePublisherAndTheWorkerAreRead) {
  const auto pass =
      read_runner_line(R"({"v":1,"tool":"outbox-publish","run_id":"r","ts":"2026-11-24T02:00:00.000Z","type":"pass","claimed":5,"sent":4,"backlog":9})");
  ASSERT_TRUE(pass);
  EXPECT_EQ(pass->runner, "publisher");
  EXPECT_EQ(pass->type, "pass");
  EXPECT_EQ(pass->backlog, 9);
  EXPECT_EQ(pass->done, 4);
  EXPECT_EQ(base::iso8601(pass->at), "2026-11-24T02:00:00.000Z");
  EXPECT_EQ(read_runner_line(R"({"v":1,"tool":"inbox-work","ts":"2026-11-24T02:00:00Z","type":"parsed"})")->runner, "worker");
}

TEST(RunnerLines, WithTheLargestNumbersStillHaveDoneSomething) {
  const auto pass = read_runner_line(
      R"({"v":1,"tool":"outbox-publish","ts":"2026-11-24T02:00:00Z","type":"pass","sent":9223372036854775807,"parsed":9223372036854775807,"backlog":1})");
  ASSERT_TRUE(pass);
  EXPECT_GT(pass->done, 0);
}

TEST(RunnerLines, OthersAreNone) {
  for (const auto line : {"", "text", "{", "[]", "7", R"({"v":1})", R"({"v":1,"tool":"outbox-add","ts":"2026-11-24T02:00:00Z","type":"enqueued"})",
                          R"({"v":1,"tool":"outbox-publish","type":"pass"})", R"({"v":1,"tool":"outbox-publish","ts":"now","type":"pass"})",
                          R"({"v":2,"tool":"outbox-publish","ts":"2026-11-24T02:00:00Z","type":"pass"})",
                          R"({"v":1,"tool":"outbox-publish","ts":"2026-11-24T02:00:00Z","type":"log","level":"error"})",
                          R"({"v":"1","tool":["outbox-publish"],"ts":"2026-11-24T02:00:00Z","type":"pass"})"}) {
    EXPECT_FALSE(read_runner_line(line)) << line;
  }
}

TEST(Traces, BecomeAFileThatIsReadAsOneOfARunner) {
  Trace trace;
  trace.take("pass", noon - 8min, 3, 0);
  auto a = assess(trace.file("publisher", now), now, max_age);
  EXPECT_EQ(told(a), "exceeded stuck") << "work is due and nothing was ever done";
  EXPECT_EQ(a.age, 8min) << "a line that was read late is as old as it is";
  trace.take("published", noon - 7min, 0, 0);
  a = assess(trace.file("publisher", now), now, max_age);
  EXPECT_EQ(told(a), "clear");
  EXPECT_EQ(a.success_age, 7min);
  EXPECT_EQ(a.backlog, 3) << "as the last pass had it";
  trace.take("pass", noon - 1min, 0, 0);
  a = assess(trace.file("publisher", now), now, max_age);
  EXPECT_EQ(a.success_age, 1min) << "finding nothing due is a success";
  trace.take("publish_failed", noon, 0, 0);
  EXPECT_EQ(assess(trace.file("publisher", now), now, max_age).success_age, 1min);
  trace.take("summary", noon, 0, 0);
  EXPECT_TRUE(parse_beat(trace.file("publisher", now))->stopped);
  EXPECT_LE(trace.file("publisher", now).size(), beat_limit);
}

TEST(Traces, GoOnWithTheSuccessOfTheFileBefore) {
  Trace trace;
  trace.begin(text({.age = 2min}));
  trace.take("pass", noon, 3, 0);
  EXPECT_EQ(assess(trace.file("publisher", now), now, max_age).success_age, 2min);
}

// ---- settings

namespace {

std::optional<std::string> flag_problem(std::string_view name, std::string_view value, Config& config) {
  for (const auto& flag : flags(config)) {
    if (flag.name == name) return flag.store(value);
  }
  return "no such flag";
}

}  // namespace

TEST(HeartbeatSettings, TargetsAreThoseOfThisHostUnlessNamed) {
  Config config;
  EXPECT_TRUE(settings(config).load({}).problems.empty());
  ASSERT_EQ(config.watched().size(), 2U);
  EXPECT_EQ(config.watched()[0].path, "/run/0admin/publisher.last");
  EXPECT_EQ(config.watched()[1].path, "/run/0admin/worker.last");
  EXPECT_TRUE(settings(config).load({{"INSTANCE", "second"}}).problems.empty());
  EXPECT_EQ(config.watched()[0].path, "/run/0admin/publisher@second.last");
  EXPECT_EQ(flag_problem("--target", "mine=/x/y=z.last", config), std::nullopt);
  ASSERT_EQ(config.watched().size(), 1U);
  EXPECT_EQ(config.watched()[0].path, "/x/y=z.last");
  for (const auto bad : {"", "mine", "=x", "other=", "mine=/again", "a\nb=/x"}) EXPECT_NE(flag_problem("--target", bad, config), std::nullopt) << bad;
}

TEST(HeartbeatSettings, TheFleetNeedsTheDatabaseAndModesExcludeEachOther) {
  Config config;
  config.fleet = true;
  EXPECT_EQ(settings(config).load({}).problems.at(0).name, "DATABASE_URL");
  config.follow = true;
  EXPECT_THROW(settings(config).load({{"DATABASE_URL", "postgresql:///x"}}), base::Error);
}
