// Where claims begin. Times are passed in.
#include "outbox/floors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace std::chrono_literals;
using outbox::Floors;

namespace {

outbox::Event event(std::string type, std::int64_t due_us) {
  outbox::Event event;
  event.event_type = std::move(type);
  event.due_us = due_us;
  return event;
}

class FloorsTest : public testing::Test {
 protected:
  // What the next claim is told, as PostgreSQL reads it: types and floors, and how far to look on at a time.
  std::vector<std::string> parameters(bool whole) {
    pg::Params params;
    floors_.add_due(params, now_, whole);
    std::vector<std::string> texts;
    for (const auto* value : params.arguments().values) texts.emplace_back(value == nullptr ? "null" : value);
    return texts;
  }
  std::string told(bool whole = false) {
    const auto texts = parameters(whole);
    return texts.at(0) + " " + texts.at(1);
  }
  std::string steps(bool whole = false) { return parameters(whole).at(2); }
  void pass(base::Milliseconds time) {
    for (; time > 0ms; time -= 50ms) {
      now_ += 50ms;
      told();  // a claim goes out now and then
    }
  }

  Floors floors_;
  Floors::Time now_ = Floors::Time() + 1h;
};

}  // namespace

TEST_F(FloorsTest, NothingIsKnownAtFirst) { EXPECT_EQ(told(), "{} {}"); }

TEST_F(FloorsTest, AClaimBeginsWhereTheYoungestOfAnEarlierOneWas) {
  floors_.claimed({event("A", 10), event("B", 15), event("A", 20)}, false);
  pass(500ms);
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})");
}

TEST_F(FloorsTest, WhatWasClaimedJustNowIsNoFloorYetBecauseEarlierEventsMayBeCommittedLater) {
  told();
  floors_.claimed({event("A", 10)}, false);
  pass(250ms);
  EXPECT_EQ(told(), R"({"A"} {NULL})");
  floors_.claimed({event("A", 20)}, false);
  pass(250ms);
  EXPECT_EQ(told(), R"({"A"} {"10"})");
  pass(250ms);
  EXPECT_EQ(told(), R"({"A"} {"20"})");
}

TEST_F(FloorsTest, AWholeClaimKnowsTheTypesAndBeginsAtTheBeginning) {
  floors_.claimed({event("A", 10)}, false);
  pass(500ms);
  EXPECT_EQ(told(true), R"({"A"} {NULL})");
}

TEST_F(FloorsTest, WhatAWholeClaimFoundBehindTheFloorIsWhereTheNextBegins) {
  floors_.claimed({event("A", 100)}, false);
  pass(500ms);
  told(true);
  floors_.claimed({event("A", 10), event("A", 20)}, false);
  EXPECT_EQ(told(), R"({"A"} {"20"})") << "there may be more of that";
}

TEST_F(FloorsTest, WhatAWholeClaimFoundBehindTheFloorAndBeyondItLowersNothing) {
  floors_.claimed({event("A", 100)}, false);
  pass(500ms);
  told(true);
  floors_.claimed({event("A", 10), event("A", 120)}, false);
  EXPECT_EQ(told(), R"({"A"} {"100"})");
}

TEST_F(FloorsTest, AlertsHaveNone) {
  floors_.claimed({event("OpsAlert", 10), event("A", 10)}, false);
  pass(500ms);
  EXPECT_EQ(told(), R"({"A"} {"10"})");
}

TEST_F(FloorsTest, AfterAClaimThatWasFullTheNextGoesOnWhereItEnded) {
  floors_.claimed({event("A", 10), event("B", 15), event("A", 20)}, true);
  told();  // from the floors, of which there is none yet
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})");
  pass(950ms);
  floors_.claimed({event("A", 30), event("B", 35)}, true);
  EXPECT_EQ(told(), R"({"A","B"} {"30","35"})");
  now_ += 50ms;
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})") << "now and then from the floors, for what came to be behind";
  EXPECT_EQ(told(), R"({"A","B"} {"30","35"})");
  EXPECT_EQ(told(true), R"({"A","B"} {NULL,NULL})");
  floors_.claimed({event("A", 40)}, false);
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})") << "there is no backlog any more";
}

TEST_F(FloorsTest, AClaimThatGoesOnPassesOverWhatOthersTookInStepsOfHalfOfWhatTheLastOneSpanned) {
  floors_.claimed({event("A", 100), event("B", 150), event("A", 120), event("C", 160), event("C", 161), event("A", 300)}, true);
  EXPECT_EQ(steps(), "{NULL,NULL,NULL}") << "from the floors";
  EXPECT_EQ(steps(), R"({"100",NULL,NULL})") << "one event, and two next to each other, span nothing";
  EXPECT_EQ(steps(true), "null") << "a whole claim passes over nothing";
  floors_.claimed({event("A", 400), event("A", 410)}, true);
  EXPECT_EQ(steps(), R"({"5",NULL,NULL})");
  floors_.claimed({event("A", 500)}, false);
  EXPECT_EQ(steps(), "{NULL,NULL,NULL}") << "there is no backlog any more";
}

TEST_F(FloorsTest, WhatIsSuspectIsLookedForFromWhereTheFirstWas) {
  const auto told_suspect = [this](bool whole) {
    pg::Params params;
    floors_.add_suspect(params, whole);
    const auto* value = params.arguments().values.at(0);
    return value == nullptr ? std::string("null") : std::string(value);
  };
  EXPECT_EQ(told_suspect(false), "null");
  floors_.looked(77);
  EXPECT_EQ(told_suspect(false), "77");
  EXPECT_EQ(told_suspect(true), "null");
  floors_.looked(std::nullopt);
  EXPECT_EQ(told_suspect(false), "null");
}

TEST_F(FloorsTest, TheFirstClaimIsAWholeOne) { EXPECT_LE(floors_.whole_at(), now_); }

TEST_F(FloorsTest, WholeClaimsTakeATwentiethOfTheTime) {
  floors_.went_whole(now_ - 10ms, now_);
  EXPECT_EQ(floors_.whole_at(), now_ + 200ms);
}

TEST_F(FloorsTest, AWholeClaimComesWithinHalfAMinuteHoweverSlowTheyAre) {
  floors_.went_whole(now_ - 20s, now_);
  EXPECT_EQ(floors_.whole_at(), now_ + 30s);
}

TEST_F(FloorsTest, LookingBackMakesTheNextClaimAWholeOne) {
  floors_.went_whole(now_ - 1s, now_);
  floors_.look_back();
  EXPECT_LE(floors_.whole_at(), now_);
}

TEST_F(FloorsTest, TypesThatAreMadeUpWithoutEndAreNotKeptWithoutEnd) {
  for (std::int64_t i = 0; i < 1000; ++i) floors_.claimed({event("T" + std::to_string(i), i)}, false);
  const auto known = told();
  EXPECT_LE(std::ranges::count(known, ','), 200);
}
