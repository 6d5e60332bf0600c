#include "http/http2.hpp"

#include "support/session_fixture.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using http::End;

namespace {

// RFC 9113 §4.1.
std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload) {
  std::string bytes;
  const auto put = [&](std::uint64_t number, unsigned count) {
    for (unsigned nth = count; nth-- > 0;) bytes += static_cast<char>(number >> (8 * nth));
  };
  put(payload.size(), 3);
  put(static_cast<std::uint64_t>(type), 1);
  put(static_cast<std::uint64_t>(flags), 1);
  put(stream, 4);
  return bytes.append(payload);
}

constexpr int end_stream = 1;
constexpr int end_headers = 4;
const auto status_200 = "\x88"s;  // RFC 7541, appendix A
const auto status_204 = "\x89"s;
const auto status_103 =
    "\x08\x03"
    "103"s;
const auto status_503_after_120 =
    "\x08\x03"
    "503"
    "\x0f\x26\x03"
    "120"s;

std::string settings(std::string_view payload = {}) { return frame(4, 0, 0, payload); }
std::string header(std::uint32_t stream, std::string_view block, bool ends = true) { return frame(1, end_headers | (ends ? end_stream : 0), stream, block); }
std::string data(std::uint32_t stream, std::string_view bytes) { return frame(0, 0, stream, bytes); }
std::string reset(std::uint32_t stream, char code) { return frame(3, 0, stream, "\0\0\0"s + code); }
std::string goaway(char last_stream) { return frame(7, 0, 0, "\0\0\0"s + last_stream + "\0\0\0\0"s); }

constexpr char internal_error = 2;
constexpr char refused_stream = 7;

class Http2Test : public SessionFixture<http::Http2Session> {
 protected:
  void open(base::Milliseconds timeout = 10s) { open_after(settings(), timeout); }
};

TEST_F(Http2Test, APostGoesOutWholeAndItsStatusComesBack) {
  open();
  start(1);
  EXPECT_TRUE(line_.from_us.starts_with("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_TRUE(line_.from_us.ends_with(frame(0, end_stream, 1, "{\"n\":1}")));
  EXPECT_EQ(session_->in_flight(), 1U);
  answer(header(1, status_204));
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::answered);
  EXPECT_EQ(outcomes_[0].status, 204);
  EXPECT_EQ(session_->in_flight(), 0U);
  EXPECT_FALSE(session_->over());
}

TEST_F(Http2Test, AnInformationalAnswerIsNotTheAnswer) {
  open();
  start(1);
  answer(header(1, status_103, false));
  EXPECT_TRUE(outcomes_.empty());
  answer(header(1, status_503_after_120));
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].status, 503);
  EXPECT_EQ(outcomes_[0].retry_after, 120s);
}

TEST_F(Http2Test, AWholeHeaderIsTheAnswerWhateverBecomesOfTheBody) {
  open();
  start(1);
  start(2);
  start(3);
  answer(header(1, status_200, false) + reset(1, internal_error));
  answer(header(3, status_200, false) + data(3, std::string(101, 'x')));
  EXPECT_TRUE(line_.from_us.ends_with(reset(3, 8))) << "no more of a body that is too long is wanted: CANCEL";
  answer(header(5, status_200, false));
  close();
  ASSERT_EQ(outcomes_.size(), 3U);
  for (const auto& outcome : outcomes_) EXPECT_EQ(outcome.end, End::answered) << outcome.tag;
}

TEST_F(Http2Test, WhatAGoawayLeavesOutWasRefusedAndTheRestIsStillAnswered) {
  open();
  start(1);
  start(2);
  answer(goaway(1));
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].tag, 2U);
  EXPECT_EQ(outcomes_[0].end, End::refused);
  EXPECT_FALSE(session_->takes_more());
  EXPECT_FALSE(session_->over());
  answer(header(1, status_204));
  ASSERT_EQ(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[1].end, End::answered);
  EXPECT_TRUE(session_->over());
}

TEST_F(Http2Test, ARefusedStreamIsToBeSentOverAnotherConnection) {
  open();
  start(1);
  answer(reset(1, refused_stream));
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::refused);
  EXPECT_TRUE(session_->over());
}

TEST_F(Http2Test, AConnectionThatClosesIsFreshUntilItAnsweredOnce) {
  open();
  start(1);
  close();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::fresh);
  EXPECT_TRUE(session_->over());

  line_ = {};
  outcomes_.clear();
  open();
  start(1);
  start(2);
  answer(header(1, status_204));
  close();
  ASSERT_EQ(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[1].end, End::broken);
}

TEST_F(Http2Test, ARequestThatIsLateIsGivenUpAndASilentConnectionWithIt) {
  open(0ms);
  start(1);
  EXPECT_LE(session_->due(), base::Boottime::now());
  session_->expire();
  session_->flush();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::timed_out);
  EXPECT_TRUE(line_.from_us.ends_with(reset(1, 8)));
  EXPECT_FALSE(session_->takes_more()) << "not a byte came since it was sent";
  answer(header(1, status_204));
  EXPECT_EQ(outcomes_.size(), 1U) << "an answer that comes after all is nobody's";
}

TEST_F(Http2Test, OfManyTheOldestIsTheFirstToBeLate) {
  open(10s);
  start(1);
  start(2, "{}", 10s);
  start(3);
  EXPECT_LE(session_->due(), base::Boottime::now());
  session_->expire();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].tag, 2U);
  EXPECT_EQ(outcomes_[0].end, End::timed_out);
  EXPECT_GT(session_->due(), base::Boottime::now()) << "the others have their time yet, and nobody has anything to do before";
}

TEST_F(Http2Test, NoMoreStreamsThanTheOtherSideAllows) {
  open();
  EXPECT_TRUE(session_->takes_more());
  answer(settings("\0\x03\0\0\0\x01"sv));
  start(1);
  EXPECT_FALSE(session_->takes_more());
  answer(header(1, status_204));
  EXPECT_TRUE(session_->takes_more());
}

TEST_F(Http2Test, AWireThatTakesLittleGetsTheSameBytesUntilItTookAll) {
  open();
  line_.takes = 0;
  const std::string text(60'000, '\xfe');
  const std::string_view body(text);
  start(1, body.substr(0, 40'000));
  EXPECT_TRUE((session_->watched().events & POLLOUT) != 0);
  start(2, body.substr(0, 20'000));
  for (int nth = 0; nth < 200'000 && (session_->watched().events & POLLOUT) != 0; ++nth) {
    line_.takes = static_cast<std::size_t>(nth % 7);
    session_->flush();
  }
  EXPECT_EQ(std::ranges::count(line_.from_us, '\xfe'), 60'000) << "within the window of a connection";
  EXPECT_TRUE((session_->watched().events & POLLOUT) == 0);
}

TEST_F(Http2Test, WhatIsNoHttp2EndsTheConnection) {
  open();
  start(1);
  answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].end, End::fresh);
  EXPECT_TRUE(session_->over());
}

}  // namespace
