#include <fcntl.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/lines.hpp"
#include "item.hpp"
#include "unit/support.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using nlohmann::json;

namespace {

constexpr auto tenant = "11111111-1111-4111-8111-111111111111";
constexpr auto other_tenant = "22222222-2222-4222-8222-222222222222";

Config plain() {
  Config config;
  config.tenant = tenant;
  config.event_type = "Order";
  config.max_payload_bytes = 1000;
  return config;
}

Config envelope() {
  Config config;
  config.max_payload_bytes = 1000;
  config.envelope = true;
  return config;
}

Item item_of(std::string_view line, const Config& config) {
  auto read = read_item(line, 7, config, "run:7");
  if (auto* item = std::get_if<Item>(&read)) return *item;
  ADD_FAILURE() << "refused or skipped: " << line << (std::holds_alternative<Refuse>(read) ? " " + std::get<Refuse>(read).why : "");
  return {};
}

std::string refusal_of(std::string_view line, const Config& config) {
  const auto read = read_item(line, 7, config, "run:7");
  const auto* refuse = std::get_if<Refuse>(&read);
  return refuse == nullptr ? "" : refuse->why;
}

bool is_skipped(std::string_view line, const Config& config) { return std::holds_alternative<Skip>(read_item(line, 7, config, "run:7")); }

std::string text_of(std::mt19937& random) {
  static constexpr std::array<std::string_view, 16> parts{"a", "payload", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "ä", "😀", "/", "\t"};
  std::string out;
  for (auto n = random() % 6; n > 0; --n) out += parts.at(random() % parts.size());
  return out;
}

json value_of(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 8U : 6U)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - 2147483648;
    case 3:
      return static_cast<double>(random()) / 1000.0;
    case 4:
    case 5:
      return text_of(random);
    case 6: {
      auto list = json::array();
      for (auto n = random() % 4; n > 0; --n) list.push_back(value_of(random, depth - 1));
      return list;
    }
    default: {
      auto object = json::object();
      for (auto n = random() % 4; n > 0; --n) object[text_of(random)] = value_of(random, depth - 1);
      return object;
    }
  }
}

// The reader's end of a pipe, with the writer's in hand.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> fds{};
    if (pipe2(fds.data(), O_CLOEXEC) != 0) std::abort();
    out_ = base::Fd(fds[0]);
    in_ = base::Fd(fds[1]);
  }
  void write(std::string_view text) const { ASSERT_EQ(::write(in_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size())); }
  void end() { in_ = base::Fd(); }
  [[nodiscard]] int out() const { return out_.get(); }

 private:
  base::Fd out_;
  base::Fd in_;
};

// Everything that `content` holds, each line as "number:text" or "number:TOO LONG".
std::vector<std::string> lines_of(std::string_view content, std::size_t longest = 100) {
  Pipe pipe;
  pipe.write(content);
  pipe.end();
  base::Lines lines(pipe.out(), longest);
  std::vector<std::string> out;
  std::string line;
  while (true) {
    const auto got = lines.next(line, 1h, -1);
    if (got == base::Lines::Got::end) return out;
    if (got == base::Lines::Got::nothing_yet) ADD_FAILURE() << "the input has ended";
    out.push_back(std::to_string(lines.number()) + ":" + (got == base::Lines::Got::too_long ? "TOO LONG" : line));
  }
}

using Texts = std::vector<std::string>;

}  // namespace

