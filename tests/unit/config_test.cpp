#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "config/settings.hpp"
#include "unit/support.hpp"

using config::Environment;
using config::Need;
using config::Settings;

namespace {

const config::Problem* problem_of(const std::vector<config::Problem>& problems, std::string_view name) {
  const auto at = std::ranges::find(problems, name, &config::Problem::name);
  return at == problems.end() ? nullptr : &*at;
}

const config::Effective* effective_of(const config::Loaded& loaded, std::string_view name) {
  const auto at = std::ranges::find(loaded.effective, name, &config::Effective::name);
  return at == loaded.effective.end() ? nullptr : &*at;
}

// Everything that a load says, as one text: for what must not be in it.
std::string said(const config::Loaded& loaded) {
  std::string out;
  for (const auto* list : {&loaded.problems, &loaded.warnings}) {
    for (const auto& p : *list) out += p.name + "|" + p.detail + "|" + p.hint + "\n";
  }
  for (const auto& e : loaded.effective) out += std::string(e.name) + "|" + e.value + "|" + e.source + "\n";
  return out;
}

struct Fields {
  std::int64_t batch = -1;
  std::int64_t timeout = -1;
  bool allow_private = false;
  std::string run_dir = "before";
  std::string url = "before";
  std::string secret = "before";

  Settings settings() {
    Settings s;
    s.bind("DATABASE_URL", url, Need::required)
        .bind("PUBLISH_BATCH_SIZE", batch)
        .bind("WEBHOOK_TIMEOUT_MS", timeout)
        .bind("WEBHOOK_ALLOW_PRIVATE", allow_private)
        .bind("RUN_DIR", run_dir)
        .bind("WEBHOOK_SECRET", secret);
    return s;
  }
  config::Loaded load(const Environment& environment) { return settings().load(environment); }
};

}  // namespace

TEST(Catalog, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const auto& row : config::catalog()) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  EXPECT_GE(names.size(), 30U);
}

TEST(Catalog, EveryRowIsCompleteAndItsDefaultIsAllowed) {
  for (const auto& row : config::catalog()) {
    EXPECT_TRUE(row.help.ends_with('.')) << row.name;
    EXPECT_FALSE(row.metavar.empty()) << row.name;
    EXPECT_FALSE(config::allowed(row).empty()) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string_view::npos) << row.name;
    if (row.secret) {
      EXPECT_TRUE(row.fallback.empty()) << row.name << ": a secret has no default";
    }
    Settings settings;
    std::string text;
    std::int64_t number = 0;
    bool flag = false;
    switch (row.kind) {
      case config::Kind::text:
        EXPECT_FALSE(row.allowed.empty()) << row.name;
        settings.bind(row.name, text);
        break;
      case config::Kind::integer:
        EXPECT_LT(row.min, row.max) << row.name;
        EXPECT_FALSE(row.fallback.empty()) << row.name;
        settings.bind(row.name, number);
        break;
      case config::Kind::boolean:
        EXPECT_FALSE(row.fallback.empty()) << row.name;
        settings.bind(row.name, flag);
        break;
    }
    const auto loaded = settings.load({});
    EXPECT_TRUE(loaded.problems.empty()) << said(loaded);
  }
}

TEST(Catalog, RowsOfTheContractHaveItsDefaults) {
  for (const auto& [name, value] : std::vector<std::pair<std::string_view, std::string_view>>{{"DATABASE_CONNECT_TIMEOUT_MS", "5000"},
                                                                                              {"DATABASE_STATEMENT_TIMEOUT_MS", "30000"},
                                                                                              {"PUBLISH_BATCH_SIZE", "50"},
                                                                                              {"PUBLISH_POLL_INTERVAL_MS", "1000"},
                                                                                              {"PUBLISH_CONCURRENCY", "16"},
                                                                                              {"PUBLISH_RETRY_MAX", "3"},
                                                                                              {"PUBLISH_BACKOFF_STEPS", "5,30,300"},
                                                                                              {"PUBLISH_BREAKER_FAILURES", "5"},
                                                                                              {"PUBLISH_BREAKER_PROBE_MS", "1000"},
                                                                                              {"OUTBOX_MAX_PAYLOAD_BYTES", "1048576"},
                                                                                              {"WEBHOOK_TIMEOUT_MS", "3000"},
                                                                                              {"WEBHOOK_SUCCESS_CODES", "200-299"},
                                                                                              {"WEBHOOK_PERMANENT_CODES", "410,413,415,422"},
                                                                                              {"WEBHOOK_ALLOW_PRIVATE", "false"},
                                                                                              {"WEBHOOK_CE_SOURCE", "/0admin/outbox"},
                                                                                              {"OUTBOX_RETENTION_DAYS", "30"},
                                                                                              {"DLQ_RETENTION_DAYS", "90"},
                                                                                              {"AUDIT_RETENTION_DAYS", "730"},
                                                                                              {"LEASE_SECONDS", "90"},
                                                                                              {"SHUTDOWN_GRACE_MS", "8000"},
                                                                                              {"RUN_DIR", "/run/0admin"},
                                                                                              {"LOG_LEVEL", "info"},
                                                                                              {"PUBLISH_TRANSPORT", ""},
                                                                                              {"DATABASE_URL", ""},
                                                                                              {"WEBHOOK_URL", ""}}) {
    EXPECT_EQ(config::row(name).fallback, value) << name;
  }
  for (const auto name : {"DATABASE_URL", "DATABASE_LISTEN_URL", "WEBHOOK_HEADERS_ALLOWLIST", "WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"}) {
    EXPECT_TRUE(config::row(name).secret) << name;
  }
  EXPECT_LE(config::row("LEASE_SECONDS").min, 1) << "wide enough for a test";
  EXPECT_EQ(config::row("SHUTDOWN_GRACE_MS").max, 9000);
}

