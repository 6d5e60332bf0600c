// Linked once with each tool: what is promised of all of them.
#include "unit/documentation.hpp"

#include <gtest/gtest.h>

#include <regex>

#include "app/describe.hpp"
#include "config/catalog.hpp"

namespace {

struct Tables : Documented {
  Tables() : Documented(documented()) {
    for (auto& flag : app::common_flags()) flags.push_back(std::move(flag));
  }

  [[nodiscard]] std::string describe(std::string_view what) const { return app::describe_as(what, about, flags, settings); }
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The text of a man page without the escapes of roff and the line breaks between words.
std::string read_roff(std::string text) {
  for (const auto& [escape, meaning] : {std::pair(R"(\\\(aq)", "'"), std::pair(R"(\\e)", R"(\\)"), std::pair(R"(\\&)", ""), std::pair("\n", " ")}) {
    text = std::regex_replace(text, std::regex(escape), meaning);
  }
  return text;
}

}  // namespace

TEST(Documentation, HelpAndManPageHaveEveryFlag) {
  Tables t;
  const auto help = t.describe("help");
  const auto man = t.describe("man");
  for (const auto& flag : t.flags) {
    EXPECT_TRUE(std::regex_search(help, std::regex("\n  (-., )?" + std::string(flag.name) + "[ \n]"))) << flag.name;
    EXPECT_TRUE(std::regex_search(man, std::regex("\n\\.It Fl (. , Fl )?Fl " + std::string(flag.name.substr(2)) + "[ \n]"))) << flag.name;
    EXPECT_TRUE(flag.help.ends_with('.')) << flag.name;
  }
  for (const auto flag : {"--help", "--version", "--check-config", "--format", "--exit-codes"}) EXPECT_TRUE(has(help, flag)) << flag;
}

TEST(Documentation, HelpAndManPageHaveEverySettingWithItsRangeAndDefault) {
  Tables t;
  const auto raw_man = t.describe("man");
  const auto man = read_roff(raw_man);
  // Lines are broken anywhere between words.
  const auto help = std::regex_replace(t.describe("help"), std::regex("\\s+"), " ");
  ASSERT_FALSE(t.settings.bindings().empty());
  for (const auto& binding : t.settings.bindings()) {
    const auto& row = *binding.row;
    EXPECT_TRUE(has(help, std::string(row.name) + "=" + std::string(row.metavar))) << row.name;
    EXPECT_TRUE(has(man, ".It Ev " + std::string(row.name) + " ")) << row.name;
    for (const auto* text : {&help, &man}) {
      EXPECT_TRUE(has(*text, "Allowed: " + config::allowed(row) + ".")) << row.name;
      if (!row.fallback.empty()) {
        EXPECT_TRUE(has(*text, "Default: " + std::string(row.fallback) + ".")) << row.name;
      }
    }
    if (row.secret) {
      EXPECT_TRUE(has(help, std::string(row.name) + "_FILE")) << row.name;
    }
  }
}

TEST(Documentation, HelpFitsATerminal) {
  Tables t;
  const auto help = t.describe("help");
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = help.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const auto line = help.substr(begin, end - begin);
    std::size_t columns = 0;
    for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    if (!has(line, "  0 ") && !has(line, "  1 ")) {
      EXPECT_LE(columns, 80U) << line;
    }
  }
}

TEST(Documentation, EnvironmentExampleHasEverySettingOfEveryTool) {
  Tables t;
  const auto env = t.describe("env");
  for (const auto& row : config::catalog()) {
    EXPECT_TRUE(has(env, "\n#" + std::string(row.name) + "=" + std::string(row.fallback) + "\n")) << row.name;
    EXPECT_TRUE(has(env, "# " + std::string(row.help) + "\n")) << row.name;
    EXPECT_TRUE(has(env, "# Allowed: " + config::allowed(row) + ".")) << row.name;
  }
}

TEST(Documentation, CompletionHasEveryFlag) {
  Tables t;
  const auto completion = t.describe("completion");
  for (const auto& flag : t.flags) EXPECT_TRUE(has(completion, std::string(flag.name))) << flag.name;
  EXPECT_TRUE(has(completion, "some-tool"));
}

TEST(Documentation, EveryFieldOfALineIsExplained) {
  Tables t;
  const auto man = t.describe("man");
  for (const auto& event : t.about.events) {
    EXPECT_TRUE(event.about.ends_with('.'));
    EXPECT_TRUE(has(man, ".It Sy " + std::string(event.type)));
    for (const auto& [name, help] : event.fields) {
      EXPECT_TRUE(has(man, ".It Va " + std::string(name))) << name;
      EXPECT_TRUE(help.ends_with('.')) << name;
    }
  }
}

TEST(Documentation, ExitCodesAreAllThere) {
  Tables t;
  const auto help = t.describe("help");
  for (const auto& row : base::outcomes) EXPECT_TRUE(has(help, std::string(row.meaning))) << row.name;
}

TEST(Documentation, NoFlagTakesASecret) {
  Tables t;
  for (const auto& flag : t.flags) {
    if (!flag.shadows.empty()) {
      EXPECT_FALSE(config::row(flag.shadows).secret) << flag.name;
    }
  }
}

TEST(Documentation, OutputIsTheSameOnEveryCall) {
  Tables a;
  Tables b;
  for (const auto what : {"help", "man", "env", "completion"}) EXPECT_EQ(a.describe(what), b.describe(what));
}
