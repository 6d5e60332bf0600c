#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "advice.hpp"
#include "config.hpp"
#include "database.hpp"
#include "ready.hpp"
#include "secrets.hpp"
#include "table.hpp"
#include "unit/support.hpp"
#include "webhook.hpp"

using namespace std::chrono_literals;

namespace {

std::string said(const Finding& finding) { return std::string(finding.line.state) + " " + finding.line.reason; }

std::string ready(int status, const std::string& body) {
  http::Answer answer;
  answer.status = status;
  answer.body = body;
  return said(judge_ready(answer));
}

std::string handshake(base::Milliseconds left) {
  const base::WallTime now{1000h};
  http::Answer answer;
  answer.certificate_end = now + left;
  return said(judge_handshake(answer, now, 21));
}

std::string wrong_with(std::vector<std::string> arguments, std::vector<std::string> app_heads = {}) {
  Config config;
  config.arguments = std::move(arguments);
  config.app_heads = std::move(app_heads);
  try {
    check_call(config);
    return "";
  } catch (const base::Error& error) {
    return error.detail;
  }
}

}  // namespace

TEST(Call, IsAProbeAndForReadyAUrl) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{},
                                                                     {"live"},
                                                                     {"db"},
                                                                     {"schema"},
                                                                     {"webhook"},
                                                                     {"secrets"},
                                                                     {"all"},
                                                                     {"ready", "https://h/"},
                                                                     {"ready", "http://127.0.0.1:1/"},
                                                                     {"all", "https://h/"}}) {
    EXPECT_EQ(wrong_with(arguments), "");
  }
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"dbs"}, {"ready"}, {"db", "https://h/"}, {"ready", "http://example.org/"}, {"ready", "x"}, {"all", "https://h/", "x"}}) {
    EXPECT_NE(wrong_with(arguments), "");
  }
  EXPECT_NE(wrong_with({"db"}, {"abc"}), "");
  EXPECT_EQ(wrong_with({"schema"}, {"abc"}), "");
}

TEST(Ready, WantsStatusDatabaseAndVersion) {
  EXPECT_EQ(ready(200, R"({"status":"OK","db":"OK","version":"1.2"})"), "ok ready");
  EXPECT_EQ(ready(200, R"({"status":"DEGRADED","db":"FAIL","version":"1.2"})"), "critical status_not_ok");
  EXPECT_EQ(ready(200, R"({"status":"OK","db":"FAIL","version":"1.2"})"), "critical db_not_ok");
  EXPECT_EQ(ready(200, R"({"status":"OK","version":"1.2"})"), "critical db_not_ok");
  for (const auto version : {R"("")", R"("unknown")", "null", "1"}) {
    EXPECT_EQ(ready(200, R"({"status":"OK","db":"OK","version":)" + std::string(version) + "}"), "critical version_missing") << version;
  }
}

TEST(Ready, AnythingButAnObjectIsNoAnswer) {
  for (const auto body : {"", "OK", "<html>please log in</html>", "[]", "\"OK\"", R"({"status":"OK","db":"OK","version":"1")", R"({"status":"OK"} x)"}) {
    EXPECT_EQ(ready(200, body), "critical body_invalid") << body;
  }
}

TEST(Ready, AnythingBut200IsAFailureAndARedirectIsNotFollowed) {
  const auto body = R"({"status":"OK","db":"OK","version":"1.2"})";
  for (const int status : {201, 204, 400, 401, 404, 500, 503}) EXPECT_EQ(ready(status, body), "critical http_" + std::to_string(status));
  for (const int status : {301, 302, 303, 307, 308}) EXPECT_EQ(ready(status, body), "critical redirect");
  http::Answer answer;
  answer.failure = http::Failure::endpoint;
  answer.reason = "timeout";
  EXPECT_EQ(said(judge_ready(answer)), "critical timeout");
}

TEST(Schema, TellsTheDirection) {
  const std::vector<std::string> expected{"version", "outbox", "inbox"};
  const auto judged = [&](const std::vector<std::string>& deployed) { return said(judge_changes(deployed, expected)); };
  EXPECT_EQ(judged(expected), "ok at_head");
  EXPECT_EQ(judged({"version", "outbox"}), "critical behind");
  EXPECT_EQ(judged({}), "critical behind");
  EXPECT_EQ(judged({"version", "outbox", "inbox", "later"}), "warning ahead");
  EXPECT_EQ(judged({"version", "other", "inbox"}), "critical diverged");
  EXPECT_EQ(judged({"version", "other"}), "critical diverged");
  EXPECT_EQ(judge_changes({"version", "outbox"}, expected).line.version, "outbox");
}