TEST(Settings, ValuesComeFromTheEnvironmentAndElseFromTheDefault) {
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL", "postgresql:///x"}, {"PUBLISH_BATCH_SIZE", "7"}, {"WEBHOOK_ALLOW_PRIVATE", "true"}});
  EXPECT_TRUE(loaded.problems.empty()) << said(loaded);
  EXPECT_EQ(f.batch, 7);
  EXPECT_EQ(f.timeout, 3000);
  EXPECT_TRUE(f.allow_private);
  EXPECT_EQ(f.run_dir, "/run/0admin");
  EXPECT_EQ(f.url, "postgresql:///x");
  EXPECT_EQ(f.secret, "before") << "unset and without a default: not touched";
  EXPECT_EQ(effective_of(loaded, "PUBLISH_BATCH_SIZE")->source, "environment");
  EXPECT_EQ(effective_of(loaded, "PUBLISH_BATCH_SIZE")->value, "7");
  EXPECT_EQ(effective_of(loaded, "WEBHOOK_TIMEOUT_MS")->source, "default");
  EXPECT_EQ(effective_of(loaded, "WEBHOOK_TIMEOUT_MS")->value, "3000");
  EXPECT_EQ(effective_of(loaded, "WEBHOOK_SECRET")->value, "unset");
}

TEST(Settings, AllBadOnesAreNamedAtOnceEachWithItsRange) {
  Fields f;
  const auto loaded = f.load({{"PUBLISH_BATCH_SIZE", "0"}, {"WEBHOOK_TIMEOUT_MS", "soon"}, {"WEBHOOK_ALLOW_PRIVATE", "maybe"}});
  ASSERT_EQ(loaded.problems.size(), 4U) << said(loaded);
  const auto* batch = problem_of(loaded.problems, "PUBLISH_BATCH_SIZE");
  ASSERT_NE(batch, nullptr);
  EXPECT_NE(batch->hint.find("1 to 10000"), std::string::npos) << batch->hint;
  const auto* timeout = problem_of(loaded.problems, "WEBHOOK_TIMEOUT_MS");
  ASSERT_NE(timeout, nullptr);
  EXPECT_NE(timeout->hint.find("10 to 60000"), std::string::npos) << timeout->hint;
  const auto* allow = problem_of(loaded.problems, "WEBHOOK_ALLOW_PRIVATE");
  ASSERT_NE(allow, nullptr);
  EXPECT_NE(allow->hint.find("true or false"), std::string::npos) << allow->hint;
  const auto* url = problem_of(loaded.problems, "DATABASE_URL");
  ASSERT_NE(url, nullptr);
  EXPECT_NE(url->hint.find("postgresql://"), std::string::npos) << url->hint;
}

TEST(Settings, EveryIntegerRowRefusesOneBeyondEitherEndAndTakesTheEnds) {
  for (const auto& row : config::catalog()) {
    if (row.kind != config::Kind::integer) continue;
    std::int64_t number = 0;
    const auto problems = [&](const std::string& value) {
      Settings settings;
      settings.bind(row.name, number);
      return settings.load({{std::string(row.name), value}}).problems.size();
    };
    EXPECT_EQ(problems(std::to_string(row.min)), 0U) << row.name;
    EXPECT_EQ(number, row.min);
    EXPECT_EQ(problems(std::to_string(row.max)), 0U) << row.name;
    EXPECT_EQ(number, row.max);
    for (const auto& bad : {std::to_string(row.min - 1), std::to_string(row.max + 1), std::string("1.5"), std::string(" 1"), std::string("1s"),
                            std::string("99999999999999999999")}) {
      EXPECT_EQ(problems(bad), 1U) << row.name << " " << bad;
    }
  }
}

