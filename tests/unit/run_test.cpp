// The frame of a tool, run as main() runs it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/tool.hpp"
#include "base/thread.hpp"
#include "unit/support.hpp"

using nlohmann::json;

namespace {

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t count = 0;
  int exit = 0;
  static constexpr auto fields = emit::fields(emit::field("state", &Summary::state, "S."), emit::field("outcome", &Summary::outcome, "O."),
                                              emit::field("count", &Summary::count, "C."), emit::field("exit", &Summary::exit, "E."));
};

const app::About about{"sample-tool", "a tool for this test", "", {emit::doc_of<Summary>()}};

struct Ran {
  int exit = -1;
  bool body_ran = false;
  std::vector<json> out;
  std::vector<json> err;
  std::string plain;
  std::string plain_err;
};

using Body = std::function<base::Outcome(app::Context&)>;

Ran run(std::vector<std::string> arguments, const Body& body = {}) {
  arguments.insert(arguments.begin(), "sample-tool");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  Ran ran;
  const support::Capture out(STDOUT_FILENO);
  const support::Capture err(STDERR_FILENO);
  ran.exit = app::run(about, static_cast<int>(arguments.size()), argv.data(), [&](app::Context& context) {
    std::int64_t batch = 0;
    std::string url;
    std::string secret;
    std::int64_t limit = 0;
    config::Settings settings;
    settings.bind("PUBLISH_BATCH_SIZE", batch).bind("WEBHOOK_URL", url).bind("WEBHOOK_SECRET", secret);
    context.configure({{"--limit", "N", "Most of them.", app::set_integer(limit, 1, 10)}, {"--url", "URL", "Where.", {}, "WEBHOOK_URL"}}, std::move(settings));
    ran.body_ran = true;
    if (body) return body(context);
    return context.finish(Summary{{}, {}, limit * 1000 + batch, 0}, base::Outcome::ok);
  });
  ran.plain = out.text();
  ran.plain_err = err.text();
  for (const auto& line : out.lines()) ran.out.push_back(json::parse(line, nullptr, false));
  for (const auto& line : err.lines()) ran.err.push_back(json::parse(line, nullptr, false));
  return ran;
}

}  // namespace

TEST(Run, EndsWithASummaryThatHasStateAndExit) {
  const auto ran = run({"--limit", "3"});
  EXPECT_EQ(ran.exit, 0);
  ASSERT_EQ(ran.out.size(), 1U);
  EXPECT_EQ(ran.out[0]["type"], "summary");
  EXPECT_EQ(ran.out[0]["state"], "ok");
  EXPECT_EQ(ran.out[0]["outcome"], "ok");
  EXPECT_EQ(ran.out[0]["exit"], 0);
  EXPECT_EQ(ran.out[0]["count"], 3050);
  EXPECT_EQ(ran.plain_err, "");
}

TEST(Run, WithAThreadThatWasLetGoEndsWithoutTakingTheLibrariesDown) {
  const auto end = [] {
    std::atexit([] { _exit(99); });
    const auto ran = run({}, [](app::Context& context) {
      base::let_go(std::jthread([] { pause(); }));
      return context.finish(Summary{}, base::Outcome::runtime_error);
    });
    std::exit(ran.exit);
  };
  EXPECT_EXIT(end(), testing::ExitedWithCode(base::exit_code(base::Outcome::runtime_error, base::ExitView::simple)), "");
}

TEST(Run, HelpAndVersionSucceedAndRunNothing) {
  for (const auto flag : {"--help", "-h"}) {
    const auto ran = run({flag});
    EXPECT_EQ(ran.exit, 0);
    EXPECT_FALSE(ran.body_ran);
    EXPECT_NE(ran.plain.find("Usage: sample-tool"), std::string::npos);
    EXPECT_EQ(ran.plain_err, "");
  }
  const auto version = run({"--version"});
  EXPECT_EQ(version.exit, 0);
  EXPECT_EQ(version.plain, app::version_of("sample-tool") + "\n");
  EXPECT_EQ(run({"--help", "--exit-codes", "plugin"}).exit, 3);
  EXPECT_EQ(run({"--version", "--exit-codes=plugin"}).exit, 3);
  EXPECT_EQ(run({"--help", "--exit-codes", "sysexits"}).exit, 0);
}

