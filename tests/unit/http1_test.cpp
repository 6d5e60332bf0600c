#include "http/http1.hpp"

#include "support/session_fixture.hpp"

using namespace std::chrono_literals;
using http::End;

namespace {

constexpr std::string_view no_content = "HTTP/1.1 204 No Content\r\n\r\n";

class Http1Test : public SessionFixture<http::Http1Session> {
 protected:
  void open(base::Milliseconds timeout = 10s) { open_after({}, timeout); }
  // One answer, whole, to a first request.
  void answered_with(std::string_view bytes) {
    open();
    start(1);
    answer(bytes);
    ASSERT_EQ(outcomes_.size(), 1U) << bytes;
    EXPECT_EQ(outcomes_[0].end, End::answered);
  }
};

TEST_F(Http1Test, APostGoesOutWholeAndItsStatusComesBack) {
  open();
  start(1);
  EXPECT_EQ(line_.from_us,
            "POST /hook?a=b HTTP/1.1\r\nHost: example.test:8443\r\nUser-Agent: test\r\nContent-Length: 7\r\n"
            "Content-Type: application/json\r\nwebhook-id: id-1\r\n\r\n{\"n\":1}");
  EXPECT_FALSE(session_->takes_more());
  answer(no_content);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::answered);
  EXPECT_EQ(outcomes_[0].status, 204);
  EXPECT_TRUE(session_->takes_more());
}

TEST_F(Http1Test, TheConnectionTakesOneRequestAfterTheOther) {
  open();
  for (std::uint64_t tag = 0; tag < 3; ++tag) {
    start(tag);
    answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    ASSERT_EQ(outcomes_.size(), tag + 1);
    EXPECT_EQ(outcomes_[tag].tag, tag);
  }
  EXPECT_FALSE(session_->over());
}

TEST_F(Http1Test, AnAnswerMayComeByteByByte) {
  open();
  start(1);
  for (const char byte : std::string_view("HTTP/1.1 503 Later\r\nRetry-After: 120\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")) {
    EXPECT_TRUE(outcomes_.empty());
    answer({&byte, 1});
  }
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::answered);
  EXPECT_EQ(outcomes_[0].status, 503);
  EXPECT_EQ(outcomes_[0].retry_after, 120s);
  EXPECT_TRUE(session_->takes_more());
}

TEST_F(Http1Test, AStatusLineMayEndWithTheCode) {
  constexpr std::string_view bytes = "HTTP/1.1 103\r\nLink: <x>\r\n\r\nHTTP/1.0 503\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
  for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
    outcomes_.clear();
    line_ = {};
    open();
    start(1);
    for (std::size_t at = 0; at < bytes.size(); at += step) answer(bytes.substr(at, step));
    ASSERT_EQ(outcomes_.size(), 1U) << step;
    EXPECT_EQ(outcomes_[0].end, End::answered) << step;
    EXPECT_EQ(outcomes_[0].status, 503) << step;
  }
}

