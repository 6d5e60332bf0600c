#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "emit/output.hpp"
#include "unit/support.hpp"

using namespace std::string_literals;
using namespace std::string_view_literals;
using nlohmann::ordered_json;

namespace {

struct Sample {
  static constexpr std::string_view type = "sample";
  static constexpr std::string_view about = "A line for this test.";
  std::string zebra;
  std::int64_t count = 0;
  std::optional<std::string> apple;
  std::vector<std::string> list;
  bool flag = false;
  double ratio = 0;
  static constexpr auto fields =
      emit::fields(emit::field("zebra", &Sample::zebra, "Z."), emit::field("count", &Sample::count, "C."), emit::field("apple", &Sample::apple, "A."),
                   emit::field("list", &Sample::list, "L."), emit::field("flag", &Sample::flag, "F."), emit::field("ratio", &Sample::ratio, "R."));
};

template <class T>
std::string value_of(const T& value) {
  std::string out;
  emit::append_value(out, value);
  return out;
}

std::string string_of(std::string_view text) {
  std::string out;
  emit::append_string(out, text);
  return out;
}

// What stays of `bytes` when everything that is not UTF-8 is replaced byte by byte.
std::string repaired(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    std::size_t length = 4;
    while (length > 0 && (length > bytes.size() || !base::is_utf8(bytes.substr(0, length)))) --length;
    // The longest valid prefix of up to four bytes may hold several characters; any of it stays as it is.
    out += length == 0 ? "\xEF\xBF\xBD"sv : bytes.substr(0, length);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

emit::Output jsonl(std::string_view tool = "test") { return {tool, emit::Format::jsonl}; }

}  // namespace

TEST(JsonString, EscapesWhatJsonDemandsAndNothingElse) {
  EXPECT_EQ(string_of(""), R"("")");
  EXPECT_EQ(string_of(R"(a"b\c/d)"), R"("a\"b\\c/d")");
  EXPECT_EQ(string_of("\n\r\t\b\f\x01\x1f"), R"("\n\r\t\u0008\u000c\u0001\u001f")");
  EXPECT_EQ(string_of("\0"sv), R"("\u0000")");
  EXPECT_EQ(string_of("ä€😀"), "\"ä€😀\"");
  EXPECT_EQ(string_of("\x7f"), "\"\x7f\"");
}

TEST(JsonString, ReplacesInvalidUtf8SoThatALineIsAlwaysValid) {
  EXPECT_EQ(string_of("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(string_of("\xC3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(string_of("\xC3\"\xE2\x82"), "\"\xEF\xBF\xBD\\\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(string_of("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonString, EveryByteStringParsesBackToItsRepairedSelf) {
  std::mt19937 random(2);
  for (int i = 0; i < 20000; ++i) {
    auto bytes = support::random_bytes(random, 40);
    if (i % 2 == 0) {  // mostly text, so that multi-byte sequences are whole now and then
      for (char& c : bytes) {
        if (random() % 4 != 0) c = static_cast<char>(c & 0x7F);
      }
      bytes += "€";
      bytes += support::random_bytes(random, 3);
    }
    const auto line = string_of(bytes);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(parsed.is_string()) << line;
    ASSERT_EQ(parsed.get<std::string>(), repaired(bytes));
  }
}

TEST(JsonValue, NumbersKeepTheirValue) {
  EXPECT_EQ(value_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(value_of(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(value_of(0), "0");
  EXPECT_EQ(value_of(true), "true");
  EXPECT_EQ(value_of(false), "false");
  for (const double number : {0.0, 0.1, -1.5, 1e300, 5e-324, 123456789.123, 1e21}) EXPECT_EQ(nlohmann::json::parse(value_of(number)).get<double>(), number);
}

TEST(JsonValue, ANumberThatIsNoneIsNull) {
  EXPECT_EQ(value_of(std::nan("")), "null");
  EXPECT_EQ(value_of(HUGE_VAL), "null");
  EXPECT_EQ(value_of(-HUGE_VAL), "null");
}

TEST(JsonValue, OptionalsListsAndRawTextAreWrittenAsTheyAre) {
  EXPECT_EQ(value_of(std::optional<int>()), "null");
  EXPECT_EQ(value_of(std::optional<int>(7)), "7");
  EXPECT_EQ(value_of(std::vector<std::string>{}), "[]");
  EXPECT_EQ(value_of(std::vector<std::string>{"a", "\""}), R"(["a","\""])");
  EXPECT_EQ(value_of(emit::Raw{R"({"b" : 1.0})"}), R"({"b" : 1.0})");
}

TEST(Event, FieldsComeInTheOrderOfTheirDeclaration) {
  std::string line;
  emit::append_fields(line, Sample{"z", 3, std::nullopt, {"x", "y"}, true, 0.5});
  EXPECT_EQ(line, R"(,"zebra":"z","count":3,"apple":null,"list":["x","y"],"flag":true,"ratio":0.5)");
  const auto doc = emit::doc_of<Sample>();
  EXPECT_EQ(doc.type, "sample");
  ASSERT_EQ(doc.fields.size(), 6U);
  EXPECT_EQ(doc.fields[0], std::pair("zebra"sv, "Z."sv));
  EXPECT_EQ(doc.fields[5], std::pair("ratio"sv, "R."sv));
}

TEST(Event, TextLeavesOutNullsAndQuotesOnlyWhatNeedsIt) {
  std::string line;
  emit::append_text(line, Sample{"plain", 3, std::nullopt, {}, false, 1});
  EXPECT_EQ(line, "  zebra=plain  count=3  list=[]  flag=false  ratio=1");
  line.clear();
  emit::append_text(line, Sample{"two words", 0, "a=b", {}, false, 1});
  EXPECT_EQ(line, R"(  zebra="two words"  count=0  apple="a=b"  list=[]  flag=false  ratio=1)");
  line.clear();
  emit::append_text(line, Sample{"\x1b[31m", 0, std::nullopt, {}, false, 1});
  EXPECT_EQ(line.find('\x1b'), std::string::npos) << "a terminal would obey it";
}

TEST(Output, ALineHasTheEnvelopeFirst) {
  auto output = jsonl();
  const support::Capture out(STDOUT_FILENO);
  EXPECT_TRUE(output.event(Sample{"z", 1, "a", {}, false, 2}));
  const auto lines = out.lines();
  ASSERT_EQ(lines.size(), 1U);
  const auto object = ordered_json::parse(lines[0]);
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"v", "tool", "run_id", "ts", "type", "zebra", "count", "apple", "list", "flag", "ratio"}));
  EXPECT_EQ(object["v"], 1);
  EXPECT_EQ(object["tool"], "test");
  EXPECT_EQ(object["type"], "sample");
  EXPECT_EQ(object["run_id"], output.run_id());
  EXPECT_TRUE(base::is_uuid(output.run_id()));
  const auto ts = object["ts"].get<std::string>();
  EXPECT_EQ(ts.size(), 24U);
  EXPECT_TRUE(ts.ends_with('Z'));
}

TEST(Output, LinesKeptTogetherComeWholeAndInOrder) {
  std::array<int, 2> pipe_fds{};
  ASSERT_EQ(pipe(pipe_fds.data()), 0);
  ASSERT_EQ(fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK), 0);
  std::array<char, 65536> buffer{};
  std::string all;
  {
    const support::Capture out(STDOUT_FILENO);
    dup2(pipe_fds[1], STDOUT_FILENO);
    auto output = jsonl();
    const emit::Output::Together together(output);
    for (int i = 0; i < 100; ++i) {
      output.event(Sample{"z", i, std::nullopt, {}, false, 1});
      // What is there at any moment, as a reader sees that is cut off here.
      const auto length = read(pipe_fds[0], buffer.data(), buffer.size());
      if (length > 0) {
        EXPECT_EQ(buffer[static_cast<std::size_t>(length) - 1], '\n');
        all.append(buffer.data(), static_cast<std::size_t>(length));
      }
    }
  }
  const auto length = read(pipe_fds[0], buffer.data(), buffer.size());
  ASSERT_GT(length, 0);
  all.append(buffer.data(), static_cast<std::size_t>(length));
  close(pipe_fds[0]);
  close(pipe_fds[1]);
  const auto lines = base::split(std::string_view(all).substr(0, all.size() - 1), '\n');
  ASSERT_EQ(lines.size(), 100U);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(ordered_json::parse(lines[i])["count"], i);
}

TEST(Output, AutoIsJsonWhenStdoutIsNoTerminal) {
  const support::Capture out(STDOUT_FILENO);
  emit::Output output("test", emit::Format::automatic);
  output.event(Sample{});
  EXPECT_TRUE(nlohmann::json::accept(out.text()));
}

TEST(Output, NothingMoreIsWrittenOnceStdoutFailed) {
  auto* const handler = std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> pipe_fds{};
  ASSERT_EQ(pipe(pipe_fds.data()), 0);
  close(pipe_fds[0]);
  bool first = true;
  bool second = true;
  bool lost = false;
  {
    auto output = jsonl();
    const support::Capture out(STDOUT_FILENO);
    dup2(pipe_fds[1], STDOUT_FILENO);
    first = output.event(Sample{});
    dup2(out.fd(), STDOUT_FILENO);  // it would work again, but a reader saw a cut stream
    second = output.event(Sample{});
    lost = output.lost();
    EXPECT_EQ(out.text(), "");
  }
  close(pipe_fds[1]);
  std::signal(SIGPIPE, handler);
  EXPECT_FALSE(first);
  EXPECT_FALSE(second);
  EXPECT_TRUE(lost);
}

TEST(Output, AFullDiskIsAFailureToo) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0) << "every Linux has a /dev/full";
  auto output = jsonl();
  bool written = true;
  {
    const support::Capture out(STDOUT_FILENO);
    dup2(full, STDOUT_FILENO);
    written = output.event(Sample{});
  }
  close(full);
  EXPECT_FALSE(written);
  EXPECT_TRUE(output.lost());
}

TEST(Log, IsOneJsonLineWithErrorDetailAndHint) {
  const support::Capture err(STDERR_FILENO);
  auto output = jsonl();
  output.error(base::Error(base::Outcome::runtime_error, "it broke", "in \"two\"\nplaces", "mend it"));
  const auto lines = err.lines();
  ASSERT_EQ(lines.size(), 1U);
  const auto object = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(object["type"], "log");
  EXPECT_EQ(object["level"], "error");
  EXPECT_EQ(object["error"], "it broke");
  EXPECT_EQ(object["detail"], "in \"two\"\nplaces");
  EXPECT_EQ(object["hint"], "mend it");
  EXPECT_EQ(object["v"], 1);
  EXPECT_EQ(object["run_id"], output.run_id());
}

TEST(Log, LessSevereThanTheLevelIsNotPrinted) {
  const support::Capture err(STDERR_FILENO);
  auto output = jsonl();
  output.log(emit::Level::debug, "hidden by default");
  output.set_level(emit::Level::warning);
  output.log(emit::Level::info, "hidden");
  output.log(emit::Level::warning, "shown");
  output.log(emit::Level::error, "shown too");
  EXPECT_EQ(err.lines().size(), 2U);
  output.set_level(emit::Level::debug);
  output.log(emit::Level::debug, "now shown");
  EXPECT_EQ(err.lines().size(), 3U);
}

TEST(Log, HasThePriorityOfTheJournalOnlyWhenStderrIsTheJournal) {
  const support::Capture err(STDERR_FILENO);
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  const auto stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  {
    const support::Variable journal("JOURNAL_STREAM", stream.c_str());
    jsonl().log(emit::Level::warning, "in the journal");
  }
  {
    const support::Variable journal("JOURNAL_STREAM", (stream + "1").c_str());
    jsonl().log(emit::Level::warning, "not in the journal");
  }
  const auto lines = err.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("<4>{")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("{")) << lines[1];
}
