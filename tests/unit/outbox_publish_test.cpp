#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/digest.hpp"
#include "config.hpp"
#include "unit/support.hpp"

namespace {

using config::Environment;

const std::string key_text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

Environment webhook() { return {{"DATABASE_URL", "postgresql:///x"}, {"PUBLISH_TRANSPORT", "webhook"}, {"WEBHOOK_URL", "https://hooks.example.com/in"}}; }

Environment with(Environment environment, const Environment& more) {
  for (const auto& [name, value] : more) environment[name] = value;
  return environment;
}

std::vector<std::string> bad_names(const Environment& environment, bool payload = false) {
  Config config;
  config.payload = payload;
  std::vector<std::string> names;
  for (const auto& problem : settings(config).load(environment).problems) {
    names.push_back(problem.name);
    EXPECT_FALSE(problem.hint.empty()) << problem.name;
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST(PublishSettings, AMinimalConfigurationHasTheDefaultsOfTheContract) {
  Config config;
  const auto loaded = settings(config).load(webhook());
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems[0].name << " " << loaded.problems[0].detail;
  EXPECT_TRUE(config.webhook());
  EXPECT_EQ(config.batch_size, 50);
  EXPECT_EQ(config.poll_interval_ms, 1000);
  EXPECT_EQ(config.concurrency, 16);
  EXPECT_EQ(config.retry_max, 3);
  EXPECT_EQ(config.backoff_steps_s, (std::vector<std::int64_t>{5, 30, 300}));
  EXPECT_EQ(config.breaker_failures, 5);
  EXPECT_EQ(config.breaker_probe_ms, 1000);
  EXPECT_EQ(config.lease_s, 90);
  EXPECT_EQ(config.grace_ms, 8000);
  EXPECT_EQ(config.timeout_ms, 3000);
  EXPECT_TRUE(config.success_codes.test(200));
  EXPECT_TRUE(config.success_codes.test(299));
  EXPECT_FALSE(config.success_codes.test(300));
  for (const std::size_t code : {410U, 413U, 415U, 422U}) EXPECT_TRUE(config.permanent_codes.test(code));
  EXPECT_EQ(config.permanent_codes.count(), 4U);
  EXPECT_EQ(config.ce_source, "/0admin/outbox");
  EXPECT_FALSE(config.allow_private);
  EXPECT_TRUE(config.signing_keys.empty());
  EXPECT_TRUE(config.types.empty());
  EXPECT_FALSE(config.service);
}

TEST(PublishSettings, AnUnsetTransportIsAnErrorSoThatNothingIsMarkedAsSentByMistake) {
  EXPECT_EQ(bad_names({{"DATABASE_URL", "postgresql:///x"}}), Names{"PUBLISH_TRANSPORT"});
}

TEST(PublishSettings, EachBadValueIsToldByItsName) {
  for (const auto& [name, values] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"DATABASE_URL", {"nonsense", "host=localhost", "http://x"}},
           {"DATABASE_LISTEN_URL", {"nonsense"}},
           {"DATABASE_CONNECT_TIMEOUT_MS", {"99", "60001", "x"}},
           {"DATABASE_STATEMENT_TIMEOUT_MS", {"99", "600001"}},
           {"INSTANCE", {"a b", "a/b", std::string(65, 'x'), "ä", "../x"}},
           {"PUBLISH_TRANSPORT", {"http", "Webhook", "stdout,webhook"}},
           {"PUBLISH_BATCH_SIZE", {"0", "10001", "-1", "1.5", "many"}},
           {"PUBLISH_POLL_INTERVAL_MS", {"9", "60001"}},
           {"PUBLISH_CONCURRENCY", {"0", "1001"}},
           {"PUBLISH_RETRY_MAX", {"-1", "101"}},
           {"PUBLISH_BACKOFF_STEPS", {"5,x", "-5", "5,,30", "86401", "1,1,1,1,1,1,1,1,1,1,1"}},
           {"PUBLISH_BREAKER_FAILURES", {"0", "1001"}},
           {"PUBLISH_BREAKER_PROBE_MS", {"9", "600001"}},
           {"PUBLISH_TYPES", {"A,,B", "A,\x01", ","}},
           {"PUBLISH_EXCLUDE_TYPES", {"A,,B", "A,"}},
           {"LEASE_SECONDS", {"0", "3601"}},
           {"SHUTDOWN_GRACE_MS", {"-1", "9001"}},
           {"TENANT_ALLOWLIST", {"nonsense", "11111111-1111-4111-8111-111111111111,"}},
           {"WEBHOOK_URL", {"http://hooks.example.com/", "https://user@hooks.example.com/", "https://hooks.example.com/#x", "hooks.example.com", "https://"}},
           {"WEBHOOK_TIMEOUT_MS", {"9", "60001"}},
           {"WEBHOOK_SUCCESS_CODES", {"1-2", "200-", "600", "x"}},
           {"WEBHOOK_PERMANENT_CODES", {"100", "410,"}},
           {"WEBHOOK_HEADERS_ALLOWLIST", {"Authorization=x", "cookie=x", "X-A", "X-A=a\nb", "HOST=x", "Connection=x"}},
           {"WEBHOOK_DOMAIN_ALLOWLIST", {"a,,b"}},
           {"WEBHOOK_ALLOW_PRIVATE", {"maybe", "2"}},
           {"WEBHOOK_CE_SOURCE", {"has a blank", "ä", std::string(1025, 'x'), "a\nb"}},
           {"WEBHOOK_SECRET", {"plain", "whsec_short", "whsec_" + base::base64("short")}},
           {"RUN_DIR", {"relative/path"}},
           {"LOG_LEVEL", {}},
       }) {
    for (const auto& value : values) EXPECT_EQ(bad_names(with(webhook(), {{name, value}})), Names{name}) << name << "=" << value;
  }
}

TEST(PublishSettings, AllBadOnesAreNamedAtOnce) {
  EXPECT_EQ(bad_names({{"PUBLISH_BATCH_SIZE", "0"}, {"WEBHOOK_URL", "http://x/"}, {"WEBHOOK_SECRET", "x"}}),
            (Names{"DATABASE_URL", "PUBLISH_TRANSPORT", "PUBLISH_BATCH_SIZE", "WEBHOOK_URL", "WEBHOOK_SECRET"}));
}

TEST(PublishSettings, AWebhookNeedsItsUrl) {
  EXPECT_EQ(bad_names({{"DATABASE_URL", "postgresql:///x"}, {"PUBLISH_TRANSPORT", "webhook"}}), Names{"WEBHOOK_URL"});
  EXPECT_EQ(bad_names({{"DATABASE_URL", "postgresql:///x"}, {"PUBLISH_TRANSPORT", "stdout"}}), Names());
}

TEST(PublishSettings, TheHostMustBeInTheAllowlist) {
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_DOMAIN_ALLOWLIST", "example.org"}})), Names{"WEBHOOK_URL"});
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_DOMAIN_ALLOWLIST", "ample.com"}})), Names{"WEBHOOK_URL"});
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_DOMAIN_ALLOWLIST", "example.org, example.com"}})), Names());
}

TEST(PublishSettings, ACodeCannotMeanSuccessAndDeath) {
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_SUCCESS_CODES", "200-299,410"}})), Names{"WEBHOOK_PERMANENT_CODES"});
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_SUCCESS_CODES", "200"}, {"WEBHOOK_PERMANENT_CODES", "201"}})), Names());
}

TEST(PublishSettings, ACertificateFileMustBeReadable) {
  const support::Folder folder;
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_CA_FILE", (folder / "none.pem").string()}})), Names{"WEBHOOK_CA_FILE"});
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_CA_FILE", folder.write("ca.pem", "x")}})), Names());
}

TEST(PublishSettings, BothSecretsAreKeptTheActiveFirst) {
  const auto previous = "whsec_" + base::base64(std::string(32, 'p'));
  Config config;
  ASSERT_TRUE(settings(config).load(with(webhook(), {{"WEBHOOK_SECRET", key_text}, {"WEBHOOK_SECRET_PREVIOUS", previous}})).problems.empty());
  ASSERT_EQ(config.signing_keys.size(), 2U);
  EXPECT_EQ(config.signing_keys[0].size(), 24U);
  EXPECT_EQ(config.signing_keys[1], std::string(32, 'p'));
  EXPECT_EQ(bad_names(with(webhook(), {{"WEBHOOK_SECRET_PREVIOUS", previous}})), Names{"WEBHOOK_SECRET_PREVIOUS"});
}

TEST(PublishSettings, TenantsComeFromOneListOnly) {
  const support::Folder folder;
  const auto path = folder.write("tenants", "11111111-1111-4111-8111-111111111111\n");
  EXPECT_EQ(bad_names(with(webhook(), {{"TENANT_ALLOWLIST", "11111111-1111-4111-8111-111111111111"}, {"TENANT_ALLOWLIST_PATH", path}})),
            Names{"TENANT_ALLOWLIST_PATH"});
  EXPECT_EQ(bad_names(with(webhook(), {{"TENANT_ALLOWLIST_PATH", path}})), Names());
}

TEST(PublishSettings, PayloadsGoToStdoutOnlyAndNeverIntoTheJournal) {
  const Environment out{{"DATABASE_URL", "postgresql:///x"}, {"PUBLISH_TRANSPORT", "stdout"}};
  EXPECT_EQ(bad_names(webhook(), true), Names{"--payload"});
  EXPECT_EQ(bad_names(out, true), Names());
  Names names;
  {
    const support::Capture capture(STDOUT_FILENO);
    struct stat status {};
    ASSERT_EQ(fstat(STDOUT_FILENO, &status), 0);
    const support::Variable journal("JOURNAL_STREAM", (std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino)).c_str());
    names = bad_names(out, true);
  }
  EXPECT_EQ(names, Names{"--payload"});
}