TEST(Settings, ABooleanTakesTheUsualWords) {
  for (const auto& [word, wanted] :
       std::vector<std::pair<std::string, bool>>{{"true", true}, {"TRUE", true}, {"1", true}, {"yes", true}, {"false", false}, {"0", false}, {"No", false}}) {
    Fields f;
    f.allow_private = !wanted;
    EXPECT_TRUE(f.load({{"DATABASE_URL", "x"}, {"WEBHOOK_ALLOW_PRIVATE", word}}).problems.empty()) << word;
    EXPECT_EQ(f.allow_private, wanted) << word;
  }
}

TEST(Settings, AnEmptyValueIsAnUnsetOne) {
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL", ""}, {"PUBLISH_BATCH_SIZE", ""}, {"RUN_DIR", ""}, {"WEBHOOK_SECRET", ""}});
  EXPECT_EQ(f.batch, 50);
  EXPECT_EQ(f.run_dir, "/run/0admin");
  ASSERT_EQ(loaded.problems.size(), 1U) << said(loaded);
  EXPECT_EQ(loaded.problems[0].name, "DATABASE_URL");
  EXPECT_NE(loaded.problems[0].detail.find("not set"), std::string::npos);
  EXPECT_EQ(effective_of(loaded, "WEBHOOK_SECRET")->value, "unset");
}

TEST(Settings, ASecretComesFromTheCredentialThenTheFileThenTheVariable) {
  const support::Folder folder;
  const auto file = folder.write("elsewhere", "from-file");
  Environment environment{{"DATABASE_URL", "x"}, {"WEBHOOK_SECRET", "from-variable"}};
  const auto loaded_as = [&] {
    Fields f;
    const auto loaded = f.load(environment);
    EXPECT_TRUE(loaded.problems.empty()) << said(loaded);
    EXPECT_EQ(effective_of(loaded, "WEBHOOK_SECRET")->value, "set");
    return std::pair(f.secret, effective_of(loaded, "WEBHOOK_SECRET")->source);
  };
  EXPECT_EQ(loaded_as(), std::pair(std::string("from-variable"), std::string("environment")));
  environment["WEBHOOK_SECRET_FILE"] = file;
  EXPECT_EQ(loaded_as(), std::pair(std::string("from-file"), std::string("file")));
  environment["CREDENTIALS_DIRECTORY"] = folder.path().string();
  EXPECT_EQ(loaded_as(), std::pair(std::string("from-file"), std::string("file"))) << "no credential of that name";
  folder.write("webhook_secret", "from-credential");
  EXPECT_EQ(loaded_as(), std::pair(std::string("from-credential"), std::string("credential")));
}

TEST(Settings, WhatIsNoSecretIsNotReadFromAFile) {
  const support::Folder folder;
  Fields f;
  folder.write("run_dir", "/from/credential");
  const auto loaded = f.load({{"DATABASE_URL", "x"}, {"CREDENTIALS_DIRECTORY", folder.path().string()}, {"RUN_DIR_FILE", folder.write("file", "/from/file")}});
  EXPECT_EQ(f.run_dir, "/run/0admin");
}

TEST(Settings, TheLineBreakAtTheEndOfASecretFileIsNotPartOfIt) {
  const support::Folder folder;
  for (const auto& [content, wanted] :
       std::vector<std::pair<std::string, std::string>>{{"a b\n", "a b"}, {"ab\r\n", "ab"}, {"ab", "ab"}, {" ab ", " ab "}, {"a\nb\n", "a\nb"}}) {
    Fields f;
    f.load({{"DATABASE_URL", "x"}, {"WEBHOOK_SECRET_FILE", folder.write("secret", content)}});
    EXPECT_EQ(f.secret, wanted);
  }
}

TEST(Settings, ASecretFileThatIsEmptyMeansUnset) {
  const support::Folder folder;
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL_FILE", folder.write("empty", "\n")}});
  ASSERT_EQ(loaded.problems.size(), 1U) << said(loaded);
  EXPECT_EQ(loaded.problems[0].name, "DATABASE_URL");
}

