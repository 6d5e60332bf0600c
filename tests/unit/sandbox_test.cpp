// Extractor processes: what a document can do to them, and what not.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#include <map>

#include "base/clock.hpp"
#include "sandbox/answer.hpp"
#include "sandbox/client.hpp"

namespace {

using sandbox::Answer;
using sandbox::End;

class Sandbox : public ::testing::Test {
 protected:
  static base::Fd document(std::string_view content) {
    base::Fd file(memfd_create("document", MFD_CLOEXEC));
    EXPECT_EQ(write(file.get(), content.data(), content.size()), static_cast<ssize_t>(content.size()));
    return file;
  }

  void start(int timeout_ms = 500) {
    sandbox::Limits limits;
    limits.timeout_ms = static_cast<std::uint32_t>(timeout_ms);
    client_.emplace(std::vector<std::string>{EVIL_EXTRACT},
                    std::vector<std::string>{"PARSER_TIMEOUT_MS=" + std::to_string(timeout_ms), "PARSER_MEMORY_BYTES=268435456"}, limits);
    client_->start();
  }

  // Waits for the answers of all jobs in flight.
  std::map<std::uint64_t, Answer> collect() {
    std::map<std::uint64_t, Answer> answers;
    const base::Deadline deadline{std::chrono::seconds(60)};
    while (client_->in_flight() > 0 && !deadline.over()) {
      pollfd fd{client_->fd(), POLLIN, 0};
      poll(&fd, 1, 1000);
      for (auto& answer : client_->take()) answers.emplace(answer.job, answer);
    }
    return answers;
  }

  Answer one(std::string_view content) {
    EXPECT_TRUE(client_->submit(1, document(content), "application/xml"));
    auto answers = collect();
    EXPECT_EQ(answers.size(), 1U);
    return answers.empty() ? Answer{} : answers.begin()->second;
  }

  static std::string payload(const Answer& answer) {
    const auto parts = sandbox::read_answer(answer.text);
    return parts ? parts->payload : "no answer";
  }

  std::optional<sandbox::Client> client_;
};

TEST_F(Sandbox, AnswersAndTellsItsWalls) {
  start();
  EXPECT_EQ(payload(one("fine")), R"({"doc_type":"document","syntax":"xml","flags":[]})");
  ASSERT_TRUE(client_->walls());
  EXPECT_TRUE(*client_->walls() & sandbox::Wall::seccomp);
}

TEST_F(Sandbox, ADocumentReachesNothing) {
  start();
  EXPECT_EQ(payload(one("peek")), R"({"doc_type":"document","syntax":"xml","flags":[]})");
  EXPECT_NE(access("/tmp/evil-extract", F_OK), 0);
}

TEST_F(Sandbox, NothingOfADocumentSurvivesIntoTheNext) {
  start();
  EXPECT_EQ(one("leave something").end, End::answered);
  EXPECT_EQ(payload(one("peek")).find("saw_other"), std::string::npos);
}

TEST_F(Sandbox, EachEndIsTold) {
  start(3000);  // time enough to write more than an answer may have
  const std::map<std::string, End> ends{{"segfault", End::crash}, {"exit", End::crash},  {"loop", End::timeout},
                                        {"hang", End::timeout},   {"flood", End::crash}, {"garbage", End::answered}};
  std::uint64_t job = 0;
  for (const auto& [deed, end] : ends) ASSERT_TRUE(client_->submit(++job, document(deed), ""));
  const auto answers = collect();
  ASSERT_EQ(answers.size(), ends.size());
  job = 0;
  for (const auto& [deed, end] : ends) EXPECT_EQ(static_cast<int>(answers.at(++job).end), static_cast<int>(end)) << deed;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(Sandbox, MemoryEndsAtTheLimit) {
  start(10000);
  EXPECT_EQ(static_cast<int>(one("swell").end), static_cast<int>(End::out_of_memory));
}
#endif

TEST_F(Sandbox, OneThatHangsHoldsNobodyUp) {
  start(2000);
  ASSERT_TRUE(client_->submit(1, document("hang"), ""));
  ASSERT_TRUE(client_->submit(2, document("fine"), ""));
  while (client_->in_flight() == 2) {
    pollfd fd{client_->fd(), POLLIN, 0};
    poll(&fd, 1, 1000);
    for (const auto& answer : client_->take()) EXPECT_EQ(answer.job, 2U);
  }
  EXPECT_EQ(collect().count(1), 1U);
}

TEST_F(Sandbox, WhenTheExtractorIsKilledItsJobsWereNotStartedAndItCanBeStartedAgain) {
  start(10000);
  ASSERT_TRUE(client_->submit(1, document("hang"), ""));
  ASSERT_EQ(kill(client_->pid(), SIGKILL), 0);
  const auto answers = collect();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(static_cast<int>(answers.at(1).end), static_cast<int>(End::not_started));
  EXPECT_FALSE(client_->running());
  client_->start();
  EXPECT_EQ(one("fine").end, End::answered);
}

TEST_F(Sandbox, AProgramThatIsNotThereCannotBeStarted) {
  sandbox::Client client({"/nonexistent/inbox-extract"}, {}, {});
  EXPECT_THROW(client.start(), std::system_error);
  EXPECT_FALSE(client.running());
  EXPECT_FALSE(client.submit(1, document("fine"), ""));
}

TEST(Answer, ReadsWhatWasWrittenAndNothingElse) {
  const std::string hash(64, 'a');
  const auto read = sandbox::read_answer(sandbox::write_answer({hash, {}, {}, R"({"a":1})", "text\nof it"}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->payload, R"({"a":1})");
  EXPECT_EQ(read->text, "text\nof it");
  const auto refused = sandbox::read_answer(sandbox::write_answer({hash, "parse_error", "damaged", {}, {}}));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error_class, "damaged");
  for (const std::string_view bad :
       {"", "x", "aa read 5\nabc", "aa read -1\nabc", "aa read 99999999999999999999\nabc", "aa refused parse_error\n", "aa refused a b\nmore"}) {
    EXPECT_FALSE(sandbox::read_answer(bad)) << bad;
  }
}

}  // namespace
