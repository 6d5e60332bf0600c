// Verdicts over time. Time is passed in: nothing here sleeps.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "base/fd.hpp"
#include "unit/support.hpp"
#include "watch/command.hpp"
#include "watch/judge.hpp"
#include "watch/moment.hpp"
#include "watch/state.hpp"
#include "watch/table.hpp"

using namespace std::chrono_literals;
using base::Outcome;
using watch::Finding;
using watch::Judged;
using watch::Moment;
using watch::StateFile;

namespace {

// A clock that the test moves.
class Clock {
 public:
  Moment now{base::WallTime(1'795'000'000s), 1'000'000'000'000, "boot-a"};

  Clock& pass(base::Milliseconds time) {
    now.wall += time;
    now.boottime_ns += std::chrono::nanoseconds(time).count();
    return *this;
  }
  Clock& set_wall(base::Milliseconds by) {
    now.wall += by;
    return *this;
  }
  Clock& reboot(base::Milliseconds down) {
    now.wall += down;
    now.boottime_ns = 20'000'000'000;
    now.boot_id = "boot-b";
    return *this;
  }
};

// Runs of one rule, a minute apart, whose news reaches whoever is told.
class Runs {
 public:
  Clock clock;
  watch::State state;
  watch::Policy policy;
  watch::Verdict verdict{"rule", Outcome::critical, Finding::clear, 0ms, 0ms};
  bool delivered = true;
  base::Milliseconds every = 1min;

  Judged run(Finding finding) {
    clock.pass(every);
    verdict.finding = finding;
    const auto judged = watch::judge_all({verdict}, state, policy, clock.now);
    for (const auto& one : judged) {
      if (delivered) watch::acknowledge(one, state, clock.now);
    }
    return judged.front();
  }
  // "first", "-" for no news, for each letter: x exceeded, . clear, ? undetermined, n no data.
  std::string news(std::string_view letters) {
    std::string out;
    for (const char c : letters) {
      const auto judged = run(c == 'x' ? Finding::exceeded : c == '?' ? Finding::undetermined : c == 'n' ? Finding::no_data : Finding::clear);
      out += (out.empty() ? "" : " ") + std::string(judged.news.value_or("-"));
    }
    return out;
  }
  std::string phases(std::string_view letters) {
    std::string out;
    for (const char c : letters) {
      const auto judged = run(c == 'x' ? Finding::exceeded : c == '?' ? Finding::undetermined : c == 'n' ? Finding::no_data : Finding::clear);
      out += (out.empty() ? "" : " ") + judged.phase + ":" + std::string(base::state_name(judged.state));
    }
    return out;
  }
};

}  // namespace

TEST(Elapsed, IsByBoottimeWithinABootWhateverWasDoneToTheClock) {
  Clock clock;
  const auto then = clock.now;
  EXPECT_EQ(watch::elapsed(then, clock.pass(10min).now), 10min);
  EXPECT_EQ(watch::elapsed(then, clock.set_wall(-24h).now), 10min);
  EXPECT_EQ(watch::elapsed(then, clock.set_wall(400h * 24).now), 10min);
}

TEST(Elapsed, IsByTheWallClockAcrossBootsAndUnknownWhenThatWentBack) {
  Clock clock;
  const auto then = clock.now;
  EXPECT_EQ(watch::elapsed(then, clock.reboot(3min).now), 3min);
  EXPECT_EQ(watch::elapsed(then, clock.set_wall(-1h).now), std::nullopt);
}

TEST(Elapsed, WithoutABootIdTheWallClockIsAllThereIs) {
  Moment then{base::WallTime(100s), 5, ""};
  EXPECT_EQ(watch::elapsed(then, {base::WallTime(160s), 1, ""}), 60s);
}

TEST(Judge, AnAlarmBeginsOnceGoesOnSilentlyAndIsResolvedOnce) {
  Runs runs;
  EXPECT_EQ(runs.news(".xxxx...."), "- first - - - - resolved - -");
}

TEST(Judge, PhaseAndStateTellTheAlarmAndThisRun) {
  Runs runs;
  EXPECT_EQ(runs.phases(".xx...x"), "ok:ok firing:critical firing:critical firing:ok resolved:ok ok:ok firing:critical");
}

TEST(Judge, OneCleanRunIsNotEnoughAndUnknownIsNotClean) {
  Runs runs;
  EXPECT_EQ(runs.news("x.x.x.x"), "first - - - - - -");
  EXPECT_EQ(runs.news(".?.?.."), "- - - - - resolved");
}

TEST(Judge, ClearAfterIsSettable) {
  Runs one;
  one.policy.clear_after = 1;
  EXPECT_EQ(one.news("x."), "first resolved");
  Runs four;
  four.policy.clear_after = 4;
  EXPECT_EQ(four.news("x...."), "first - - - resolved");
}

TEST(Judge, WhatCannotBeDeterminedIsNewsAndHidesNoAlarm) {
  Runs runs;
  EXPECT_EQ(runs.phases("?"), "unknown:unknown");
  Runs first;
  EXPECT_EQ(first.news("??x??.."), "first - worse - - - resolved");
  Runs firing;
  firing.run(Finding::exceeded);
  const auto judged = firing.run(Finding::undetermined);
  EXPECT_EQ(judged.state, Outcome::unknown);
  EXPECT_EQ(judged.phase, "unknown");
  EXPECT_EQ(judged.level, Outcome::critical) << "the alarm goes on";
}

TEST(Judge, NoDataIsNoAlarmAndNoAllClear) {
  Runs runs;
  EXPECT_EQ(runs.phases("n."), "pending:ok ok:ok");
  Runs firing;
  EXPECT_EQ(firing.news("x.n.n"), "first - - resolved -") << "it does not count as clean, and does not undo what was";
}

TEST(Judge, ItIsSaidAgainAfterTheRepeatTime) {
  Runs runs;
  runs.every = 1h;
  EXPECT_EQ(runs.news("xxxxxxxxx"), "first - - - repeat - - - repeat");
  runs.policy.repeat = 2h;
  EXPECT_EQ(runs.news("xxxx"), "- repeat - repeat");
}

TEST(Judge, ARebootOrAClockThatWentBackSaysItAgainRatherThanNever) {
  Runs runs;
  runs.news("xx");
  runs.clock.reboot(1min).set_wall(-48h);
  EXPECT_EQ(runs.news("xx"), "repeat -");
}

TEST(Judge, WhatCouldNotBeToldIsSaidInTheNextRun) {
  Runs runs;
  runs.delivered = false;
  EXPECT_EQ(runs.news("xxx"), "first first first");
  runs.delivered = true;
  EXPECT_EQ(runs.news("xx"), "first -");
  runs.delivered = false;
  EXPECT_EQ(runs.news("...."), "- resolved resolved resolved");
  EXPECT_EQ(runs.run(Finding::clear).phase, "resolved");
  runs.delivered = true;
  EXPECT_EQ(runs.news(".."), "resolved -");
}

TEST(Judge, WhatBeganAndEndedBeforeItCouldBeToldIsNoNews) {
  Runs runs;
  runs.delivered = false;
  EXPECT_EQ(runs.news("x...."), "first - - - -");
}

TEST(Judge, AHoldTimeMustPassWithoutABreak) {
  Runs runs;
  runs.verdict.hold = 3min;
  EXPECT_EQ(runs.phases("xx.xxxx"), "pending:ok pending:ok ok:ok pending:ok pending:ok pending:ok firing:critical");
  Runs none;
  EXPECT_EQ(none.news("x"), "first") << "without one it counts at once";
}

TEST(Judge, AHoldTimeIsMeasuredByBoottime) {
  Runs runs;
  runs.verdict.hold = 10min;
  runs.run(Finding::exceeded);
  runs.clock.set_wall(24h);
  EXPECT_EQ(runs.run(Finding::exceeded).state, Outcome::ok) << "a clock that was set ahead is no ten minutes";
  runs.clock.set_wall(-48h);
  runs.clock.pass(9min);
  EXPECT_EQ(runs.run(Finding::exceeded).state, Outcome::critical) << "and one that was set back does not undo them";
}

TEST(Judge, AKeepTimeGoesOnAfterTheLastTimeItWasExceeded) {
  Runs runs;
  runs.verdict.keep = 3min;
  runs.policy.clear_after = 1;
  EXPECT_EQ(runs.phases("x...."), "firing:critical firing:critical firing:critical resolved:ok ok:ok");
}

TEST(Judge, AnAlarmThatFlapsIsSaidOnceAndThenOnlyWhatIsWorse) {
  Runs runs;
  runs.policy.clear_after = 1;
  runs.verdict.severity = Outcome::warning;
  EXPECT_EQ(runs.news(".x.x.x.x.x"), "- first resolved first resolved flapping - - - -");
  runs.verdict.severity = Outcome::critical;
  EXPECT_EQ(runs.news("x.x.x"), "worse - - - -");
}

TEST(Judge, ThatItFlapsIsSaidUntilItReachesSomebody) {
  Runs runs;
  runs.policy.clear_after = 1;
  runs.news(".x.x.");
  runs.delivered = false;
  EXPECT_EQ(runs.news("x.x"), "flapping flapping flapping");
  runs.delivered = true;
  EXPECT_EQ(runs.news(".x"), "flapping -");
}

TEST(Judge, FlappingEndsAfterTenRunsWithoutAChange) {
  Runs firing;
  firing.policy.clear_after = 1;
  EXPECT_EQ(firing.news("x.x.x."), "first resolved first resolved first flapping");
  EXPECT_EQ(firing.news("xxxxxxxxxx"), "- - - - - - - - - -");
  EXPECT_EQ(firing.news("xx."), "first - resolved") << "from here on it is told as ever";
  Runs quiet;
  quiet.policy.clear_after = 1;
  EXPECT_EQ(quiet.news(".x.x.x"), "- first resolved first resolved flapping");
  EXPECT_EQ(quiet.news("...........x"), "- - - - - - - - - - resolved first");
}

TEST(Judge, ARuleThatIsRemovedWhileItFiresIsResolvedOnce) {
  Runs runs;
  runs.news("x");
  const auto removed = watch::judge_all({}, runs.state, runs.policy, runs.clock.now);
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_TRUE(removed[0].removed);
  EXPECT_EQ(removed[0].news, "resolved");
  EXPECT_EQ(removed[0].state, Outcome::ok);
  EXPECT_EQ(watch::judge_all({}, runs.state, runs.policy, runs.clock.now).size(), 1U) << "until it has been told";
  watch::acknowledge(removed[0], runs.state, runs.clock.now);
  EXPECT_TRUE(watch::judge_all({}, runs.state, runs.policy, runs.clock.now).empty());
  EXPECT_TRUE(runs.state.memories.empty());
}

TEST(Judge, ARuleThatIsRemovedWhileAllIsWellIsForgotten) {
  Runs runs;
  runs.news(".");
  EXPECT_TRUE(watch::judge_all({}, runs.state, runs.policy, runs.clock.now).empty());
  EXPECT_TRUE(runs.state.memories.empty());
}

// Whatever happens: nobody is told twice that it begins, nothing ends that had not begun, and who is told knows in the end.
TEST(Judge, WhoIsToldIsNeverWrongForLong) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Runs runs;
    runs.policy.clear_after = 1 + static_cast<int>(random() % 3);
    bool told = false;
    for (int i = 0; i < 60; ++i) {
      const auto finding = std::array{Finding::clear, Finding::exceeded, Finding::undetermined, Finding::no_data}.at(random() % 4);
      runs.delivered = random() % 4 != 0;
      const auto judged = runs.run(finding);
      if (judged.news == "first") {
        EXPECT_FALSE(told);
      }
      if (judged.news == "resolved") {
        EXPECT_TRUE(told);
      }
      if (judged.news && runs.delivered) told = judged.level != Outcome::ok;
      if (judged.state != Outcome::ok) {
        EXPECT_NE(judged.level, Outcome::ok);
      }
    }
    runs.delivered = true;
    for (int i = 0; i < 30; ++i) {
      const auto judged = runs.run(Finding::clear);
      if (judged.news) told = judged.level != Outcome::ok;
    }
    EXPECT_FALSE(told);
  }
}

