#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "answer.hpp"
#include "base/digest.hpp"
#include "concern.hpp"
#include "config.hpp"
#include "connections.hpp"
#include "html.hpp"
#include "page.hpp"
#include "plot.hpp"
#include "source.hpp"
#include "words.hpp"

using namespace std::chrono_literals;

namespace {

const Words& english = words_for("en");
const Words& german = words_for("de");

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

View well() {
  View view;
  view.ok = true;
  view.runners.push_back({"publisher", "host-a", "", "running", 1, 2, 0, 12345, 6});
  return view;
}

std::string page(const View& view, const Words& words = english) { return render_page(view, words, "1.2.3", base::WallTime{}); }

std::string header(const Response& response, std::string_view name) {
  std::string all;
  for (const auto& [key, value] : response.headers) {
    if (key == name) all += value + "\n";
  }
  return all;
}

}  // namespace

TEST(Html, EscapesWhatHasAMeaning) {
  EXPECT_EQ(escape(R"(<a href="x" id='y'>&amp;</a>)"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(escape("grün 😀"), "grün 😀");
  EXPECT_EQ(escape(std::string("a\0b\n\x7F", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape("\xFF<"), "\xEF\xBF\xBD&lt;");
}

// Everything that comes from a table may have been chosen by somebody else.
TEST(Page, EscapesEveryTextFromTheDatabase) {
  const std::string evil = "<script>alert('\"&')</script>";
  auto view = well();
  view.snapshot.dlq_size = 1;
  view.runners = {{evil, evil, evil, "running", 1000, 2, 0, 1, 1}, {evil, evil, "", evil, 1, std::nullopt, 0, 1, 1}};
  view.breakers = {{evil, true, evil, 1, 1}};
  view.reasons = {{evil, evil, 1, 1}};
  view.minutes = {{10, 1, 1, 1, 1, 1, 1}, {5, 2, 2, 2, 2, 2, 2}};
  for (const auto* words : {&english, &german}) {
    const auto html = page(view, *words);
    EXPECT_FALSE(has(html, "<script"));
    EXPECT_FALSE(has(html, evil));
    EXPECT_TRUE(has(html, "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"));
  }
  view.ok = false;
  view.error = evil;
  EXPECT_FALSE(has(page(view), "<script"));
}

TEST(Page, BracesInTextsAreNoPlaceholders) {
  auto view = well();
  view.breakers = {{"{}{0}{1}%s", true, "{:x}", 1, 1}};
  EXPECT_TRUE(has(page(view), "{}{0}{1}%s does not accept events ({:x})"));
}

TEST(Page, NeedsNothingFromElsewhereAndNoScript) {
  auto view = well();
  view.minutes = {{1, 1, 1, 1, 1, 1, 1}};
  auto html = page(view);
  // But for the icon, which stands in its own link.
  const auto icon = html.find(R"(<link rel="icon" href="data:image/svg+xml,)");
  ASSERT_NE(icon, std::string::npos);
  html.erase(icon, html.find('>', icon) - icon);
  for (const auto part : {"<script", "src=", "href=", "url(", "@import", " style=", "onload", "http://", "https://"}) EXPECT_FALSE(has(html, part)) << part;
  EXPECT_TRUE(has(html, R"(<meta name="viewport")"));
  EXPECT_TRUE(has(html, R"(<html lang="en">)"));
  EXPECT_TRUE(has(html, "prefers-color-scheme:dark"));
}

TEST(Page, SaysInItsHeadlineWhetherSomebodyIsNeededAndWhatFor) {
  EXPECT_TRUE(has(page(well()), "All is well"));
  EXPECT_TRUE(has(page(well(), german), "Alles in Ordnung"));
  EXPECT_TRUE(concerns_of(well(), english).empty());

  auto view = well();
  view.runners.clear();
  EXPECT_EQ(concerns_of(view, english).size(), 1U) << "no runner at all, as heartbeat-watch --fleet has it";

  view = well();
  view.snapshot.dlq_size = 1234;
  EXPECT_TRUE(has(page(view), "Attention"));
  EXPECT_EQ(concerns_of(view, english).at(0).what, "Dead letters that nobody has resolved: 1,234.");
  EXPECT_TRUE(has(concerns_of(view, german).at(0).what, "1.234"));
  EXPECT_TRUE(has(page(view), "dlq-replay replay --all-tenants"));

  view = well();
  view.snapshot.publisher_lag_ms = 300000;
  EXPECT_TRUE(concerns_of(view, english).empty());
  view.snapshot.publisher_lag_ms = 300001;
  EXPECT_EQ(concerns_of(view, english).size(), 1U);

  view = well();
  view.snapshot.outbox_stuck = 1;
  view.breakers = {{"h:443", true, "http_503", 60, 5}, {"other:443", false, "", 60, 0}};
  EXPECT_EQ(concerns_of(view, english).size(), 2U);

  view = well();
  view.runners[0].loop_age_s = 601;
  EXPECT_EQ(concerns_of(view, english).size(), 1U) << "silent";
  view.snapshot.publisher_lag_ms = 1;
  EXPECT_EQ(concerns_of(view, english).size(), 2U) << "nobody publishes what is due";
  view.runners[0].state = "stopped";
  EXPECT_EQ(concerns_of(view, english).size(), 1U) << "one that has stopped owes no sign of life";

  view = well();
  view.snapshot.worker_lag_ms = 1;
  EXPECT_EQ(concerns_of(view, english).at(0).command, "systemctl status '0admin-inbox-work*'") << "nobody reads what waits";

  view = well();
  view.runners[0].backlog = 1;
  view.runners[0].success_age_s = 600;
  EXPECT_TRUE(concerns_of(view, english).empty());
  view.runners[0].success_age_s = 601;
  EXPECT_EQ(concerns_of(view, english).size(), 1U) << "it loops, and nothing succeeds";
  view.runners[0].backlog = 0;
  EXPECT_TRUE(concerns_of(view, english).empty()) << "a quiet night";

  view.ok = false;
  EXPECT_TRUE(has(page(view), "State unknown"));
  EXPECT_FALSE(has(page(view), "<table")) << "old figures are not shown as if they were true";
}

TEST(Page, ShowsTheWorstRunnersFirst) {
  auto view = well();
  view.runners = {{"worker", "a", "", "running", 1, 1, 0, 0, 0},
                  {"publisher", "b", "", "stopped", 9, 9, 0, 0, 0},
                  {"publisher", "c", "", "running", 1, 700, 5, 0, 0},
                  {"worker", "d", "", "running", 700, 700, 0, 0, 0}};
  const auto html = page(view);
  std::vector<std::size_t> places;
  for (const auto host : {"<td data-title=\"Host\">d", "<td data-title=\"Host\">c", "<td data-title=\"Host\">a", "<td data-title=\"Host\">b"})
    places.push_back(html.find(host));
  EXPECT_NE(places.back(), std::string::npos);
  EXPECT_TRUE(std::ranges::is_sorted(places));
}

TEST(Page, AccountsForDeadLettersBeyondItsTable) {
  auto view = well();
  view.snapshot.dlq_size = 9;
  view.reasons = {{"Demo", "http_422", 7, 60}};
  EXPECT_TRUE(has(page(view), "others"));
  view.snapshot.dlq_size = 7;
  EXPECT_FALSE(has(page(view), "others"));
}

TEST(Page, SaysWhereHistoryCountsNoFurther) {
  auto view = well();
  view.minutes = {{1, 0, 0, 0, 0, 9999, 99999}};
  EXPECT_FALSE(has(page(view), "≥"));
  view.minutes = {{1, 0, 0, 0, 0, 10000, 100000}};
  EXPECT_TRUE(has(page(view), "≥ 10,000"));
  EXPECT_TRUE(has(page(view), "≥ 100,000"));
}

TEST(Plot, SumsTheLastHour) {
  EXPECT_EQ(sum_of_last_hour(growth_of({}, &Minute::sent_total)), std::nullopt);
  const std::vector<Minute> minutes{{61, 10, 0, 0, 0, 0, 0}, {60, 20, 0, 0, 0, 0, 0}, {59, 23, 0, 0, 0, 0, 0}, {0, 30, 0, 0, 0, 0, 0}};
  EXPECT_EQ(sum_of_last_hour(growth_of(minutes, &Minute::sent_total)), 10);
}

TEST(Plot, CountsGrowthPerFiveMinutesAndStartsAnewAfterAReset) {
  const std::vector<Minute> minutes{{11, 100, 0, 0, 0, 0, 0}, {10, 110, 0, 0, 0, 0, 0}, {9, 125, 0, 0, 0, 0, 0}, {1, 7, 0, 0, 0, 0, 0}, {0, 9, 0, 0, 0, 0, 0}};
  const auto series = growth_of(minutes, &Minute::sent_total);
  EXPECT_EQ(series[bars - 3], 10);
  EXPECT_EQ(series[bars - 2], 15);
  EXPECT_EQ(series[bars - 1], 9);
  EXPECT_EQ(series[bars - 4], std::nullopt);
  EXPECT_EQ(highest(series), 15);
  EXPECT_EQ(highest(growth_of({{5, 100, 0, 0, 0, 0, 0}}, &Minute::sent_total)), 0) << "one note is no growth";
}

TEST(Plot, TakesTheHighestOfEachStretchAndLeavesGapsOpen) {
  const auto series = highest_of({{400, 0, 0, 0, 99, 0, 0}, {7, 0, 0, 0, 5, 0, 0}, {6, 0, 0, 0, 8, 0, 0}, {0, 0, 0, 0, 0, 0, 0}}, &Minute::lag_ms);
  EXPECT_EQ(series[bars - 2], 8);
  EXPECT_EQ(series[bars - 1], 0);
  EXPECT_EQ(series[0], std::nullopt) << "older than the plot";
  const auto svg =
      render_plot(series, {"working", "lag <1", [](std::int64_t value) { return "<" + std::to_string(value); }}, *base::parse_time("2026-11-24T06:00:30Z"));
  EXPECT_TRUE(has(svg, "lag &lt;1"));
  std::size_t rects = 0;
  for (auto at = svg.find("<rect x="); at != std::string::npos; at = svg.find("<rect x=", at + 1)) ++rects;
  EXPECT_EQ(rects, 1U);
  EXPECT_TRUE(has(svg, R"(y="0.0" width="3" height="48.0")"));
  EXPECT_TRUE(has(svg, "<title>05:50 UTC: &lt;8</title>"));
  std::size_t gaps = 0;
  for (auto at = svg.find(R"(class="gap")"); at != std::string::npos; at = svg.find(R"(class="gap")", at + 1)) ++gaps;
  EXPECT_EQ(gaps, bars - 2) << "of which nothing is known";
}

TEST(Words, FollowTheAcceptedLanguages) {
  EXPECT_EQ(words_for("").language, "en");
  EXPECT_EQ(words_for("de-AT,en;q=0.8").language, "de");
  EXPECT_EQ(words_for("fr, en-GB;q=0.9, de;q=0.5").language, "en");
  EXPECT_EQ(words_for("en;q=0.1,de;q=0.2").language, "de");
  EXPECT_EQ(words_for("de;q=0").language, "en");
  EXPECT_EQ(words_for("fr,*;q=0.5").language, "en");
  EXPECT_EQ(words_for("de;q=x").language, "en");
}

TEST(Words, NumbersAndDurations) {
  EXPECT_EQ(number(0, english), "0");
  EXPECT_EQ(number(999, english), "999");
  EXPECT_EQ(number(1234567, english), "1,234,567");
  EXPECT_EQ(number(-123456, german), "-123.456");
  for (const auto& [ms, text] : std::vector<std::pair<std::int64_t, std::string>>{{0, "0 ms"},
                                                                                  {999, "999 ms"},
                                                                                  {59999, "59 s"},
                                                                                  {60000, "1 min"},
                                                                                  {200000, "3 min 20 s"},
                                                                                  {3600000, "1 h"},
                                                                                  {5400000, "1 h 30 min"},
                                                                                  {86400000, "1 d"},
                                                                                  {90000000, "1 d 1 h"}}) {
    EXPECT_EQ(duration(ms, english), text);
  }
}

TEST(Answer, ATokenIsTakenAsBearerOrAsThePasswordOfBasic) {
  const std::vector<std::string> tokens{"first", "se:cond"};
  const auto basic = [](std::string_view pair) { return "Basic " + base::base64(pair); };
  EXPECT_TRUE(authorized("Bearer first", tokens));
  EXPECT_TRUE(authorized("bearer  se:cond ", tokens));
  EXPECT_TRUE(authorized(basic("anybody:first"), tokens));
  EXPECT_TRUE(authorized(basic(":se:cond"), tokens));
  for (const auto& header :
       {std::string(), std::string("Bearer"), std::string("Bearer "), std::string("Bearer firs"), std::string("first"), std::string("Digest first"),
        basic("first"), basic("first:"), basic("x:second"), std::string("Basic !!!"), std::string("Basic "), "Bearer " + base::base64("x:first")}) {
    EXPECT_FALSE(authorized(header, tokens)) << header;
  }
  EXPECT_FALSE(authorized("Bearer first", {}));
  EXPECT_FALSE(authorized("Bearer ", {}));
}

TEST(Answer, EveryOneHasStrictHeaders) {
  const auto view = well();
  for (const auto& response : {not_found(), not_allowed(), unauthorized(), live("1"), ready(nullptr, "1"), snapshot(&view), prometheus(&view),
                               status_page(&view, "de", "1", {}), status_page(nullptr, "", "1", {})}) {
    EXPECT_TRUE(header(response, "Content-Security-Policy").starts_with("default-src 'none'; "));
    EXPECT_TRUE(has(header(response, "Content-Security-Policy"), "frame-ancestors 'none'"));
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff\n");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store\n");
    EXPECT_FALSE(header(response, "Content-Type").empty());
  }
}

TEST(Answer, ThePolicyLetsInTheStyleSheetOfThePageAndNoOther) {
  const auto view = well();
  const auto response = status_page(&view, "de", "1", {});
  const auto begin = response.body.find("<style>") + 7;
  const auto sheet = response.body.substr(begin, response.body.find("</style>") - begin);
  EXPECT_TRUE(has(header(response, "Content-Security-Policy"), "style-src 'sha256-" + base::base64(base::bytes_of(base::sha256(sheet))) + "'"));
  EXPECT_EQ(header(response, "Content-Language"), "de\n");
}

TEST(Answer, ReadyIsDegradedWithoutTheDatabase) {
  const Readiness yes{true};
  const Readiness no{false};
  EXPECT_EQ(ready(&yes, "1.2").body, "{\"status\":\"OK\",\"version\":\"1.2\",\"db\":\"OK\"}\n");
  EXPECT_EQ(ready(&yes, "1.2").status, 200);
  for (const auto* readiness : {&no, static_cast<const Readiness*>(nullptr)}) {
    EXPECT_EQ(ready(readiness, "1.2").status, 503);
    EXPECT_EQ(ready(readiness, "1.2").body, "{\"status\":\"DEGRADED\",\"version\":\"1.2\",\"db\":\"FAIL\"}\n");
  }
  View failed;
  failed.error = "cannot reach PostgreSQL";
  for (const auto& response : {snapshot(&failed), prometheus(&failed), status_page(&failed, "", "1", {}), snapshot(nullptr)}) EXPECT_EQ(response.status, 503);
}

TEST(Answer, RoutesAreExact) {
  for (const auto path : {"/health/live", "/health/ready", "/api/v1/ops/metrics", "/metrics", "/"}) EXPECT_NE(route_of(path).route, Route::none) << path;
  for (const auto path : {"", "//", "/health", "/health/live/", "/metrics/../", "/METRICS", "/favicon.ico"})
    EXPECT_EQ(route_of(path).route, Route::none) << path;
  for (const auto path : {"/api/v1/ops/metrics", "/metrics", "/"}) EXPECT_TRUE(route_of(path).token) << path;
  for (const auto path : {"/health/live", "/health/ready"}) EXPECT_FALSE(route_of(path).token) << path;
}

TEST(Listen, TakesNumericAddressesOnly) {
  Address address;
  for (const auto text : {"127.0.0.1:8470", "0.0.0.0:0", "[::1]:8470", "[::]:65535"}) EXPECT_EQ(parse_address(text, address), std::nullopt) << text;
  for (const auto text :
       {"", "8470", "localhost:8470", ":8470", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:8470", "[::1]", "[::g]:1"}) {
    EXPECT_NE(parse_address(text, address), std::nullopt) << text;
  }
}

TEST(Source, FetchesOnceForAllWhoWaitAndAgainOnlyWhenItIsOld) {
  std::promise<void> may_fetch;
  auto allowed = may_fetch.get_future().share();
  std::atomic<int> fetched = 0;
  Source<int> source([&] { return allowed.wait(), ++fetched; }, 1h);
  std::atomic<int> woken = 0;
  std::promise<void> all;
  for (int n = 0; n < 3; ++n) {
    bool suspended = false;
    EXPECT_EQ(source.get([&] { suspended = true; },
                         [&] {
                           if (++woken == 3) all.set_value();
                         }),
              nullptr);
    EXPECT_TRUE(suspended);
  }
  may_fetch.set_value();
  all.get_future().wait();
  const auto value = source.get([] { FAIL() << "it is fresh"; }, [] {});
  ASSERT_NE(value, nullptr);
  // Those who came while it was being fetched may have needed a second one; nobody had one of their own.
  EXPECT_LE(*value, 2);
}

TEST(Source, WakesWhoWaitsWhenItStops) {
  std::atomic<bool> woken = false;
  {
    Source<int> source([] { return 1; }, 0ms);
    source.get([] {}, [&] { woken = true; });
  }
  EXPECT_TRUE(woken);
}

TEST(Connections, ThatTakeTooLongAreShutDown) {
  std::array<int, 2> slow{};
  std::array<int, 2> quick{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, slow.data()), 0);
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, quick.data()), 0);
  const base::Boottime::time_point start(1000s);
  Connections connections;
  connections.opened(slow[0], start);
  connections.opened(quick[0], start);
  connections.working(quick[0], start + 9s);
  connections.drop_slow(start + 9s);
  EXPECT_EQ(connections.dropped(), 0);
  connections.drop_slow(start + 11s);
  EXPECT_EQ(connections.dropped(), 1);
  char byte = 0;
  EXPECT_EQ(recv(slow[1], &byte, 1, MSG_DONTWAIT), 0) << "its end";
  EXPECT_EQ(recv(quick[1], &byte, 1, MSG_DONTWAIT), -1) << "still open";
  connections.closed(quick[0]);
  connections.drop_slow(start + 1h);
  EXPECT_EQ(connections.dropped(), 1);
  for (const int fd : {slow[0], slow[1], quick[0], quick[1]}) close(fd);
}