TEST(Settings, ASecretFileThatCannotBeReadIsNamedBySetting) {
  const support::Folder folder;
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL", "x"}, {"WEBHOOK_SECRET", "fallback"}, {"WEBHOOK_SECRET_FILE", (folder / "none").string()}});
  ASSERT_EQ(loaded.problems.size(), 1U) << said(loaded);
  EXPECT_EQ(loaded.problems[0].name, "WEBHOOK_SECRET");
  EXPECT_NE(loaded.problems[0].detail.find("No such file"), std::string::npos) << loaded.problems[0].detail;
  EXPECT_EQ(f.secret, "before") << "the next source must not silently stand in";
}

TEST(Settings, ASecretFileHasALimit) {
  const support::Folder folder;
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL", "x"}, {"WEBHOOK_SECRET_FILE", folder.write("huge", std::string(70000, 'x'))}});
  EXPECT_NE(problem_of(loaded.problems, "WEBHOOK_SECRET"), nullptr);
}

TEST(Settings, SecretsAreInNothingThatIsSaid) {
  const support::Folder folder;
  const std::string secret = "s3cr3t-v4lue";
  Settings settings;
  const auto refuse = [](std::string_view) -> std::optional<std::string> { return "is wrong"; };
  std::int64_t number = 0;
  std::string text;
  settings.bind("DATABASE_URL", refuse, Need::required)
      .bind("WEBHOOK_SECRET", text)
      .bind("WEBHOOK_HEADERS_ALLOWLIST", refuse)
      .bind("WEBHOOK_SECRET_PREVIOUS", text);
  settings.bind("PUBLISH_BATCH_SIZE", number).bind("WEBHOOK_URL", refuse);
  const auto loaded = settings.load({{"DATABASE_URL", secret},
                                     {"WEBHOOK_SECRET", secret},
                                     {"WEBHOOK_HEADERS_ALLOWLIST_FILE", folder.write("headers", "X-Key=" + secret)},
                                     {"WEBHOOK_SECRET_PREVIOUS", secret},
                                     {"WEBHOOK_SECRETT", secret},
                                     {"PUBLISH_BATCH_SIZE", secret}});
  EXPECT_EQ(problem_of(loaded.problems, "DATABASE_URL")->detail, "is wrong");
  const auto* batch = problem_of(loaded.problems, "PUBLISH_BATCH_SIZE");
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ((batch->detail + batch->hint).find(secret), std::string::npos) << "values are not quoted in problems";
  for (const auto name : {"DATABASE_URL", "WEBHOOK_SECRET", "WEBHOOK_HEADERS_ALLOWLIST", "WEBHOOK_SECRET_PREVIOUS"}) {
    const auto* effective = effective_of(loaded, name);
    if (effective != nullptr) {
      EXPECT_EQ(effective->value, "set") << name;
    }
  }
  for (const auto* list : {&loaded.problems, &loaded.warnings}) {
    for (const auto& p : *list) EXPECT_EQ((p.name + p.detail + p.hint).find(secret), std::string::npos) << p.name;
  }
}

TEST(Settings, AnUnknownVariableWithAnOwnPrefixIsAWarningWithASuggestion) {
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL", "x"},
                              {"WEBHOOK_ULR", "1"},
                              {"PUBLISH_BATCH_SZE", "1"},
                              {"WEBHOOK_SOMETHING_QUITE_DIFFERENT", "1"},
                              {"HOME", "/"},
                              {"UNRELATED_URL", "x"},
                              {"WEBHOOK_CA_FILE", "a setting of another tool"},
                              {"WEBHOOK_SECRET_FILE", ""}});
  EXPECT_TRUE(loaded.problems.empty()) << said(loaded);
  ASSERT_EQ(loaded.warnings.size(), 3U) << said(loaded);
  EXPECT_NE(problem_of(loaded.warnings, "WEBHOOK_ULR")->hint.find("did you mean WEBHOOK_URL?"), std::string::npos);
  EXPECT_NE(problem_of(loaded.warnings, "PUBLISH_BATCH_SZE")->hint.find("did you mean PUBLISH_BATCH_SIZE?"), std::string::npos);
  EXPECT_EQ(problem_of(loaded.warnings, "WEBHOOK_SOMETHING_QUITE_DIFFERENT")->hint.find("did you mean"), std::string::npos);
}