TEST(RawMember, KeepsEveryByteOfTheValue) {
  for (const auto value : {"1", "-1.50e+10", "true", "null", "\"\"", "\"a\"", R"("q\"b\\")", R"("\\")", "{}", "[]", "{ \"a\" : [ 1 , 2.0 ] }",
                           R"({"payload":{"payload":1}})", R"("}")", R"("]{[")", R"(["}", "]", "\"}"])", "[[[[]]]]", "\"\xc3\xa4\\u00e4\""}) {
    const auto text = std::string(value);
    for (const auto& object : {"{\"payload\":" + text + "}", "{ \"payload\" : " + text + " }", "{\"a\":1,\"payload\":" + text + ",\"z\":2}",
                               "{\"a\":{\"payload\":0},\n\"payload\"\t:\r\n" + text + "\n}",
                               "  {\"a\":\"payload\",\"b\":[\"payload\",{\"payload\":3}],\"payload\":" + text + "}  "}) {
      EXPECT_EQ(raw_member(object, "payload"), text) << object;
    }
  }
}

TEST(RawMember, IsNoneWhereThereIsNoSuchMemberAtTheTop) {
  for (const auto object :
       {"{}", "{ }", R"({"a":1})", R"({"a":{"payload":1}})", R"({"a":["payload"]})", R"({"a":"payload"})", R"({"payloads":1})", R"({"Payload":1})"}) {
    EXPECT_EQ(raw_member(object, "payload"), std::nullopt) << object;
  }
}

TEST(RawMember, TheLastOfTwoWins) {
  EXPECT_EQ(raw_member(R"({"payload":1,"payload":{"b":2}})", "payload"), R"({"b":2})");
  EXPECT_EQ(raw_member(R"({"payload":[1],"a":0,"payload":"x"})", "payload"), R"("x")");
}

TEST(RawMember, ANameIsWhatItsEscapesSay) {
  EXPECT_EQ(raw_member(R"({"pay\u006coad":1})", "payload"), "1");
  EXPECT_EQ(raw_member(R"({"payload":1,"\u0070ayload":2})", "payload"), "2");
}

TEST(RawMember, ParsesToTheMemberForAnyObject) {
  std::mt19937 random(4);
  for (int i = 0; i < 20000; ++i) {
    auto object = json::object();
    for (auto n = random() % 5; n > 0; --n) object[text_of(random)] = value_of(random, 4);
    if (random() % 4 != 0) object["payload"] = value_of(random, 4);
    const auto text = object.dump(static_cast<int>(random() % 4) - 1, ' ', random() % 2 == 0);
    const auto raw = raw_member(text, "payload");
    ASSERT_EQ(raw.has_value(), object.contains("payload")) << text;
    if (!raw) continue;
    ASSERT_TRUE(json::accept(*raw)) << text << "\n" << *raw;
    ASSERT_EQ(json::parse(*raw), object["payload"]) << text;
  }
}

TEST(ReadItem, APayloadIsKeptToTheByte) {
  for (const auto line : {R"({"a": 1.0, "b" : "\u00e4"})", "[1,2]", "\"text\"", "12", "null", "true", R"({"a":1,"a":2})"}) {
    const auto item = item_of(line, plain());
    EXPECT_EQ(item.payload, line);
    EXPECT_EQ(item.tenant, tenant);
    EXPECT_EQ(item.event_type, "Order");
    EXPECT_EQ(item.schema_version, "1.0");
    EXPECT_EQ(item.key, "run:7");
    EXPECT_EQ(item.trace_id, std::nullopt);
    EXPECT_EQ(item.line, 7);
  }
}

TEST(ReadItem, EmptyLinesAndSummariesAreSkipped) {
  for (const auto line : {"", "   ", "\t\r", R"({"v":1,"tool":"alert-check","run_id":"x","ts":"t","type":"summary","state":"ok"})"})
    EXPECT_TRUE(is_skipped(line, plain())) << line;
  for (const auto line : {R"({"type":"summary"})", R"({"v":1,"type":"summary"})", R"({"v":1,"tool":"x","type":"rule"})"})
    EXPECT_FALSE(is_skipped(line, plain())) << line;
}

TEST(ReadItem, WhatIsNotJsonIsRefused) {
  for (const auto line : {"nonsense", "{", R"({"a":1)", R"({"a":1}})", "{'a':1}", "1 2", R"({"a":1,})", "NaN", "\"\xff\"", "{\"a\":\"\x01\"}"})
    EXPECT_NE(refusal_of(line, plain()), "") << line;
}