TEST(Run, HelpWorksWhateverTheSettingsAre) {
  const support::Variable bad("PUBLISH_BATCH_SIZE", "nonsense");
  EXPECT_EQ(run({"--help"}).exit, 0);
}

TEST(Run, AWrongCommandLineIsOneLineAndAUsageError) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"--nosuch"}, {"--limit"}, {"--limit", "11"}, {"--limit", "x"}, {"stray"}, {"--format", "yaml"}, {"--exit-codes", "none"}}) {
    auto with_view = arguments;
    with_view.insert(with_view.begin(), {"--exit-codes", "sysexits"});
    const auto last_wins = arguments[0] == "--exit-codes";
    const auto ran = run(last_wins ? arguments : with_view);
    EXPECT_EQ(ran.exit, last_wins ? 1 : 64) << arguments[0];
    EXPECT_FALSE(ran.body_ran);
    ASSERT_EQ(ran.err.size(), 1U) << ran.plain_err;
    EXPECT_EQ(ran.err[0]["level"], "error");
    EXPECT_FALSE(ran.err[0]["error"].get<std::string>().empty());
    EXPECT_FALSE(ran.err[0]["hint"].get<std::string>().empty());
    ASSERT_EQ(ran.out.size(), 1U);
    EXPECT_EQ(ran.out[0]["type"], "summary");
    EXPECT_EQ(ran.out[0]["state"], "unknown");
    EXPECT_EQ(ran.out[0]["exit"], ran.exit);
  }
}

TEST(Run, AllBadSettingsAreNamedInOneRunAsAConfigError) {
  const support::Variable batch("PUBLISH_BATCH_SIZE", "0");
  const support::Variable level("LOG_LEVEL", "loud");
  const auto ran = run({"--exit-codes", "sysexits"});
  EXPECT_EQ(ran.exit, 78);
  EXPECT_FALSE(ran.body_ran);
  ASSERT_EQ(ran.err.size(), 2U) << ran.plain_err;
  EXPECT_NE(ran.plain_err.find("PUBLISH_BATCH_SIZE"), std::string::npos);
  EXPECT_NE(ran.plain_err.find("1 to 10000"), std::string::npos);
  EXPECT_NE(ran.plain_err.find("LOG_LEVEL"), std::string::npos);
  ASSERT_EQ(ran.out.size(), 1U);
  EXPECT_EQ(ran.out[0]["outcome"], "config_error");
  EXPECT_EQ(ran.out[0]["exit"], 78);
}