TEST(Settings, AFileVariantOfWhatIsNoSecretIsWarnedAboutBecauseItIsIgnored) {
  Fields f;
  const auto loaded = f.load({{"DATABASE_URL", "x"}, {"PUBLISH_BATCH_SIZE_FILE", "/some/file"}});
  EXPECT_EQ(f.batch, 50);
  EXPECT_NE(problem_of(loaded.warnings, "PUBLISH_BATCH_SIZE_FILE"), nullptr);
}

TEST(Settings, RulesOverSeveralValuesRunOnlyWhenEachIsRight) {
  Fields f;
  int asked = 0;
  const auto rule = [&]() -> std::vector<config::Problem> {
    ++asked;
    return {{"PUBLISH_BATCH_SIZE", "does not go with WEBHOOK_TIMEOUT_MS", "change one"}};
  };
  auto settings = f.settings();
  settings.check(rule);
  EXPECT_EQ(settings.load({{"PUBLISH_BATCH_SIZE", "0"}, {"DATABASE_URL", "x"}}).problems.size(), 1U);
  EXPECT_EQ(asked, 0);
  const auto loaded = settings.load({{"DATABASE_URL", "x"}});
  EXPECT_EQ(asked, 1);
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(loaded.problems[0].detail, "does not go with WEBHOOK_TIMEOUT_MS");
}

TEST(Stores, ListsAreTrimmedAndRefuseWhatTheyCannotHold) {
  std::vector<std::string> list;
  EXPECT_EQ(config::csv(list)(" a ,b"), std::nullopt);
  EXPECT_EQ(list, (std::vector<std::string>{"a", "b"}));
  for (const auto bad : {"a,,b", ",", "a,",
                         "a\x01"
                         "b"})
    EXPECT_NE(config::csv(list)(bad), std::nullopt) << bad;

  EXPECT_EQ(config::csv_uuids(list)("AAAAAAAA-aaaa-4aaa-8aaa-aaaaaaaaaaaa, bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"), std::nullopt);
  EXPECT_EQ(list, (std::vector<std::string>{"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}));
  const auto wrong = config::csv_uuids(list)("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa,nonsense");
  ASSERT_NE(wrong, std::nullopt);
  EXPECT_NE(wrong->find("item 2"), std::string::npos) << *wrong;
  EXPECT_EQ(wrong->find("nonsense"), std::string::npos) << "values are not quoted";

  std::vector<std::int64_t> seconds;
  EXPECT_EQ(config::seconds_list(seconds)("5, 30,300"), std::nullopt);
  EXPECT_EQ(seconds, (std::vector<std::int64_t>{5, 30, 300}));
  EXPECT_EQ(config::seconds_list(seconds)("0"), std::nullopt);
  EXPECT_EQ(config::seconds_list(seconds)("1,2,3,4,5,6,7,8,9,10"), std::nullopt);
  for (const auto bad : {"5,,30", "-1", "86401", "5s", "1.5", "1,2,3,4,5,6,7,8,9,10,11", "5,"})
    EXPECT_NE(config::seconds_list(seconds)(bad), std::nullopt) << bad;

  std::string choice;
  EXPECT_EQ(config::one_of(choice, {"stdout", "webhook"})("webhook"), std::nullopt);
  EXPECT_EQ(choice, "webhook");
  for (const auto bad : {"", "Webhook", "http", "stdout "}) EXPECT_NE(config::one_of(choice, {"stdout", "webhook"})(bad), std::nullopt) << bad;
}

TEST(Environment, SecretsAreOverwrittenWhereTheKernelShowsThemAndStillFound) {
  static char secret[] = "WEBHOOK_SECRET=whsec_canary";
  static char password[] = "PGPASSWORD=canary";
  static char plain[] = "PUBLISH_TRANSPORT=stdout";
  for (char* entry : {secret, password, plain}) putenv(entry);
  config::hide_secrets();
  EXPECT_EQ(std::string(std::begin(secret), std::end(secret)).find("canary"), std::string::npos);
  EXPECT_EQ(std::string(std::begin(password), std::end(password)).find("canary"), std::string::npos);
  EXPECT_STREQ(secret, "WEBHOOK_SECRET=");
  EXPECT_STREQ(plain, "PUBLISH_TRANSPORT=stdout");
  EXPECT_STREQ(std::getenv("WEBHOOK_SECRET"), "whsec_canary");
  EXPECT_STREQ(std::getenv("PGPASSWORD"), "canary");
  EXPECT_EQ(config::process_environment()["WEBHOOK_SECRET"], "whsec_canary");
  for (const char* name : {"WEBHOOK_SECRET", "PGPASSWORD", "PUBLISH_TRANSPORT"}) unsetenv(name);
}