TEST(ReadItem, WhatIsBehindANulIsNotLeftOut) { EXPECT_NE(refusal_of(std::string("0\0tail", 6), plain()), ""); }

TEST(ReadItem, RefusalsDoNotQuoteTheLine) {
  for (const auto line : {"s3cret", R"({"s3cret":)", R"({"tenant_id":"s3cret","payload":1})", R"({"event_type":5,"payload":"s3cret"})"}) {
    const auto why = refusal_of(line, envelope());
    EXPECT_NE(why, "");
    EXPECT_EQ(why.find("s3cret"), std::string::npos) << why;
  }
}

TEST(ReadItem, TheKeyFieldIsTheIdempotencyKey) {
  auto config = plain();
  config.key_field = "id";
  EXPECT_EQ(item_of(R"({"id":"order-1"})", config).key, "order-1");
  EXPECT_EQ(item_of(R"({"id":42})", config).key, "42");
  EXPECT_EQ(item_of(R"({"id":-9007199254740993})", config).key, "-9007199254740993");
  for (const auto line : {"{}", "[]", "1", R"({"id":null})", R"({"id":1.5})", R"({"id":true})", R"({"id":{}})", R"({"id":""})", R"({"a":{"id":"x"}})"})
    EXPECT_NE(refusal_of(line, config), "") << line;
}

TEST(ReadItem, AnEnvelopeGivesEveryField) {
  const auto item = item_of(
      R"({"tenant_id":"22222222-2222-4222-8222-222222222222","event_type":"Invoice","idempotency_key":"k","schema_version":"2.1","trace_id":"t","payload":{ "a" : 1.0 }})",
      envelope());
  EXPECT_EQ(item.tenant, other_tenant);
  EXPECT_EQ(item.event_type, "Invoice");
  EXPECT_EQ(item.key, "k");
  EXPECT_EQ(item.schema_version, "2.1");
  EXPECT_EQ(item.trace_id, "t");
  EXPECT_EQ(item.payload, "{ \"a\" : 1.0 }");
}

TEST(ReadItem, WhatAnEnvelopeLeavesOutComesFromTheFlags) {
  auto config = envelope();
  config.tenant = tenant;
  config.event_type = "Order";
  config.schema_version = "3";
  const auto item = item_of(R"({"payload":[],"trace_id":null})", config);
  EXPECT_EQ(item.tenant, tenant);
  EXPECT_EQ(item.event_type, "Order");
  EXPECT_EQ(item.schema_version, "3");
  EXPECT_EQ(item.key, "run:7");
  EXPECT_EQ(item.trace_id, std::nullopt);
  EXPECT_EQ(item_of(R"({"payload":null})", config).payload, "null") << "a payload of null is a payload";
}

TEST(ReadItem, TheKeyFieldOfAnEnvelopeIsThePayloads) {
  auto config = envelope();
  config.tenant = tenant;
  config.event_type = "Order";
  config.key_field = "id";
  EXPECT_EQ(item_of(R"({"id":"outer","payload":{"id":"inner"}})", config).key, "inner");
  EXPECT_NE(refusal_of(R"({"id":"outer","payload":{}})", config), "");
}

TEST(ReadItem, ABadEnvelopeIsRefused) {
  auto config = envelope();
  config.tenant = tenant;
  config.event_type = "Order";
  for (const auto line : {"[]", "1", "{}", R"({"payloads":1})", R"({"payload":1,"tenant_id":5})", R"({"payload":1,"tenant_id":"nonsense"})",
                          R"({"payload":1,"tenant_id":""})", R"({"payload":1,"event_type":[]})", R"({"payload":1,"event_type":""})",
                          R"({"payload":1,"idempotency_key":7})", R"({"payload":1,"idempotency_key":""})", R"({"payload":1,"schema_version":1.0})",
                          R"({"payload":1,"schema_version":""})", R"({"payload":1,"trace_id":false})", R"({"payload":1,"trace_id":""})"}) {
    EXPECT_NE(refusal_of(line, config), "") << line;
  }
  EXPECT_NE(refusal_of(R"({"payload":1,"event_type":"A"})", envelope()), "") << "no tenant at all";
  EXPECT_NE(refusal_of(R"({"payload":1,"tenant_id":"11111111-1111-4111-8111-111111111111"})", envelope()), "") << "no type at all";
}

