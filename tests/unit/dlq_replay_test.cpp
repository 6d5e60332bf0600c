#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "actor.hpp"
#include "base/error.hpp"
#include "config.hpp"
#include "ids.hpp"
#include "pace.hpp"
#include "payload.hpp"
#include "selection.hpp"
#include "tell.hpp"

using namespace std::chrono_literals;

namespace {

constexpr auto id_a = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
constexpr auto id_b = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

// What check_call() says about a call, or nothing.
std::string wrong_with(Config config, const std::vector<std::string>& arguments) {
  try {
    check_call(config, arguments);
    return "";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.outcome, base::Outcome::usage_error);
    return error.detail;
  }
}

Config everyone() {
  Config config;
  config.all_tenants = true;
  return config;
}

Config authorized() {
  Config config;
  config.token = "token-of-carol";
  config.admin_tokens = {"token-of-alice", "token-of-carol"};
  config.audit_key = "0123456789abcdef0123456789abcdef";
  return config;
}

// Gives `text` to read_ids() through a pipe.
std::vector<std::string> ids_in(const std::string& text) {
  std::array<int, 2> in{};
  std::array<int, 2> stop{};
  EXPECT_EQ(pipe(in.data()), 0);
  EXPECT_EQ(pipe(stop.data()), 0);
  EXPECT_GE(fcntl(in[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);  // takes all of it before it is read
  EXPECT_EQ(write(in[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(in[1]);
  std::vector<std::string> ids;
  try {
    EXPECT_TRUE(read_ids(in[0], stop[0], ids));
  } catch (...) {
    for (const int fd : {in[0], stop[0], stop[1]}) close(fd);
    throw;
  }
  for (const int fd : {in[0], stop[0], stop[1]}) close(fd);
  return ids;
}

}  // namespace

TEST(Call, NeedsAnActionAndAScope) {
  for (const auto action : {"list", "show", "replay", "discard"}) EXPECT_EQ(wrong_with(everyone(), {action}), "") << action;
  for (const auto& arguments : std::vector<std::vector<std::string>>{{}, {"purge"}, {"list", "list"}}) EXPECT_NE(wrong_with(everyone(), arguments), "");
  EXPECT_NE(wrong_with(Config{}, {"list"}), "");
  auto both = everyone();
  both.tenant = id_a;
  EXPECT_NE(wrong_with(both, {"list"}), "");
}

TEST(Call, CommitNeedsANumberAndACause) {
  auto config = everyone();
  config.commit = true;
  EXPECT_NE(wrong_with(config, {"replay"}), "");
  config.expect = 0;
  EXPECT_NE(wrong_with(config, {"replay"}), "");
  config.cause = "receiver repaired";
  EXPECT_EQ(wrong_with(config, {"replay"}), "");
  EXPECT_EQ(wrong_with(config, {"discard"}), "");
  EXPECT_NE(wrong_with(config, {"list"}), "");
  config.commit = false;
  EXPECT_NE(wrong_with(config, {"replay"}), "") << "who forgot --commit is told so";
}

TEST(Call, NamedLettersAreAllMeant) {
  auto config = everyone();
  EXPECT_EQ(config.most(), 50);
  config.ids.assign(70, id_a);
  EXPECT_EQ(config.most(), 70);
  config.limit = 3;
  EXPECT_EQ(config.most(), 3);
}

TEST(Call, ARateIsItemsPerSecond) {
  EXPECT_EQ(parse_rate("10/s"), 10);
  EXPECT_EQ(parse_rate("1"), 1);
  for (const auto text : {"", "/s", "0/s", "-1/s", "10/m", "1.5/s", "10001/s"}) EXPECT_EQ(parse_rate(text), std::nullopt) << text;
}

TEST(Ids, AreUuidsOrLinesOfList) {
  EXPECT_EQ(id_of(id_a), id_a);
  EXPECT_EQ(id_of("  AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA\r"), id_a);
  EXPECT_EQ(id_of(std::string(R"({"v":1,"tool":"dlq-replay","type":"item","id":")") + id_b + R"(","event_id":"x"})"), id_b);
  EXPECT_EQ(id_of(std::string(R"({"id":")") + id_b + R"("})"), id_b) << "what jq left of a line";
  EXPECT_EQ(id_of(""), std::nullopt);
  EXPECT_EQ(id_of(R"({"v":1,"tool":"dlq-replay","type":"summary","exit":0})"), std::nullopt);
  for (const auto line : {"x", "{", "{}", R"({"id":7})", R"({"id":"x"})", R"({"type":"summary"})"}) EXPECT_THROW(id_of(line), std::invalid_argument) << line;
}

TEST(Ids, AreReadOnceEachAndABadLineIsNamedByNumber) {
  EXPECT_EQ(ids_in(std::string(id_a) + "\n\n" + id_b + "\n" + id_a), (std::vector<std::string>{id_a, id_b}));
  EXPECT_TRUE(ids_in("").empty());
  try {
    ids_in(std::string(id_a) + "\nnonsense\n");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_NE(error.detail.find("line 2 "), std::string::npos);
    EXPECT_EQ(error.detail.find("nonsense"), std::string::npos) << "a line is never quoted";
  }
  EXPECT_THROW(ids_in(std::string(65000, ' ') + std::string(1000, 'x')), base::Error);
}

TEST(Payload, IsToldBySizeKindKeysAndDigest) {
  const auto object = facts_of(R"( {"b":{"inner":1},"a":[{"deep":2}],"":null} )");
  EXPECT_EQ(object.kind, "object");
  EXPECT_EQ(object.bytes, 44);
  EXPECT_EQ(object.keys, (std::vector<std::string>{"b", "a", ""}));
  EXPECT_EQ(facts_of("{}").sha256, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  EXPECT_TRUE(facts_of(R"([{"a":1}])").keys.empty());
  for (const auto& [payload, kind] : std::vector<std::pair<std::string, std::string>>{
           {"[]", "array"}, {"\"x\"", "string"}, {"-1", "number"}, {"true", "boolean"}, {"false", "boolean"}, {"null", "null"}}) {
    EXPECT_EQ(facts_of(payload).kind, kind);
  }
}

TEST(Payload, ManyAndLongKeysAreCut) {
  std::string payload = "{\"" + std::string(1000, 'k') + "\":0";
  for (int n = 0; n < 100; ++n) payload += ",\"k" + std::to_string(n) + "\":" + std::to_string(n);
  const auto facts = facts_of(payload + "}");
  ASSERT_EQ(facts.keys.size(), 50U);
  EXPECT_EQ(facts.keys[0], std::string(64, 'k'));
  EXPECT_EQ(facts.keys[49], "k48");
}

TEST(Actor, IsRefusedWithoutKeyTokenOrMembership) {
  EXPECT_NO_THROW(authorize(authorized()));
  auto config = authorized();
  config.audit_key.clear();
  EXPECT_THROW(authorize(config), base::Error);
  config = authorized();
  config.token.clear();
  EXPECT_THROW(authorize(config), base::Error);
  config = authorized();
  config.token = "token-of-mallory";
  EXPECT_THROW(authorize(config), base::Error);
  config = authorized();
  config.admin_tokens.clear();
  EXPECT_THROW(authorize(config), base::Error);
}

// RFC 4231, test case 2.
TEST(Actor, HashIsHmacSha256AndTheKeyIsKnownByItsDigest) {
  EXPECT_EQ(hash_of("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(key_id_of("{}"), "44136fa3");
}

TEST(Actor, IsFoundAfterTheKeyWasRotated) {
  const auto before = authorized();
  const auto actor = authorize(before);
  EXPECT_EQ(actor.hash.find(before.token), std::string::npos);
  EXPECT_EQ(attribute(before, actor.hash, actor.key_id), 2);
  auto after = before;
  after.previous_audit_key = before.audit_key;
  after.audit_key = "another key of at least 32 bytes, newer";
  EXPECT_EQ(attribute(after, actor.hash, actor.key_id), 2);
  EXPECT_NE(authorize(after).hash, actor.hash);
  EXPECT_NE(authorize(after).key_id, actor.key_id);
  after.previous_audit_key.clear();
  EXPECT_EQ(attribute(after, actor.hash, actor.key_id), std::nullopt);
  after.previous_audit_key = before.audit_key;
  after.admin_tokens = {"token-of-alice"};
  EXPECT_EQ(attribute(after, actor.hash, actor.key_id), std::nullopt);
}

TEST(Settings, AnAuditKeyThatIsTooShortIsRefused) {
  Config config;
  auto bound = settings(config);
  const auto load = [&](const std::string& key) { return bound.load({{"DATABASE_URL", "postgresql://"}, {"AUDIT_HMAC_KEY", key}}).problems.size(); };
  EXPECT_EQ(load(std::string(31, 'k')), 1U);
  EXPECT_EQ(load(std::string(32, 'k')), 0U);
}

TEST(Pace, SpacesItemsAndDoesNotMakeUpForAPause) {
  const base::Boottime::time_point start(1000s);
  Pace pace(10);
  EXPECT_EQ(pace.next(start), 0ns);
  EXPECT_EQ(pace.next(start), 100ms);
  EXPECT_EQ(pace.next(start + 100ms), 100ms);
  EXPECT_EQ(pace.next(start + 5s), 0ns);
  EXPECT_EQ(pace.next(start + 5s), 100ms);
  Pace unlimited(0);
  for (int n = 0; n < 3; ++n) EXPECT_EQ(unlimited.next(start), 0ns);
}

TEST(Doable, OnlyOpenOnesAreReplayedAndResolvedOnesNeverDiscarded) {
  EXPECT_TRUE(doable(Action::replay, "open"));
  for (const auto found : {"guarded", "conflict", "resolved"}) EXPECT_FALSE(doable(Action::replay, found)) << found;
  for (const auto found : {"open", "guarded", "conflict"}) EXPECT_TRUE(doable(Action::discard, found)) << found;
  EXPECT_FALSE(doable(Action::discard, "resolved"));
}

TEST(Text, AnItemTakesTwoLinesOfATerminal) {
  const std::string id = "01a20e84-408a-75a2-819e-17b99e9a6dca";
  EXPECT_EQ(text_of({id, id, id, "OrderShipped", "http_500", 9141, 2, "would_replay"}),
            "would_replay  OrderShipped  http_500, dead for 2h32m21s, replayed 2x\n    " + id + "  " + id + "\n");
  EXPECT_EQ(text_of({id, "", "", "", "", 0, 0, "error"}), "error         " + id + "\n");
}

TEST(Text, SaysWhatToDoNext) {
  Config config;
  config.action = Action::replay;
  Summary summary;
  EXPECT_EQ(next_step(config, summary), "no dead letter is meant by this call");
  summary.selected = 6;
  EXPECT_TRUE(next_step(config, summary).starts_with("nothing can be done"));
  summary.expect = 5;
  EXPECT_EQ(next_step(config, summary), "to do it, add: --commit --expect 5 --cause 'TEXT'");
  config.commit = true;
  EXPECT_EQ(next_step(config, summary), "");
  summary.partial = true;
  EXPECT_EQ(next_step(config, summary), "run the same again for the rest");
}
