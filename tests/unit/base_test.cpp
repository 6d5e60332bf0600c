#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <limits>
#include <set>
#include <system_error>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/duration.hpp"
#include "base/file.hpp"
#include "base/outcome.hpp"
#include "base/text.hpp"
#include "unit/support.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::string encode(char32_t c) {
  const auto byte = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | (c >> 6)), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) return {byte(0xE0 | (c >> 12)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
  return {byte(0xF0 | (c >> 18)), byte(0x80 | ((c >> 12) & 0x3F)), byte(0x80 | ((c >> 6) & 0x3F)), byte(0x80 | (c & 0x3F))};
}

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

std::string hmac_hex(std::string_view key, std::string_view data) { return base::hex(base::bytes_of(base::hmac_sha256(key, data))); }

// What the code in `action` throws as std::system_error; 0 when it does not.
template <class F>
int error_of(F action) {
  try {
    action();
  } catch (const std::system_error& e) {
    return e.code().value();
  }
  return 0;
}

}  // namespace

TEST(Split, KeepsEmptyPartsAndHasNoneForAnEmptyText) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(base::split("", ','), Parts());
  EXPECT_EQ(base::split("a", ','), Parts({"a"}));
  EXPECT_EQ(base::split("a,b", ','), Parts({"a", "b"}));
  EXPECT_EQ(base::split(",a,,b,", ','), Parts({"", "a", "", "b", ""}));
  EXPECT_EQ(base::split(",", ','), Parts({"", ""}));
}