TEST(ReadItem, LimitsAreThoseOfTheTable) {
  auto config = envelope();
  config.tenant = tenant;
  config.event_type = "Order";
  const auto line = [](std::string_view name, std::size_t length, std::string_view unit = "x") {
    json object{{"payload", 1}};
    std::string value;
    for (std::size_t i = 0; i < length; ++i) value += unit;
    object[std::string(name)] = value;
    return object.dump();
  };
  for (const auto& [name, longest] :
       std::vector<std::pair<std::string_view, std::size_t>>{{"event_type", 128}, {"idempotency_key", 128}, {"schema_version", 16}, {"trace_id", 64}}) {
    EXPECT_EQ(refusal_of(line(name, longest), config), "") << name;
    EXPECT_EQ(refusal_of(line(name, longest, "ä"), config), "") << name << " counts characters";
    EXPECT_NE(refusal_of(line(name, longest + 1), config), "") << name;
    for (const auto bad : {"a\nb", "a\tb", "\x7f", "a\rb"}) EXPECT_NE(refusal_of(json{{"payload", 1}, {std::string(name), bad}}.dump(), config), "") << name;
  }
}

TEST(ReadItem, APayloadOverTheLimitIsRefusedWithItsSize) {
  auto config = plain();
  config.max_payload_bytes = 10;
  EXPECT_EQ(item_of("\"12345678\"", config).payload.size(), 10U);
  const auto why = refusal_of("\"123456789\"", config);
  EXPECT_NE(why.find("11"), std::string::npos) << why;
  EXPECT_NE(why.find("10"), std::string::npos) << why;
  auto outer = envelope();
  outer.tenant = tenant;
  outer.event_type = "Order";
  outer.max_payload_bytes = 10;
  EXPECT_EQ(item_of(R"({"trace_id":"a long one, around","payload":"12345678"})", outer).payload.size(), 10U) << "only the payload counts";
}

TEST(ReadItem, FlagsThatAreNotUtf8AreRefused) {
  auto config = plain();
  config.event_type = "Ord\xffr";
  EXPECT_NE(refusal_of("{}", config), "");
}

TEST(Flags, ATenantMustBeAUuid) {
  Config config;
  for (const auto& flag : flags(config)) {
    if (flag.name != "--tenant") continue;
    EXPECT_NE(flag.store("nonsense"), std::nullopt);
    EXPECT_EQ(flag.store(tenant), std::nullopt);
  }
  EXPECT_EQ(config.tenant, tenant);
}

TEST(InputLines, AreSplitAtLineFeedsWithOrWithoutCarriageReturn) {
  EXPECT_EQ(lines_of("a\nb\n"), (Texts{"1:a", "2:b"}));
  EXPECT_EQ(lines_of("a\r\nb\r\n"), (Texts{"1:a", "2:b"}));
  EXPECT_EQ(lines_of("a\rb\n"), Texts{"1:a\rb"}) << "a carriage return in the middle is content";
  EXPECT_EQ(lines_of("\n\na\n"), (Texts{"1:", "2:", "3:a"}));
}

TEST(InputLines, TheLastNeedsNoLineFeed) {
  EXPECT_EQ(lines_of("a\nb"), (Texts{"1:a", "2:b"}));
  EXPECT_EQ(lines_of("b"), Texts{"1:b"});
  EXPECT_EQ(lines_of("b\r"), Texts{"1:b"});
  EXPECT_EQ(lines_of(""), Texts());
}