TEST_F(Http1Test, AConnectionThatLiesIdleForTooLongIsNotUsedAgain) {
  answered_with(no_content);
  session_->expire();
  EXPECT_TRUE(session_->takes_more()) << "it is a minute";
  EXPECT_GT(session_->due(), base::Boottime::now());
  head_.longest_idle = 0ms;
  EXPECT_LE(session_->due(), base::Boottime::now());
  start(2);
  EXPECT_GT(session_->due(), base::Boottime::now()) << "it is not idle";
  session_->expire();
  EXPECT_EQ(session_->in_flight(), 1U);
  answer(no_content);
  EXPECT_TRUE(session_->takes_more());
  session_->expire();
  EXPECT_FALSE(session_->takes_more());
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, AnInformationalAnswerIsNotTheAnswer) {
  open();
  start(1);
  answer("HTTP/1.1 103 Early Hints\r\nRetry-After: 7\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(outcomes_.empty());
  answer("HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].status, 422);
  EXPECT_EQ(outcomes_[0].retry_after, 0ms);
}

TEST_F(Http1Test, AConnectionThatIsToCloseTakesNothingMore) {
  answered_with("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, Http10IsOverAfterItsAnswer) {
  answered_with("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, MoreThanTheAnswerIsNotTrusted) {
  answered_with(std::string(no_content) + "HTTP/1.1 200 OK\r\n");
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, WhatComesUnaskedEndsTheConnection) {
  open_after("HTTP/1.1 408 Request Timeout\r\n\r\n", 10s);
  EXPECT_TRUE(session_->over());

  open();
  start(1);
  answer(no_content);
  answer(no_content);
  EXPECT_EQ(outcomes_.size(), 1U);
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, AWholeHeaderIsTheAnswerWhateverBecomesOfTheBody) {
  answered_with("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x'));
  EXPECT_TRUE(session_->over()) << "a body that is too long";
  outcomes_.clear();
  answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n");
  EXPECT_TRUE(session_->over());

  for (const std::string_view bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\nxyz", "HTTP/1.1 200 OK\r\n\r\nup to the end"}) {
    outcomes_.clear();
    line_ = {};
    open();
    start(1);
    answer(bytes);
    EXPECT_TRUE(outcomes_.empty()) << bytes;
    close();
    ASSERT_EQ(outcomes_.size(), 1U) << bytes;
    EXPECT_EQ(outcomes_[0].end, End::answered) << bytes;
  }
}

TEST_F(Http1Test, ATrailerIsNoHeader) {
  answered_with("HTTP/1.1 503 Later\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nRetry-After: 120\r\n\r\n");
  EXPECT_EQ(outcomes_[0].retry_after, 0ms);
}

TEST_F(Http1Test, HalfAHeaderIsNoAnswer) {
  open();
  start(1);
  answer("HTTP/1.1 200 OK\r\nContent-Le");
  EXPECT_TRUE(outcomes_.empty());
  close();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::fresh);
}

TEST_F(Http1Test, WhatIsNoHttpEndsTheConnection) {
  for (const std::string_view bytes : {"\x15\x03\x01", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20\r\n\r\n", "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n"}) {
    outcomes_.clear();
    line_ = {};
    open();
    start(1);
    answer(bytes);
    close();
    ASSERT_EQ(outcomes_.size(), 1U) << bytes;
    EXPECT_EQ(outcomes_[0].end, End::fresh) << bytes;
    EXPECT_TRUE(session_->over()) << bytes;
  }
  outcomes_.clear();
  line_ = {};
  open();
  start(1);
  answer("HTTP/1.1 200 OK\r\nA: " + std::string(70'000, 'x'));
  ASSERT_EQ(outcomes_.size(), 1U) << "a header without an end";
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, AConnectionThatClosesIsFreshUntilItAnsweredOnce) {
  open();
  start(1);
  answer(no_content);
  start(2);
  close();
  ASSERT_EQ(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[1].end, End::broken);
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, ARequestThatIsLateIsGivenUpWithItsConnection) {
  open(0ms);
  start(1);
  EXPECT_LE(session_->due(), base::Boottime::now());
  session_->expire();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::timed_out);
  EXPECT_TRUE(session_->over());
}

TEST_F(Http1Test, AnAnswerBeforeTheBodyIsOutIsTheAnswer) {
  open();
  line_.takes = 0;
  start(1, std::string(200'000, 'x'));
  EXPECT_TRUE((session_->watched().events & POLLOUT) != 0);
  answer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].status, 413);
  EXPECT_TRUE(session_->over()) << "the rest of the body would be taken for a request";
}

TEST_F(Http1Test, AWireThatTakesLittleGetsTheSameBytesUntilItTookAll) {
  open();
  line_.takes = 0;
  start(1, std::string(200'000, '\xfe'));
  for (int nth = 0; nth < 200'000 && (session_->watched().events & POLLOUT) != 0; ++nth) {
    line_.takes = static_cast<std::size_t>(nth % 7);
    session_->flush();
  }
  EXPECT_EQ(std::ranges::count(line_.from_us, '\xfe'), 200'000);
  answer(no_content);
  EXPECT_TRUE(session_->takes_more());
}

}  // namespace
