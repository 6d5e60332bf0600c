#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "measure.hpp"

namespace {

metrics::Snapshot snapshot() {
  metrics::Snapshot s;
  s.publisher_lag_ms = 1500;
  s.publish_duration_ms = {3, 1234};
  s.breaker_open = true;
  s.ts = "2026-11-24T02:00:00.500Z";
  return s;
}

}  // namespace

TEST(MetricsJson, HasAHorizonThatIsNullWhenItIsHidden) {
  auto s = snapshot();
  EXPECT_TRUE(nlohmann::json::parse(metrics::json(s)).at("horizon_age_s").is_null());
  s.horizon_age_s = 2.5;
  EXPECT_EQ(nlohmann::json::parse(metrics::json(s)).at("horizon_age_s"), 2.5);
}

TEST(Prometheus, IsInBaseUnitsAndLeavesOutWhatIsNotKnown) {
  const auto text = metrics::prometheus(snapshot());
  for (const auto part :
       {"\nzero_admin_publisher_lag_seconds 1.5\n", "\nzero_admin_publish_duration_seconds_sum 1.234\n", "\nzero_admin_publish_duration_seconds_count 3\n",
        "\nzero_admin_breaker_open 1\n", "\nzero_admin_last_run_timestamp_seconds 1795485600.5\n", "\n# TYPE zero_admin_publisher_sent_total counter\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(text.find("horizon"), std::string::npos);
  EXPECT_TRUE(text.ends_with('\n'));
}

TEST(MetricsText, IsOneAlignedLineForEachMetric) {
  const auto shown = text(snapshot());
  for (const auto line : {"publisher_lag_ms               1500  1s\n", "publish_duration_ms            1234  3 of them, 411 ms each\n",
                          "horizon_age_s               unknown\n", "dlq_size                          0\n"}) {
    EXPECT_NE(shown.find(line), std::string::npos) << line << shown;
  }
  EXPECT_EQ(shown.find('{'), std::string::npos);
}
