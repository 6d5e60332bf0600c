#include "page.hpp"

#include <fmt/format.h>

#include "html.hpp"
#include "plot.hpp"

namespace {

// The thresholds of alert-check.
constexpr std::int64_t lag_limit_ms = 300'000;
constexpr std::int64_t silent_limit_s = 600;

constexpr std::string_view styles = R"css(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6676;--line:#dfe3e9;--good:#1a7f4b;--bad:#b3261e;--odd:#8a5a00;--bar:#3767b1;--bar2:#b3561e}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1a2028;--ink:#e6eaf0;--soft:#9aa6b6;--line:#2c3540;--good:#5cc98c;--bad:#ff8a80;--odd:#e8b65a;--bar:#7ba7ec;--bar2:#eb9a66}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:0 0 .75rem}
h2{font-size:1.05rem;margin:2rem 0 .6rem}
.head{border-left:.4rem solid var(--good);background:var(--card);border-radius:.4rem;padding:1rem 1.25rem;box-shadow:0 1px 2px #0001}
.head>p:first-child{font-size:1.6rem;line-height:1.2;font-weight:650;margin:0;color:var(--good)}
.head.attention{border-color:var(--bad)}.head.attention>p:first-child{color:var(--bad)}
.head.unknown{border-color:var(--odd)}.head.unknown>p:first-child{color:var(--odd)}
.head ul{margin:.6rem 0 0;padding:0;list-style:none}.head li{margin-top:.6rem}.head p{margin:.4rem 0 0}
.todo{display:block;color:var(--soft);font:.9rem/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere}
dl.now{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem;margin:1.25rem 0 0}
dl.now>div{background:var(--card);border-radius:.4rem;padding:.7rem .9rem;box-shadow:0 1px 2px #0001}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:.75rem}
figure{margin:0;background:var(--card);border-radius:.4rem;padding:.7rem .9rem;box-shadow:0 1px 2px #0001}
figcaption{display:flex;justify-content:space-between;gap:1rem;font-size:.85rem;color:var(--soft);margin-bottom:.4rem}
figcaption b{color:var(--ink);font-weight:600}
svg{display:block;width:100%;height:3.5rem;fill:var(--bar)}svg.bad{fill:var(--bar2)}svg .base{fill:var(--line)}
.axis{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft);margin:.25rem 0 0}
.scroll{overflow-x:auto;background:var(--card);border-radius:.4rem;box-shadow:0 1px 2px #0001}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.5rem .9rem;white-space:nowrap;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:500;font-size:.85rem}
.n{text-align:right;font-variant-numeric:tabular-nums}
td.good{color:var(--good)}td.bad{color:var(--bad);font-weight:600}td.soft,.none{color:var(--soft)}
footer{margin-top:2rem;color:var(--soft);font-size:.85rem}
)css";

std::string text(std::string_view words, const std::string& first, const std::string& second = {}) { return fmt::format(fmt::runtime(words), first, second); }

std::string name_of(const Runner& runner) {
  return runner.instance.empty() ? fmt::format("{} ({})", runner.name, runner.host) : fmt::format("{}@{} ({})", runner.name, runner.instance, runner.host);
}

bool is_silent(const Runner& runner) { return runner.state == "running" && runner.loop_age_s > silent_limit_s; }

std::string head(const View& view, const Words& words) {
  const auto concerns = concerns_of(view, words);
  const auto [css, line] = !view.ok           ? std::pair("unknown", words.unknown)
                           : concerns.empty() ? std::pair("well", words.all_well)
                                              : std::pair("attention", words.attention);
  auto out = fmt::format(R"(<section class="head {}" role="status"><p>{}</p>)", css, escape(line));
  if (concerns.empty()) out += fmt::format("<p>{}</p>", escape(words.nothing_to_do));
  if (!concerns.empty()) {
    out += "<ul>";
    for (const auto& concern : concerns) out += fmt::format(R"(<li>{}<span class="todo">{}</span></li>)", escape(concern.what), escape(concern.todo));
    out += "</ul>";
  }
  return out + "</section>";
}

std::string figures(const metrics::Snapshot& s, const Words& words) {
  std::string out = R"(<dl class="now">)";
  const auto one = [&](std::string_view label, const std::string& value) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", escape(label), escape(value));
  };
  one(words.lag_label, duration(std::max(s.publisher_lag_ms, s.worker_lag_ms), words));
  one(words.due_label, number(s.outbox_due, words));
  one(words.pending_label, number(s.outbox_pending, words));
  one(words.dlq_label, number(s.dlq_size, words));
  one(words.sent_label, number(s.publisher_sent_total, words));
  one(words.parsed_label, number(s.parsed_total, words));
  return out + "</dl>";
}

std::string plot(const Series& series, std::string_view css, std::string_view label, const std::string& most, const Words& words) {
  const auto top = text(words.highest, most);
  return fmt::format(R"(<figure><figcaption><b>{}</b><span>{}</span></figcaption>{}<p class="axis"><span>{}</span><span>{}</span></p></figure>)", escape(label),
                     escape(top), render_plot(series, css, fmt::format("{}: {}", label, top)), escape(text(words.hours_ago, std::to_string(history_hours))),
                     escape(words.now));
}

std::string plots(const std::vector<Minute>& minutes, const Words& words) {
  auto out = fmt::format("<h2>{}</h2>", escape(words.last_hours));
  if (minutes.empty()) return out + fmt::format(R"(<p class="none">{}</p>)", escape(words.no_history));
  const auto count = [&](const Series& series) { return number(highest(series), words); };
  const auto each = [&](std::string_view label) { return fmt::format("{} {}", label, words.per_five_minutes); };
  const auto sent = growth_of(minutes, &Minute::sent_total);
  const auto failed = growth_of(minutes, &Minute::failures_total);
  const auto parsed = growth_of(minutes, &Minute::parsed_total);
  const auto lag = highest_of(minutes, &Minute::lag_ms);
  const auto due = highest_of(minutes, &Minute::due);
  const auto dead = highest_of(minutes, &Minute::dlq);
  out += R"(<div class="plots">)";
  out += plot(sent, "good", each(words.throughput), count(sent), words);
  out += plot(failed, "bad", each(words.failures), count(failed), words);
  out += plot(lag, "good", words.lag_label, duration(highest(lag), words), words);
  out += plot(due, "good", words.due_label, count(due), words);
  out += plot(dead, "bad", words.dlq_label, count(dead), words);
  out += plot(parsed, "good", each(words.parsed_label), count(parsed), words);
  return out + "</div>";
}

struct Column {
  std::string_view title;
  bool is_number = false;
};

std::string open_table(std::string_view title, std::initializer_list<Column> columns) {
  auto out = fmt::format(R"(<h2>{}</h2><div class="scroll"><table><thead><tr>)", escape(title));
  for (const auto& column : columns) out += fmt::format(R"(<th scope="col"{}>{}</th>)", column.is_number ? R"( class="n")" : "", escape(column.title));
  return out + "</tr></thead><tbody>";
}

constexpr std::string_view close_table = "</tbody></table></div>";

std::string cell(const std::string& value, std::string_view css = {}) {
  return css.empty() ? fmt::format("<td>{}</td>", escape(value)) : fmt::format(R"(<td class="{}">{}</td>)", css, escape(value));
}

std::string runners(const std::vector<Runner>& rows, const Words& words) {
  if (rows.empty()) return fmt::format(R"(<h2>{}</h2><p class="none">{}</p>)", escape(words.runners), escape(words.no_runners));
  auto out = open_table(words.runners, {{words.runner},
                                        {words.host},
                                        {words.state},
                                        {words.heartbeat, true},
                                        {words.success, true},
                                        {words.backlog, true},
                                        {words.done, true},
                                        {words.failed, true}});
  for (const auto& runner : rows) {
    const bool running = runner.state == "running";
    out += "<tr>";
    out += cell(runner.instance.empty() ? runner.name : fmt::format("{}@{}", runner.name, runner.instance));
    out += cell(runner.host);
    out += cell(std::string(running ? words.running : words.stopped), is_silent(runner) ? "bad" : running ? "good" : "soft");
    out += cell(text(words.ago, duration(runner.loop_age_s * 1000, words)), is_silent(runner) ? "n bad" : "n");
    out += cell(runner.success_age_s ? text(words.ago, duration(*runner.success_age_s * 1000, words)) : std::string(words.never), "n");
    out += cell(number(runner.backlog, words), "n") + cell(number(runner.done, words), "n") + cell(number(runner.failures, words), "n") + "</tr>";
  }
  return out.append(close_table);
}

std::string breakers(const std::vector<Breaker>& rows, const Words& words) {
  if (rows.empty()) return fmt::format(R"(<h2>{}</h2><p class="none">{}</p>)", escape(words.endpoints), escape(words.no_endpoints));
  auto out = open_table(words.endpoints, {{words.endpoint}, {words.state}, {words.reason}, {words.since, true}});
  for (const auto& breaker : rows) {
    out += "<tr>" + cell(breaker.host) + cell(std::string(breaker.open ? words.open : words.closed), breaker.open ? "bad" : "good");
    out += cell(breaker.reason.empty() ? "–" : breaker.reason) + cell(text(words.ago, duration(breaker.since_s * 1000, words)), "n") + "</tr>";
  }
  return out.append(close_table);
}

std::string reasons(const std::vector<Reason>& rows, const Words& words) {
  if (rows.empty()) return {};
  auto out = open_table(words.letters_by_reason, {{words.type}, {words.reason}, {words.count, true}, {words.oldest, true}});
  for (const auto& row : rows) {
    out += "<tr>" + cell(row.event_type) + cell(row.reason) + cell(number(row.letters, words), "n");
    out += cell(text(words.ago, duration(row.oldest_s * 1000, words)), "n") + "</tr>";
  }
  return out.append(close_table);
}

}  // namespace

std::string_view style_sheet() { return styles; }

std::vector<Concern> concerns_of(const View& view, const Words& words) {
  if (!view.ok) return {{std::string(words.no_database), std::string(words.no_database_do)}};
  const auto& s = view.snapshot;
  std::vector<Concern> concerns;
  const auto add = [&](std::string what, std::string_view todo) { concerns.push_back({std::move(what), std::string(todo)}); };
  bool publisher = false;
  for (const auto& runner : view.runners) publisher = publisher || (runner.name == "publisher" && runner.loop_age_s <= silent_limit_s);
  if (s.dlq_size > 0) add(text(words.dead_letters, number(s.dlq_size, words)), words.dead_letters_do);
  for (const auto& breaker : view.breakers) {
    if (breaker.open) add(text(words.breaker, breaker.host, breaker.reason.empty() ? "–" : breaker.reason), words.breaker_do);
  }
  if (!publisher && s.outbox_due > 0) add(text(words.nobody, number(s.outbox_due, words)), words.nobody_do);
  const auto lag = std::max(s.publisher_lag_ms, s.worker_lag_ms);
  if (lag > lag_limit_ms) add(text(words.lag, duration(lag, words)), words.lag_do);
  if (s.outbox_stuck > 0) add(text(words.stuck, number(s.outbox_stuck, words)), words.stuck_do);
  for (const auto& runner : view.runners) {
    if (is_silent(runner)) add(text(words.silent, name_of(runner), duration(runner.loop_age_s * 1000, words)), words.silent_do);
  }
  return concerns;
}

std::string render_page(const View& view, const Words& words, std::string_view version, base::WallTime now) {
  auto out =
      fmt::format(R"(<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">)"
                  R"(<meta http-equiv="refresh" content="30"><meta name="robots" content="noindex"><title>{} – {}</title><style>{}</style></head><body><main>)",
                  words.language,
                  escape(!view.ok                           ? words.unknown
                         : concerns_of(view, words).empty() ? words.all_well
                                                            : words.attention),
                  escape(words.title), styles);
  out += fmt::format("<h1>{}</h1>", escape(words.title)) + head(view, words);
  if (view.ok) {
    out += figures(view.snapshot, words);
    out += plots(view.minutes, words);
    out += reasons(view.reasons, words);
    out += runners(view.runners, words);
    out += breakers(view.breakers, words);
  }
  const auto time = base::iso8601(now);
  out +=
      fmt::format("<footer>{}</footer></main></body></html>\n", escape(text(words.taken, time.substr(0, 10) + " " + time.substr(11, 8), std::string(version))));
  return out;
}