// Every mix of verdicts: the exit codes of the views agree, and unknown is never hidden by ok.
TEST(Views, AgreeOverEveryMixOfVerdicts) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    watch::State state;
    Clock clock;
    std::vector<watch::Verdict> verdicts;
    bool any_unknown = false;
    bool any_alarm = false;
    for (std::size_t i = 0; i < 1 + random() % 6; ++i) {
      const auto finding = std::array{Finding::clear, Finding::exceeded, Finding::undetermined, Finding::no_data}.at(random() % 4);
      any_unknown = any_unknown || finding == Finding::undetermined;
      any_alarm = any_alarm || finding == Finding::exceeded;
      verdicts.push_back({"rule" + std::to_string(i), random() % 2 == 0 ? Outcome::warning : Outcome::critical, finding, 0ms, 0ms});
    }
    auto outcome = Outcome::ok;
    for (const auto& judged : watch::judge_all(verdicts, state, {}, clock.now)) outcome = base::worst(outcome, judged.state);
    const auto simple = base::exit_code(outcome, base::ExitView::simple);
    const auto plugin = base::exit_code(outcome, base::ExitView::plugin);
    EXPECT_EQ(simple, std::min(plugin, 1));
    EXPECT_EQ(base::exit_code(outcome, base::ExitView::sysexits) == 0, simple == 0);
    EXPECT_EQ(simple == 0, !any_unknown && !any_alarm);
    if (any_unknown && !any_alarm) {
      EXPECT_EQ(outcome, Outcome::unknown);
    }
  }
}