TEST(PublishSettings, NoSecretIsShown) {
  Config config;
  const auto loaded = settings(config).load(with(webhook(), {{"DATABASE_URL", "postgresql://u:s3cret@h/db"},
                                                             {"WEBHOOK_SECRET", key_text},
                                                             {"WEBHOOK_HEADERS_ALLOWLIST", "X-Key=s3cret"},
                                                             {"DATABASE_LISTEN_URL", "postgresql://u:s3cret@h/db"}}));
  EXPECT_TRUE(loaded.problems.empty());
  for (const auto& effective : loaded.effective) {
    EXPECT_EQ(effective.value.find("s3cret"), std::string::npos) << effective.name;
    EXPECT_EQ(effective.value.find("whsec"), std::string::npos) << effective.name;
  }
}

TEST(PublishFlags, HaveBoundsAndTheTransportOverridesItsSetting) {
  Config config;
  bool transport = false;
  for (const auto& flag : flags(config)) {
    if (flag.name == "--transport") transport = flag.shadows == "PUBLISH_TRANSPORT";
    if (flag.name == "--max-batches") {
      EXPECT_EQ(flag.store("1"), std::nullopt);
      EXPECT_NE(flag.store("0"), std::nullopt);
    }
    if (flag.name == "--max-seconds") {
      EXPECT_EQ(flag.store("86400"), std::nullopt);
      EXPECT_NE(flag.store("86401"), std::nullopt);
    }
    if (flag.name == "--service") {
      EXPECT_EQ(flag.store(""), std::nullopt);
    }
  }
  EXPECT_TRUE(transport);
  EXPECT_TRUE(config.service);
  EXPECT_EQ(config.max_batches, 1);
  EXPECT_EQ(config.max_seconds, 86400);
}
