// What inbox-work believes of a payload and of an extractor's answer.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "document.hpp"

namespace {

const std::string hash(64, 'a');

std::string request(std::string_view item, std::string_view content_hash, std::string_view uri = "file:///x") {
  return R"({"inbox_item_id":")" + std::string(item) + R"(","content_hash":")" + std::string(content_hash) + R"(","uri":")" + std::string(uri) +
         R"(","mime":"application/xml","more":1})";
}

constexpr std::string_view item = "11111111-1111-4111-8111-111111111111";

TEST(Request, IsReadFromThePayload) {
  const auto read = read_request(request(item, hash));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->inbox_item_id, item);
  EXPECT_EQ(read->uri, "file:///x");
}

TEST(Request, NeedsEveryFieldInItsForm) {
  EXPECT_FALSE(read_request("[]"));
  EXPECT_FALSE(read_request("{"));
  EXPECT_FALSE(read_request(R"({"inbox_item_id":"x"})"));
  EXPECT_FALSE(read_request(request("no-uuid", hash)));
  EXPECT_FALSE(read_request(request(item, "abc")));
  EXPECT_FALSE(read_request(request(item, std::string(64, 'g'))));
  EXPECT_FALSE(read_request(request(item, hash, std::string(10000, 'x'))));
}

TEST(Extracted, IsCheckedBeforeItIsBelieved) {
  const auto read = check_extracted(R"({"doc_type":"invoice","syntax":"ubl","flags":["iban_checksum"]})", "text");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, "xml");
  EXPECT_EQ(read->flags, std::vector<std::string>{"iban_checksum"});
  for (const std::string_view bad :
       {"", "[]", R"({"doc_type":"invoice"})", R"({"doc_type":"malware","syntax":"ubl"})", R"({"doc_type":"invoice","syntax":"exe"})",
        R"({"doc_type":"invoice","syntax":"ubl","flags":"x"})", R"({"doc_type":"invoice","syntax":"ubl","flags":["A\n"]})",
        "{\"doc_type\":\"invoice\",\"syntax\":\"ubl\",\"x\":\"\xff\"}"}) {
    EXPECT_FALSE(check_extracted(std::string(bad), "")) << bad;
  }
  EXPECT_FALSE(check_extracted(R"({"doc_type":"invoice","syntax":"ubl"})", "\xff"));
  EXPECT_FALSE(check_extracted(R"({"doc_type":"invoice","syntax":"ubl"})", std::string("a\0b", 3)));
}

TEST(Chunks, AreNeverLongerThanTheLimitAndLoseNothing) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "Zeile mit Umlauten äöü€ Nummer " + std::to_string(i) + (i % 7 == 0 ? "\n" : " ");
  const auto pieces = cut(text, 100);
  std::string together;
  for (const auto piece : pieces) {
    EXPECT_LE(piece.size(), 100U);
    EXPECT_TRUE(base::is_utf8(piece)) << piece;
    together += piece;
  }
  EXPECT_EQ(together, text);
}

TEST(Chunks, EndWithALineWhereThatIsNotTooShort) {
  EXPECT_EQ(cut("aaaaaaa\nbbbbbb", 10), (std::vector<std::string_view>{"aaaaaaa\n", "bbbbbb"}));
  EXPECT_EQ(cut("a\nbbbbbbbbbbbbb", 10), (std::vector<std::string_view>{"a\nbbbbbbbb", "bbbbb"}));
  EXPECT_TRUE(cut("", 10).empty());
}

}  // namespace