TEST(Fingerprint, TellsToolsAndKeysApartAndStays) {
  EXPECT_EQ(watch::fingerprint("alert-check", "dlq_size"), "a1e679e277384c99");
  EXPECT_NE(watch::fingerprint("alert-check", "dlq_size"), watch::fingerprint("heartbeat-watch", "dlq_size"));
  EXPECT_NE(watch::fingerprint("a", "bc"), watch::fingerprint("ab", "c"));
}

// ---- the state file

namespace {

watch::State full_state() {
  Runs runs;
  runs.news("x.xn?");
  runs.state.source = "database";
  runs.state.samples["parse_failures_total"] = {{runs.clock.now, 12.5}};
  return runs.state;
}

}  // namespace

TEST(State, IsReadAsItWasWritten) {
  const auto text = watch::to_json(full_state());
  const auto read = watch::from_json(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(watch::to_json(*read), text);
  EXPECT_EQ(nlohmann::json::parse(text).at("v"), 1);
}

TEST(State, ThatIsCutOrOfAnotherVersionIsNone) {
  const auto text = watch::to_json(full_state());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) EXPECT_FALSE(watch::from_json(text.substr(0, length))) << length;
  EXPECT_FALSE(watch::from_json(std::string(text).replace(text.find("\"v\":1"), 5, "\"v\":2")));
  EXPECT_FALSE(watch::from_json("[]"));
  EXPECT_FALSE(watch::from_json("null"));
}