TEST(InputLines, ALineThatIsTooLongIsSkippedAndTheNextIsRead) {
  const std::string fits(10, 'x');
  const std::string over(11, 'y');
  EXPECT_EQ(lines_of(fits + "\n" + over + "\nok\n", 10), (Texts{"1:" + fits, "2:TOO LONG", "3:ok"}));
  EXPECT_EQ(lines_of(over + "\n" + over + "\nok", 10), (Texts{"1:TOO LONG", "2:TOO LONG", "3:ok"}));
  EXPECT_EQ(lines_of("ok\n" + over, 10), (Texts{"1:ok", "2:TOO LONG"}));
}

TEST(InputLines, ALineFarLongerThanTheLimitIsNotKeptInMemoryAndCountsOnce) {
  Pipe pipe;
  base::Lines lines(pipe.out(), 10);
  std::string line;
  for (int i = 0; i < 50; ++i) {
    pipe.write(std::string(1000, 'z'));
    EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::nothing_yet);
  }
  pipe.write("\nok\n");
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::too_long);
  EXPECT_EQ(lines.number(), 1);
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::line);
  EXPECT_EQ(line, "ok");
  pipe.write(std::string(1000, 'z'));
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::nothing_yet);
  pipe.end();
  EXPECT_EQ(lines.next(line, 1h, -1), base::Lines::Got::too_long) << "cut by the end of the input";
  EXPECT_EQ(lines.number(), 3);
  EXPECT_EQ(lines.next(line, 1h, -1), base::Lines::Got::end);
}

TEST(InputLines, MayArriveInPieces) {
  Pipe pipe;
  base::Lines lines(pipe.out(), 100);
  std::string line;
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::nothing_yet);
  for (const char c : "{\"a\":1}"sv) {
    pipe.write(std::string(1, c));
    EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::nothing_yet);
  }
  pipe.write("\r");
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::nothing_yet);
  pipe.write("\nrest");
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::line);
  EXPECT_EQ(line, "{\"a\":1}");
  EXPECT_EQ(lines.next(line, 0ms, -1), base::Lines::Got::nothing_yet);
  pipe.end();
  EXPECT_EQ(lines.next(line, 1h, -1), base::Lines::Got::line);
  EXPECT_EQ(line, "rest");
  EXPECT_EQ(lines.next(line, 1h, -1), base::Lines::Got::end);
  EXPECT_EQ(lines.next(line, 1h, -1), base::Lines::Got::end);
}

TEST(InputLines, AStopIsNoticedWhileWaiting) {
  Pipe input;
  Pipe stop;
  stop.write("x");
  base::Lines lines(input.out(), 100);
  std::string line;
  EXPECT_EQ(lines.next(line, 1h, stop.out()), base::Lines::Got::nothing_yet);
}

TEST(InputLines, AnInputThatCannotBeReadIsAnError) {
  const support::Folder folder;
  const base::Fd directory(open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  base::Lines lines(directory.get(), 100);
  std::string line;
  EXPECT_THROW(lines.next(line, 1h, -1), base::Error);
}

TEST(InputLines, AnyBytesComeOutAsTheyWentIn) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::string content;
    Texts wanted;
    const auto count = random() % 20;
    for (std::size_t i = 0; i < count; ++i) {
      auto one = support::random_bytes(random, 60);
      std::erase(one, '\n');
      while (one.ends_with('\r')) one.pop_back();
      content += one + (random() % 2 == 0 ? "\r\n" : "\n");
      wanted.push_back(std::to_string(i + 1) + ":" + (one.size() > 50 ? "TOO LONG"s : one));
    }
    // Whether the carriage return counts towards the limit is nobody's business: keep clear of the edge.
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].size() > 48 + 3) wanted.clear();
    }
    if (wanted.empty()) continue;
    ASSERT_EQ(lines_of(content, 50), wanted);
  }
}
