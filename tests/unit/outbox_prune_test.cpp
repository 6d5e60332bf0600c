#include <gtest/gtest.h>

#include "config.hpp"

namespace {

std::optional<std::string> flag_problem(std::string_view name, std::string_view value, Config& config) {
  for (const auto& flag : flags(config)) {
    if (flag.name == name) return flag.store(value);
  }
  return "no such flag";
}

}  // namespace

TEST(PruneSettings, DefaultsAreThoseOfTheContract) {
  Config config;
  EXPECT_TRUE(settings(config).load({{"DATABASE_URL", "postgresql:///x"}}).problems.empty());
  EXPECT_EQ(config.done_days, 30);
  EXPECT_EQ(config.dead_letter_days, 90);
  EXPECT_EQ(config.audit_days, 730);
  EXPECT_FALSE(config.dry_run);
}

TEST(PruneSettings, BadOnesAreAllNamed) {
  Config config;
  const auto loaded =
      settings(config).load({{"DATABASE_URL", "nonsense"}, {"OUTBOX_RETENTION_DAYS", "-1"}, {"DLQ_RETENTION_DAYS", "x"}, {"AUDIT_RETENTION_DAYS", "1000000"}});
  std::vector<std::string> names;
  for (const auto& problem : loaded.problems) names.push_back(problem.name);
  EXPECT_EQ(names, (std::vector<std::string>{"DATABASE_URL", "OUTBOX_RETENTION_DAYS", "DLQ_RETENTION_DAYS", "AUDIT_RETENTION_DAYS"}));
}

TEST(PruneFlags, HaveBounds) {
  Config config;
  EXPECT_EQ(flag_problem("--batch", "1", config), std::nullopt);
  EXPECT_EQ(config.batch, 1);
  EXPECT_NE(flag_problem("--batch", "0", config), std::nullopt);
  EXPECT_NE(flag_problem("--batch", "x", config), std::nullopt);
  EXPECT_EQ(flag_problem("--max-seconds", "86400", config), std::nullopt);
  EXPECT_NE(flag_problem("--max-seconds", "86401", config), std::nullopt);
  EXPECT_EQ(flag_problem("--dry-run", "", config), std::nullopt);
  EXPECT_TRUE(config.dry_run);
}