TEST(Trim, RemovesBlanksAtBothEndsOnly) {
  EXPECT_EQ(base::trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(base::trim("  \n"), "");
  EXPECT_EQ(base::trim(""), "");
  EXPECT_EQ(base::trim("\va"), "\va");
}

TEST(Case, ChangesAsciiLettersAndNothingElse) {
  EXPECT_EQ(base::lower("AZ@[`{Ä-1"), "az@[`{Ä-1");
  EXPECT_EQ(base::upper("az@[`{ä-1"), "AZ@[`{ä-1");
}

TEST(ParseInteger, TakesDecimalDigitsWithAMinusAndNothingElse) {
  EXPECT_EQ(base::parse_integer("0"), 0);
  EXPECT_EQ(base::parse_integer("-17"), -17);
  EXPECT_EQ(base::parse_integer("007"), 7);
  EXPECT_EQ(base::parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(base::parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const auto bad : {"", " 1", "1 ", "+1", "0x10", "1e3", "1.0", "--1", "-", "1,2", "9223372036854775808", "-9223372036854775809", "١"}) {
    EXPECT_EQ(base::parse_integer(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(base::parse_integer("1\0"sv), std::nullopt);
}

TEST(Uuid, IsHexadecimalInGroupsOfEitherCase) {
  EXPECT_TRUE(base::is_uuid("00000000-0000-0000-0000-000000000000"));
  EXPECT_TRUE(base::is_uuid("AbCdEf01-2345-6789-aBcD-eF0123456789"));
  for (const auto bad : {"", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000", "00000000000000000000000000000000",
                         "g0000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "0000000-00000-0000-0000-000000000000",
                         "00000000-0000-0000-0000-00000000000 ", "00000000_0000_0000_0000_000000000000"}) {
    EXPECT_FALSE(base::is_uuid(bad)) << bad;
  }
}

TEST(Uuid, RandomOnesAreOfVersion4AndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = base::random_uuid();
    EXPECT_TRUE(base::is_uuid(id)) << id;
    EXPECT_EQ(id[14], '4') << id;
    EXPECT_NE("89ab"sv.find(id[19]), std::string_view::npos) << id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Control, IsWhatIsBelowSpaceAndDelete) {
  for (int c = 0; c < 256; ++c) {
    const std::string text = "a"s + static_cast<char>(c) + "b";
    EXPECT_EQ(base::has_control(text), c < 0x20 || c == 0x7F) << c;
  }
  EXPECT_FALSE(base::has_control(""));
}

TEST(Utf8, EveryCodePointIsValidButForSurrogates) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (base::is_utf8(encode(c)) == surrogate) FAIL() << static_cast<unsigned>(c);
  }
}

TEST(Utf8, RefusesOverlongCutAndStrayBytes) {
  for (const auto bad : {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xE2\x82"sv, "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv, "\xF0\x80\x80\x80"sv,
                         "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFF"sv, "\xC3\x28"sv, "\xE2\x28\xA1"sv, "\xF0\x9F\x98"sv}) {
    EXPECT_FALSE(base::is_utf8(bad));
    EXPECT_FALSE(base::is_utf8("ok "s + std::string(bad) + " ok"));
  }
  EXPECT_TRUE(base::is_utf8(""));
  EXPECT_TRUE(base::is_utf8("\0"sv));
}

TEST(Nearest, FindsATypingErrorAndNothingFarther) {
  constexpr std::array<std::string_view, 3> names{"WEBHOOK_URL", "WEBHOOK_SECRET", "PUBLISH_TYPES"};
  EXPECT_EQ(base::nearest("WEBHOOK_ULR", names), "WEBHOOK_URL");
  EXPECT_EQ(base::nearest("WEBHOK_SECRET", names), "WEBHOOK_SECRET");
  EXPECT_EQ(base::nearest("PUBLISH_TYPE", names), "PUBLISH_TYPES");
  EXPECT_EQ(base::nearest("PUBLISH_SOMETHING_ELSE", names), std::nullopt);
  EXPECT_EQ(base::nearest("X", {}), std::nullopt);
}

TEST(Iso8601, IsUtcWithMilliseconds) {
  const auto at = [](std::int64_t ms) { return base::iso8601(base::WallTime(base::Milliseconds(ms))); };
  EXPECT_EQ(at(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(at(1795485600123), "2026-11-24T02:00:00.123Z");
  EXPECT_EQ(at(951782399999), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(at(951782400000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(at(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(at(253402300799999), "9999-12-31T23:59:59.999Z");
}

TEST(Deadline, IsOverAtOnceWhenItWasNoTimeAndNeverHasNegativeTimeLeft) {
  const base::Deadline none(0ms);
  EXPECT_TRUE(none.over());
  EXPECT_EQ(none.left(), 0ms);
  const base::Deadline past(-1h);
  EXPECT_TRUE(past.over());
  EXPECT_EQ(past.left(), 0ms);
  const base::Deadline ahead(1h);
  EXPECT_FALSE(ahead.over());
  EXPECT_GT(ahead.left(), 0ms);
  EXPECT_LE(ahead.left(), 1h);
}

TEST(BootId, IsTheSameWithinABoot) {
  EXPECT_TRUE(base::is_uuid(base::boot_id()));
  EXPECT_EQ(base::boot_id(), base::boot_id());
}

TEST(ReadFile, TakesAsMuchAsTheLimitAndRefusesMore) {
  const support::Folder folder;
  for (const std::size_t size : {0U, 1U, 16384U, 16385U, 40000U}) {
    const std::string content(size, 'x');
    const auto path = folder.write("file", content);
    EXPECT_EQ(base::read_file(path, size), content);
    EXPECT_EQ(base::read_file(path, size + 1), content);
    if (size > 0) {
      EXPECT_EQ(error_of([&] { base::read_file(path, size - 1); }), EFBIG) << size;
    }
  }
  EXPECT_EQ(error_of([&] { base::read_file(folder / "none", 10); }), ENOENT);
  EXPECT_EQ(error_of([&] { base::read_file(folder.path(), 10); }), EISDIR);
}

TEST(ReadFile, KeepsEveryByte) {
  const support::Folder folder;
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(base::read_file(folder.write("file", all), 256), all);
}

TEST(ReplaceFile, LeavesTheNewContentWithItsModeAndNothingElse) {
  const support::Folder folder;
  const auto mask = umask(077);
  for (const bool durable : {false, true}) {
    for (const auto& content : {"first\n"s, ""s, std::string(100000, 'y')}) {
      base::replace_file(folder / "file", content, 0644, durable);
      EXPECT_EQ(support::read_all(folder / "file"), content);
    }
  }
  umask(mask);
  struct stat status {};
  ASSERT_EQ(stat((folder / "file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(ReplaceFile, LeavesTheOldContentWhenItFails) {
  const support::Folder folder;
  folder.write("file", "old");
  // The disk takes no more than 1000 bytes a file.
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto error = error_of([&] { base::replace_file(folder / "file", std::string(2000, 'n'), 0640, false); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(support::read_all(folder / "file"), "old");
  EXPECT_EQ(folder.entries(), 1U) << "a temporary file is left";
}

TEST(ReplaceFile, FailsWhereItCannotBeRenamedAndCleansUp) {
  const support::Folder folder;
  std::filesystem::create_directory(folder / "file");
  EXPECT_EQ(error_of([&] { base::replace_file(folder / "file", "new", 0640, false); }), EISDIR);
  EXPECT_EQ(folder.entries(), 1U);
  EXPECT_EQ(error_of([&] { base::replace_file(folder / "none" / "file", "new", 0640, false); }), ENOENT);
}

TEST(Sha256, AgreesWithFips180) {
  EXPECT_EQ(base::hex(base::bytes_of(base::sha256(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(base::hex(base::bytes_of(base::sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hmac, AgreesWithRfc4231) {
  EXPECT_EQ(hmac_hex(std::string(20, '\x0b'), "Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_hex("Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_hex(std::string(20, '\xaa'), std::string(50, '\xdd')), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(hmac_hex(from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd')),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(hmac_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Base64, AgreesWithRfc4648) {
  for (const auto& [plain, coded] : std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                                                     {"f", "Zg=="},
                                                                                     {"fo", "Zm8="},
                                                                                     {"foo", "Zm9v"},
                                                                                     {"foob", "Zm9vYg=="},
                                                                                     {"fooba", "Zm9vYmE="},
                                                                                     {"foobar", "Zm9vYmFy"},
                                                                                     {"\xfb\xff", "+/8="}}) {
    EXPECT_EQ(base::base64(plain), coded);
    EXPECT_EQ(base::base64_decode(coded), plain);
  }
}

TEST(Base64, GivesBackEveryByteString) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto bytes = support::random_bytes(random, 100);
    ASSERT_EQ(base::base64_decode(base::base64(bytes)), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotStrict) {
  for (const auto bad : {"Zg", "Zg=", "Z===", "====", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9v====", "Zm9-", "Zm9_", "Zg==Zg==", "=Zg=", "Zm=v"}) {
    EXPECT_EQ(base::base64_decode(bad), std::nullopt) << bad;
  }
}

TEST(Secret, IsOneOfWhatIsAcceptedOrNot) {
  const std::vector<std::string> accepted{"first", "second"};
  EXPECT_TRUE(base::is_one_of("first", accepted));
  EXPECT_TRUE(base::is_one_of("second", accepted));
  for (const auto other : {"", "firs", "first ", "FIRST", "firstsecond"}) EXPECT_FALSE(base::is_one_of(other, accepted)) << other;
  EXPECT_FALSE(base::is_one_of("", {}));
}

TEST(Duration, IsNumbersWithUnits) {
  EXPECT_EQ(base::parse_duration("300000ms"), 300000ms);
  EXPECT_EQ(base::parse_duration("90s"), 90s);
  EXPECT_EQ(base::parse_duration("0s"), 0s);
  EXPECT_EQ(base::parse_duration("1h30m"), 90min);
  EXPECT_EQ(base::parse_duration("7d12h5m4s3ms"), 180h + 5min + 4s + 3ms);
  EXPECT_EQ(base::parse_duration("36500d"), 876000h);
}

TEST(Duration, RefusesWhatIsNotOne) {
  for (const auto text : {"", "5", "m", "-5m", "5 m", "5m ", "5M", "1.5h", "30m1h", "1m1m", "5x", "36501d", "36500d1ms", "99999999999999999999s", "5m30"}) {
    EXPECT_EQ(base::parse_duration(text), std::nullopt) << text;
  }
}

TEST(Outcome, ExitCodesAreThoseOfTheContract) {
  struct Row {
    base::Outcome outcome;
    int simple, plugin, sysexits;
  };
  using base::Outcome;
  const std::vector<Row> contract = {{Outcome::ok, 0, 0, 0},
                                     {Outcome::skipped, 0, 0, 0},
                                     {Outcome::warning, 1, 1, 1},
                                     {Outcome::critical, 1, 2, 1},
                                     {Outcome::unknown, 1, 3, 69},
                                     {Outcome::runtime_error, 1, 3, 70},
                                     {Outcome::output_error, 1, 3, 74},
                                     {Outcome::usage_error, 1, 3, 64},
                                     {Outcome::config_error, 1, 3, 78},
                                     {Outcome::help, 0, 3, 0}};
  EXPECT_EQ(contract.size(), base::outcomes.size());
  for (const auto& row : contract) {
    const auto name = base::row_of(row.outcome).name;
    EXPECT_EQ(base::row_of(row.outcome).outcome, row.outcome) << "missing in the table";
    EXPECT_EQ(base::exit_code(row.outcome, base::ExitView::simple), row.simple) << name;
    EXPECT_EQ(base::exit_code(row.outcome, base::ExitView::plugin), row.plugin) << name;
    EXPECT_EQ(base::exit_code(row.outcome, base::ExitView::sysexits), row.sysexits) << name;
  }
}

TEST(Outcome, SimpleIsOneForAnythingThatThePluginViewIsNotOkAbout) {
  for (const auto& row : base::outcomes) {
    if (row.outcome != base::Outcome::help) {
      EXPECT_EQ(row.simple, std::min(row.plugin, 1)) << row.name;
    }
    EXPECT_TRUE(row.meaning.ends_with('.')) << row.name;
  }
}

TEST(Outcome, WorstIsCriticalThenWarningThenUnknownThenOk) {
  using base::Outcome;
  EXPECT_EQ(base::worst(Outcome::warning, Outcome::critical), Outcome::critical);
  EXPECT_EQ(base::worst(Outcome::critical, Outcome::warning), Outcome::critical);
  EXPECT_EQ(base::worst(Outcome::unknown, Outcome::warning), Outcome::warning);
  EXPECT_EQ(base::worst(Outcome::ok, Outcome::unknown), Outcome::unknown);
  EXPECT_EQ(base::worst(Outcome::unknown, Outcome::ok), Outcome::unknown);
  EXPECT_EQ(base::worst(Outcome::skipped, Outcome::ok), Outcome::skipped);
}

TEST(Outcome, StateIsOneOfTheFiveNames) {
  using base::Outcome;
  EXPECT_EQ(base::state_name(Outcome::ok), "ok");
  EXPECT_EQ(base::state_name(Outcome::skipped), "skipped");
  EXPECT_EQ(base::state_name(Outcome::warning), "warning");
  EXPECT_EQ(base::state_name(Outcome::critical), "critical");
  for (const auto error : {Outcome::unknown, Outcome::runtime_error, Outcome::output_error, Outcome::usage_error, Outcome::config_error}) {
    EXPECT_EQ(base::state_name(error), "unknown");
  }
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const auto text : {"0s", "1ms", "5m", "1h30m", "2d1ms"}) EXPECT_EQ(base::duration_text(*base::parse_duration(text)), text);
}

TEST(Time, IsReadInAnyOffset) {
  for (const auto text : {"2026-11-24T02:00:00.123Z", "2026-11-24t02:00:00.123z", "2026-11-24T03:00:00.123+01:00", "2026-11-23T21:30:00.123-04:30",
                          "2026-11-24 02:00:00.1239Z"}) {
    const auto time = base::parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(base::iso8601(*time), "2026-11-24T02:00:00.123Z") << text;
  }
  EXPECT_EQ(base::iso8601(*base::parse_time("2024-02-29T00:00:00Z")), "2024-02-29T00:00:00.000Z");
  EXPECT_EQ(base::iso8601(*base::parse_time("2026-12-31T23:59:60Z")), "2027-01-01T00:00:00.000Z");
}

TEST(Time, ThatIsNoneIsRefused) {
  for (const auto text : {"", "2026-11-24", "2026-11-24T02:00:00", "2026-11-24T02:00Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-24T24:00:00Z",
                          "2026-11-24T02:60:00Z", "2026-11-24T02:00:61Z", "2026-11-24T02:00:00.Z", "2026-11-24T02:00:00Z ", " 2026-11-24T02:00:00Z",
                          "1969-12-31T23:59:59Z", "2026-11-24T02:00:00+0100", "2026-11-24T02:00:00+24:00", "+2026-11-24T02:00:00Z", "yesterday"}) {
    EXPECT_EQ(base::parse_time(text), std::nullopt) << text;
  }
}