TEST(Schema, HeadsOfTheApplicationAreComparedAsASet) {
  const auto judged = [](const std::optional<std::string>& heads, std::vector<std::string> expected) {
    return said(judge_app_heads(heads, std::move(expected)));
  };
  const std::string two = "<table><row>\n  <version_num>aa1</version_num>\n</row><row><version_num>bb2</version_num></row></table>";
  EXPECT_EQ(judged(two, {"bb2", "aa1"}), "ok at_head");
  EXPECT_EQ(judged(two, {"aa1"}), "critical not_at_head");
  EXPECT_EQ(judged("<table><row><version_num>aa1</version_num></row></table>", {"aa1", "bb2"}), "critical not_at_head");
  EXPECT_EQ(judged("<table></table>", {"aa1"}), "critical empty");
  EXPECT_EQ(judged(std::nullopt, {"aa1"}), "critical missing");
}

TEST(Webhook, ACertificateIsToldBeforeItRunsOut) {
  EXPECT_EQ(handshake(22 * 24h), "ok certificate_valid");
  EXPECT_EQ(handshake(21 * 24h), "ok certificate_valid");
  EXPECT_EQ(handshake(21 * 24h - 1s), "warning certificate_expires");
  EXPECT_EQ(said(judge_handshake({}, base::WallTime{}, 21)), "unknown certificate_unknown");
}

TEST(Secrets, AreOldAfter76DaysAndAFileOfTheFutureIsUnknown) {
  const support::Folder folder;
  const auto path = folder.path() / "webhook_secret";
  std::ofstream(path) << "content";
  const base::WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};
  const auto judged = [&](std::chrono::seconds age) {
    const auto at = std::chrono::duration_cast<std::chrono::seconds>((now - age).time_since_epoch()).count();
    const std::array<timeval, 2> times{timeval{at, 0}, timeval{at, 0}};
    EXPECT_EQ(utimes(path.c_str(), times.data()), 0);
    const auto findings = probe_secrets({{"WEBHOOK_SECRET_FILE", path.string()}}, now);
    EXPECT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings.front().line.target, "WEBHOOK_SECRET");
    return said(findings.front());
  };
  EXPECT_EQ(judged(0s), "ok fresh");
  EXPECT_EQ(judged(76 * 24h - 1s), "ok fresh");
  EXPECT_EQ(judged(76 * 24h), "warning rotation_due");
  EXPECT_EQ(judged(-5s), "ok fresh");
  EXPECT_EQ(judged(-6s), "unknown from_the_future");
}

// It looked fresh until the service was up for 76 days, whatever the age of the secret.
TEST(Secrets, TheAgeOfACopyThatSystemdMadeIsNotJudged) {
  const support::Folder folder;
  std::ofstream(folder.path() / "webhook_secret") << "content";
  const auto later = base::wall_now() + 100 * 24h;
  const auto findings = probe_secrets({{"CREDENTIALS_DIRECTORY", folder.path().string()}, {"WEBHOOK_SECRET_FILE", "/nonexistent"}}, later);
  ASSERT_EQ(findings.size(), 1U) << "the copy is what is used";
  EXPECT_EQ(said(findings.front()), "skipped systemd_copy");
  EXPECT_EQ(findings.front().line.target, "WEBHOOK_SECRET");
  EXPECT_EQ(findings.front().line.age_days, std::nullopt);
}

TEST(Secrets, AFileThatIsNamedAndMissingIsUnknownAndOneFromTheEnvironmentHasNoAge) {
  EXPECT_EQ(said(probe_secrets({{"WEBHOOK_SECRET_FILE", "/nonexistent/secret"}}, base::wall_now()).front()), "unknown missing");
  EXPECT_EQ(said(probe_secrets({{"WEBHOOK_SECRET", "whsec_x"}, {"RUN_DIR_FILE", "/etc/passwd"}}, base::wall_now()).front()), "skipped no_files");
}

TEST(ProbeTable, WorstFirstSkippedLastWithWhatToDo) {
  auto refused = found("db", base::Outcome::critical, "refused");
  refused.line.hint = "is PostgreSQL running?";
  auto webhook = found("webhook", base::Outcome::warning, "certificate_expires");
  webhook.line.target = "h:443";
  webhook.line.days_left = 3;
  webhook.line.duration_ms = 12;
  EXPECT_EQ(table({found("secrets", base::Outcome::skipped, "no_files"), found("live", base::Outcome::ok, "running"), webhook, refused}),
            "CRITICAL db          refused                  0 ms\n"
            "         -> is PostgreSQL running?\n"
            "WARNING  webhook     certificate_expires     12 ms  h:443, 3 days left\n"
            "OK       live        running                  0 ms\n"
            "SKIPPED  secrets     no_files                 0 ms\n");
}

TEST(Advice, IsGivenForEveryReasonButThoseThatAreGood) {
  for (const auto reason : {"redirect", "http_500", "tls_expired", "behind", "read_only", "rotation_due"}) EXPECT_NE(advice_for(reason), "") << reason;
  for (const auto reason : {"ready", "writable", "at_head", "fresh", ""}) EXPECT_EQ(advice_for(reason), "") << reason;
}
