// Where claims begin. Times are passed in.
#include "outbox/floors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace std::chrono_literals;
using outbox::Floors;

namespace {

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
  struct Found {
    std::string type;
    std::int64_t due_us;
  };
  void claimed(const std::vector<Found>& found, bool full) {
    std::vector<outbox::EventPtr> events;
    for (const auto& [type, due_us] : found) {
      events.push_back(std::make_unique<outbox::Event>());
      events.back()->event_type = type;
      events.back()->due_us = due_us;
    }
    floors_.claimed(events, full);
  }
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
  claimed({{"A", 10}, {"B", 15}, {"A", 20}}, false);
  pass(500ms);
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})");
}

TEST_F(FloorsTest, WhatWasClaimedJustNowIsNoFloorYetBecauseEarlierEventsMayBeCommittedLater) {
  told();
  claimed({{"A", 10}}, false);
  pass(250ms);
  EXPECT_EQ(told(), R"({"A"} {NULL})");
  claimed({{"A", 20}}, false);
  pass(250ms);
  EXPECT_EQ(told(), R"({"A"} {"10"})");
  pass(250ms);
  EXPECT_EQ(told(), R"({"A"} {"20"})");
}

TEST_F(FloorsTest, AWholeClaimKnowsTheTypesAndBeginsAtTheBeginning) {
  claimed({{"A", 10}}, false);
  pass(500ms);
  EXPECT_EQ(told(true), R"({"A"} {NULL})");
}

TEST_F(FloorsTest, WhatAWholeClaimFoundBehindTheFloorIsWhereTheNextBegins) {
  claimed({{"A", 100}}, false);
  pass(500ms);
  told(true);
  claimed({{"A", 10}, {"A", 20}}, false);
  EXPECT_EQ(told(), R"({"A"} {"20"})") << "there may be more of that";
}

TEST_F(FloorsTest, WhatAWholeClaimFoundBehindTheFloorAndBeyondItLowersNothing) {
  claimed({{"A", 100}}, false);
  pass(500ms);
  told(true);
  claimed({{"A", 10}, {"A", 120}}, false);
  EXPECT_EQ(told(), R"({"A"} {"100"})");
}

TEST_F(FloorsTest, AlertsHaveNone) {
  claimed({{"OpsAlert", 10}, {"A", 10}}, false);
  pass(500ms);
  EXPECT_EQ(told(), R"({"A"} {"10"})");
}

TEST_F(FloorsTest, AfterAClaimThatWasFullTheNextGoesOnWhereItEnded) {
  claimed({{"A", 10}, {"B", 15}, {"A", 20}}, true);
  told();  // from the floors, of which there is none yet
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})");
  pass(4950ms);
  claimed({{"A", 30}, {"B", 35}}, true);
  EXPECT_EQ(told(), R"({"A","B"} {"30","35"})");
  now_ += 50ms;
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})") << "now and then from the floors, for what came to be behind";
  EXPECT_EQ(told(), R"({"A","B"} {"30","35"})");
  EXPECT_EQ(told(true), R"({"A","B"} {NULL,NULL})");
  claimed({{"A", 40}}, false);
  EXPECT_EQ(told(), R"({"A","B"} {"20","15"})") << "there is no backlog any more";
}

TEST_F(FloorsTest, AClaimThatGoesOnPassesOverWhatOthersTookInStepsOfHalfOfWhatTheLastOneSpanned) {
  claimed({{"A", 100}, {"B", 150}, {"A", 120}, {"C", 160}, {"C", 161}, {"A", 300}}, true);
  EXPECT_EQ(steps(), "{NULL,NULL,NULL}") << "from the floors";
  EXPECT_EQ(steps(), R"({"100",NULL,NULL})") << "one event, and two next to each other, span nothing";
  EXPECT_EQ(steps(true), "null") << "a whole claim passes over nothing";
  claimed({{"A", 400}, {"A", 410}}, true);
  EXPECT_EQ(steps(), R"({"5",NULL,NULL})");
  claimed({{"A", 500}}, false);
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

TEST_F(FloorsTest, WholeClaimsTakeATwentiethOfTheTimeAndAHundredthInABacklog) {
  floors_.went_whole(now_ - 10ms, now_);
  EXPECT_EQ(floors_.whole_at(), now_ + 200ms);
  claimed({{"A", 10}}, true);
  EXPECT_EQ(floors_.whole_at(), now_ + 1s);
  claimed({{"A", 20}}, false);
  EXPECT_EQ(floors_.whole_at(), now_ + 200ms);
}

TEST_F(FloorsTest, WholeClaimsComeTenTimesASecondHoweverFastTheyAre) {
  floors_.went_whole(now_ - 1ms, now_);
  EXPECT_EQ(floors_.whole_at(), now_ + 100ms);
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
  for (std::int64_t i = 0; i < 1000; ++i) claimed({{"T" + std::to_string(i), i}}, false);
  const auto known = told();
  EXPECT_LE(std::ranges::count(known, ','), 200);
}