TEST(State, WithNumbersThatNoClockShowsIsDamaged) {
  const auto with = [](const char* where, const nlohmann::json& value) {
    auto object = nlohmann::json::parse(watch::to_json(full_state()));
    object["memories"].front()[nlohmann::json::json_pointer(where)] = value;
    return watch::from_json(object.dump()).has_value();
  };
  EXPECT_TRUE(with("/since/1", 5));
  for (const std::int64_t number : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_FALSE(with("/since/0", number)) << number;
    EXPECT_FALSE(with("/since/1", number)) << number;
    EXPECT_FALSE(with("/clean_runs", number)) << number;
  }
  EXPECT_FALSE(with("/since/0", -9.3e32));
  EXPECT_FALSE(with("/since/1", 5.0));
}

TEST(StateFileTest, SurvivesFromRunToRunAndIsForItsUserOnly) {
  const support::Folder folder;
  {
    StateFile file(folder.path().string(), "alert-check");
    EXPECT_EQ(file.opened(), StateFile::Opened::yes);
    file.state() = full_state();
    EXPECT_TRUE(file.save());
  }
  StateFile again(folder.path().string(), "alert-check");
  EXPECT_EQ(again.opened(), StateFile::Opened::yes);
  EXPECT_EQ(watch::to_json(again.state()), watch::to_json(full_state()));
  struct stat status {};
  ASSERT_EQ(stat((folder / "alert-check.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(folder.entries(), 2U) << "the state, its lock, and nothing temporary";
}

TEST(StateFileTest, TwoRunsAtOnceAreTold) {
  const support::Folder folder;
  StateFile first(folder.path().string(), "alert-check");
  {
    StateFile second(folder.path().string(), "alert-check");
    EXPECT_EQ(second.opened(), StateFile::Opened::busy);
    EXPECT_FALSE(second.save());
    const StateFile other(folder.path().string(), "alert-check@other");
    EXPECT_EQ(other.opened(), StateFile::Opened::yes) << "another instance has a state of its own";
  }
}

TEST(StateFileTest, ADamagedOneIsSetAsideAndNeverReadAsNoAlarm) {
  const support::Folder folder;
  const auto text = watch::to_json(full_state());
  folder.write("alert-check.json", text.substr(0, text.size() / 2));
  {
    StateFile file(folder.path().string(), "alert-check");
    EXPECT_EQ(file.opened(), StateFile::Opened::damaged);
    EXPECT_NE(file.problem().find(".damaged"), std::string::npos);
    EXPECT_EQ(support::read_all(folder / "alert-check.json.damaged"), text.substr(0, text.size() / 2));
    EXPECT_TRUE(file.save());
  }
  const StateFile again(folder.path().string(), "alert-check");
  EXPECT_EQ(again.opened(), StateFile::Opened::yes);
}

// A pipe was waited at for ever, a link was read.
TEST(StateFileTest, WhatIsNoRegularFileIsSetAside) {
  const support::Folder folder;
  const auto path = folder / "alert-check.json";
  for (const auto& make :
       std::vector<std::function<void()>>{[&] { ASSERT_EQ(mkfifo(path.c_str(), 0600), 0); }, [&] { std::filesystem::create_symlink("/etc/passwd", path); },
                                          [&] { std::filesystem::create_directory(path); }}) {
    make();
    StateFile file(folder.path().string(), "alert-check");
    EXPECT_EQ(file.opened(), StateFile::Opened::damaged);
    EXPECT_TRUE(file.save());
    EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
    std::filesystem::remove(path);
    std::filesystem::remove(folder / "alert-check.json.damaged");
  }
}

TEST(StateFileTest, WithoutAFolderItCannotBeUsedAndNoneIsMade) {
  const support::Folder folder;
  StateFile file((folder / "missing").string(), "alert-check");
  EXPECT_EQ(file.opened(), StateFile::Opened::unusable);
  EXPECT_EQ(file.problem(), "No such file or directory");
  EXPECT_FALSE(file.save());
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(StateFileTest, AFolderThatGoesAwayBeforeItIsSavedIsTold) {
  auto folder = std::make_unique<support::Folder>();
  StateFile file(folder->path().string(), "alert-check");
  folder.reset();
  EXPECT_FALSE(file.save());
  EXPECT_FALSE(file.problem().empty());
}

TEST(StateFileTest, ALinkInPlaceOfTheLockIsNotFollowed) {
  const support::Folder folder;
  std::filesystem::create_symlink(folder / "elsewhere", folder / "alert-check.lock");
  const StateFile file(folder.path().string(), "alert-check");
  EXPECT_EQ(file.opened(), StateFile::Opened::unusable);
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

// ---- the command

TEST(Tell, ACommandGetsTheLinesOnItsStandardInput) {
  const support::Folder folder;
  const auto file = (folder / "told").string();
  std::string lines;
  for (int i = 0; i < 50000; ++i) lines += "{\"n\":" + std::to_string(i) + "}\n";  // more than a pipe holds
  EXPECT_EQ(watch::tell({"sh", "-c", "cat >\"$1\"", "sh", file}, lines, 30s, -1), "");
  EXPECT_EQ(support::read_all(file), lines);
}

TEST(Tell, WhatWentWrongIsSaidInWords) {
  const auto problem = [](std::vector<std::string> command) { return watch::tell(command, "line\n", 30s, -1); };
  EXPECT_EQ(problem({"sh", "-c", "cat >/dev/null"}), "");
  EXPECT_EQ(problem({"false"}), "it exited with 1");
  EXPECT_EQ(problem({"sh", "-c", "exit 7"}), "it exited with 7");
  EXPECT_EQ(problem({"sh", "-c", "kill -KILL $$"}), "it was killed by signal 9");
  EXPECT_EQ(problem({"/no/such/command"}), "it cannot be started: No such file or directory");
}

TEST(Tell, ACommandThatReadsNothingDoesNotHoldItUp) {
  std::signal(SIGPIPE, SIG_IGN);  // as in every tool
  const std::string much(1'000'000, 'x');
  EXPECT_EQ(watch::tell({"true"}, much, 30s, -1), "it did not read all that it was told");
}

TEST(Tell, ACommandThatHangsIsGivenUp) { EXPECT_EQ(watch::tell({"sleep", "300"}, "line\n", 200ms, -1), "it took too long"); }

TEST(Tell, WhatTheCommandStartedEndsWithIt) {
  const support::Folder folder;
  const auto file = (folder / "child").string();
  const auto started = (folder / "started").string();
  ASSERT_EQ(mkfifo(started.c_str(), 0600), 0);
  const base::Fd stop(open(started.c_str(), O_RDWR | O_CLOEXEC));  // readable once the child is there
  EXPECT_EQ(watch::tell({"sh", "-c", "sleep 300 & echo $! >\"$1\"; echo >\"$2\"; wait", "sh", file, started}, "line\n", 300s, stop.get()),
            "it was stopped with this process");
  const auto child = std::stoi(support::read_all(file));
  const auto alive = [&] {
    const auto state = support::read_all("/proc/" + std::to_string(child) + "/stat");
    return !state.empty() && state.find(") Z") == std::string::npos;
  };
  for (int i = 0; i < 500 && alive(); ++i) usleep(10'000);
  EXPECT_FALSE(alive());
}

TEST(Tell, AStopEndsIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const base::Fd reading(ends[0]);
  const base::Fd writing(ends[1]);
  ASSERT_EQ(write(writing.get(), "x", 1), 1);
  EXPECT_EQ(watch::tell({"sleep", "300"}, "line\n", 300s, reading.get()), "it was stopped with this process");
}

TEST(Tell, WhatTheCommandPrintsIsNoResultOfOurs) {
  std::string out;
  std::string err;
  {
    const support::Capture to_out(STDOUT_FILENO);
    const support::Capture to_err(STDERR_FILENO);
    EXPECT_EQ(watch::tell({"sh", "-c", "echo printed; cat >/dev/null"}, "line\n", 30s, -1), "");
    out = to_out.text();
    err = to_err.text();
  }
  EXPECT_EQ(out, "");
  EXPECT_EQ(err, "printed\n");
}

// ---- text

TEST(Table, IsAlignedAndWorstFirst) {
  Clock clock;
  const auto row = [&](Outcome state, std::string phase, std::string name, std::string about, std::string hint) {
    return watch::TableRow{{name, state, std::move(phase), clock.now, std::nullopt, state, false}, name, std::move(about), std::move(hint)};
  };
  const std::vector rows{row(Outcome::ok, "ok", "short", "0", ""), row(Outcome::unknown, "unknown", "lost", "absent", "look"),
                         row(Outcome::critical, "firing", "a_long_name", "3 is > 0", "repair it")};
  clock.pass(65s);
  EXPECT_EQ(watch::table(rows, clock.now),
            "CRITICAL a_long_name  3 is > 0  firing for 1m5s\n"
            "         -> repair it\n"
            "UNKNOWN  lost         absent    unknown for 1m5s\n"
            "         -> look\n"
            "OK       short        0         ok for 1m5s\n");
  EXPECT_EQ(watch::one_line(rows), "a_long_name 3 is > 0, lost absent");
}