TEST(Run, CheckConfigPrintsOneObjectWithSourcesAndNoSecretOrQuery) {
  const support::Variable url("WEBHOOK_URL", "https://user:passw0rd@example.com/hook?token=t0ken");
  const support::Variable secret("WEBHOOK_SECRET", "s3cret");
  const auto ran = run({"--check-config"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_FALSE(ran.body_ran);
  ASSERT_EQ(ran.out.size(), 1U);
  EXPECT_EQ(ran.out[0]["WEBHOOK_SECRET"], (json{{"value", "set"}, {"source", "environment"}}));
  EXPECT_EQ(ran.out[0]["PUBLISH_BATCH_SIZE"], (json{{"value", "50"}, {"source", "default"}}));
  EXPECT_EQ(ran.out[0]["WEBHOOK_URL"]["value"], "https://example.com/hook");
  for (const auto hidden : {"s3cret", "passw0rd", "t0ken"}) EXPECT_EQ((ran.plain + ran.plain_err).find(hidden), std::string::npos) << hidden;
}

TEST(Run, AFlagOverridesItsSettingForOneCall) {
  const support::Variable url("WEBHOOK_URL", "https://environment.example/");
  const auto ran = run({"--url", "https://flag.example/", "--check-config"});
  ASSERT_EQ(ran.out.size(), 1U);
  EXPECT_EQ(ran.out[0]["WEBHOOK_URL"]["value"], "https://flag.example/");
}

TEST(Run, AnUnknownVariableIsAWarningAndNoError) {
  const support::Variable typo("WEBHOOK_ULR", "x");
  const auto ran = run({});
  EXPECT_EQ(ran.exit, 0);
  ASSERT_EQ(ran.err.size(), 1U) << ran.plain_err;
  EXPECT_EQ(ran.err[0]["level"], "warning");
  EXPECT_NE(ran.plain_err.find("did you mean WEBHOOK_URL?"), std::string::npos);
}

TEST(Run, AnErrorIsOneLineWithDetailAndHintAndASummary) {
  const auto ran =
      run({"--exit-codes", "sysexits"}, [](app::Context&) -> base::Outcome { throw base::Error(base::Outcome::runtime_error, "it broke", "here", "mend it"); });
  EXPECT_EQ(ran.exit, 70);
  ASSERT_EQ(ran.err.size(), 1U);
  EXPECT_EQ(ran.err[0]["error"], "it broke");
  EXPECT_EQ(ran.err[0]["detail"], "here");
  EXPECT_EQ(ran.err[0]["hint"], "mend it");
  ASSERT_EQ(ran.out.size(), 1U);
  EXPECT_EQ(ran.out[0]["type"], "summary");
  EXPECT_EQ(ran.out[0]["state"], "unknown");
  EXPECT_EQ(ran.out[0]["outcome"], "runtime_error");
  EXPECT_EQ(ran.out[0]["exit"], 70);
}

TEST(Run, TheTextOfAForeignExceptionIsNotShown) {
  const auto ran = run({}, [](app::Context&) -> base::Outcome { throw std::runtime_error("s3cret payload"); });
  EXPECT_EQ(ran.exit, 1);
  ASSERT_EQ(ran.err.size(), 1U);
  EXPECT_EQ((ran.plain + ran.plain_err).find("s3cret"), std::string::npos);
  EXPECT_EQ(ran.out.back()["type"], "summary");
}

TEST(Run, TheOutcomeInTheSummaryDoesNotDependOnTheFormat) {
  const Body critical = [](app::Context& context) { return context.finish(Summary{}, base::Outcome::critical); };
  EXPECT_EQ(run({"--exit-codes", "plugin"}, critical).exit, 2);
  EXPECT_EQ(run({}, critical).exit, 1);
  for (const auto& view : {"simple", "plugin", "sysexits"}) {
    const auto summary = run({"--exit-codes", view}, critical).out.back();
    EXPECT_EQ(summary["state"], "critical") << view;
    EXPECT_EQ(summary["outcome"], "critical") << view;
  }
  const auto text = run({"--format", "text", "--exit-codes", "plugin"}, critical);
  EXPECT_EQ(text.exit, 2);
  EXPECT_NE(text.plain.find("state=critical"), std::string::npos);
}

TEST(Run, WhatFollowsAnErrorIsNotASecondSummary) {
  const auto ran = run({}, [](app::Context& context) -> base::Outcome {
    context.finish(Summary{}, base::Outcome::ok);
    throw base::Error(base::Outcome::runtime_error, "late");
  });
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out.size(), 1U);
}

namespace {

// As a tool with --plugin, a format of its own and a command does it.
Ran run_watching(std::vector<std::string> arguments, base::Outcome outcome, std::vector<std::string>* positional = nullptr,
                 std::vector<std::string>* command = nullptr) {
  arguments.insert(arguments.begin(), "sample-tool");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  Ran ran;
  const support::Capture out(STDOUT_FILENO);
  const support::Capture err(STDERR_FILENO);
  ran.exit = app::run(about, static_cast<int>(arguments.size()), argv.data(), [&](app::Context& context) {
    std::string format;
    context.configure({app::plugin_flag(), {"--format", "FORMAT", "How.", app::set_text(format)}}, config::Settings(), positional, command);
    ran.body_ran = true;
    if (context.plugin()) return context.finish_plugin(outcome, "3 of 4|\nrules", "'a'=1ms;2;;0");
    if (outcome == base::Outcome::runtime_error) throw base::Error(outcome, "no database", "x", "start it");
    return context.finish(Summary{{}, {}, 0, 0}, outcome);
  });
  ran.plain = out.text();
  ran.plain_err = err.text();
  for (const auto& line : out.lines()) ran.out.push_back(json::parse(line, nullptr, false));
  return ran;
}

}  // namespace

TEST(Plugin, IsOneLineWithTheStateAndPerformanceData) {
  struct Row {
    base::Outcome outcome;
    std::string state;
    int exit;
  };
  for (const auto& [outcome, state, exit] :
       {Row{base::Outcome::ok, "OK", 0}, Row{base::Outcome::warning, "WARNING", 1}, Row{base::Outcome::critical, "CRITICAL", 2},
        Row{base::Outcome::unknown, "UNKNOWN", 3}, Row{base::Outcome::skipped, "OK", 0}}) {
    for (const auto& more : {std::vector<std::string>{}, {"--format", "text"}, {"--exit-codes", "sysexits"}}) {
      std::vector<std::string> arguments{"--plugin"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      const auto ran = run_watching(arguments, outcome);
      EXPECT_EQ(ran.exit, exit);
      EXPECT_EQ(ran.plain, "SAMPLE-TOOL " + state + " - 3 of 4  rules | 'a'=1ms;2;;0\n") << "a bar or a line break in the text is none of the format's";
    }
  }
}

TEST(Plugin, AnErrorIsUnknownInOneLine) {
  const auto ran = run_watching({"--plugin", "--no-such-flag"}, base::Outcome::ok);
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.plain, "SAMPLE-TOOL UNKNOWN - wrong command line\n");
}

TEST(Run, AFormatOfTheToolReplacesTheCommonOneAndPrometheusHasNoSummary) {
  EXPECT_EQ(run_watching({"--format", "anything"}, base::Outcome::ok).exit, 0);
  const auto failed = run_watching({"--format", "prometheus"}, base::Outcome::runtime_error);
  EXPECT_EQ(failed.exit, 1);
  EXPECT_EQ(failed.plain, "") << "a reader of that format knows no JSON line";
  EXPECT_EQ(run_watching({}, base::Outcome::runtime_error).out.back()["type"], "summary");
}

TEST(Run, WhatFollowsTwoDashesIsTheCommandAndNotOurs) {
  std::vector<std::string> positional;
  std::vector<std::string> command;
  EXPECT_EQ(run_watching({"source", "--", "sender", "--no-such-flag", "--", "--help", ""}, base::Outcome::ok, &positional, &command).exit, 0);
  EXPECT_EQ(positional, (std::vector<std::string>{"source"}));
  EXPECT_EQ(command, (std::vector<std::string>{"sender", "--no-such-flag", "--", "--help", ""}));
  command.clear();
  positional.clear();
  EXPECT_EQ(run_watching({"-"}, base::Outcome::ok, &positional, &command).exit, 0);
  EXPECT_EQ(positional, (std::vector<std::string>{"-"}));
  EXPECT_TRUE(command.empty());
}

TEST(Run, LogLevelHidesWhatIsLessSevere) {
  const support::Variable level("LOG_LEVEL", "error");
  const support::Variable typo("WEBHOOK_ULR", "x");
  EXPECT_EQ(run({}).plain_err, "");
}
