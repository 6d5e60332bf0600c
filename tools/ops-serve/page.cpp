#include "page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "concern.hpp"
#include "html.hpp"
#include "plot.hpp"
#include "style.hpp"

namespace {

// Up to where ops_history counts.
constexpr std::int64_t most_due = 10'000;
constexpr std::int64_t most_dead = 100'000;

struct Condition {
  std::string_view css;
  std::string_view line;
  std::string_view color;  // of the icon
};

Condition condition_of(const View& view, const std::vector<Concern>& concerns, const Words& words) {
  if (!view.ok) return {"unknown", words.unknown, "%23e0a030"};
  if (concerns.empty()) return {"well", words.all_well, "%232e9e63"};
  return {"attention", words.attention, "%23d9382e"};
}

// The icon is a dot in the color of the condition: it is seen in the browser's row of tabs. Without one a browser asks for /favicon.ico.
std::string head_of_document(const Condition& condition, std::size_t concerns, const Words& words) {
  return fmt::format(
      R"(<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">)"
      R"(<meta http-equiv="refresh" content="30"><meta name="robots" content="noindex"><title>{}{} – {}</title>)"
      R"(<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http:%2F%2Fwww.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='{}'/%3E%3C/svg%3E">)"
      R"(<style>{}</style></head>)",
      words.language, concerns > 1 ? fmt::format("({}) ", concerns) : "", escape(condition.line), escape(words.title), condition.color, style_sheet());
}

std::string headline(const Condition& condition, const std::vector<Concern>& concerns, const Words& words) {
  auto out = fmt::format(R"(<section class="head {}" role="status"><p>{}</p>)", condition.css, escape(condition.line));
  if (concerns.empty()) return out + fmt::format("<p>{}</p></section>", escape(words.nothing_to_do));
  out += "<ul>";
  for (const auto& concern : concerns) {
    out += fmt::format(R"(<li>{}<span class="todo">{} <code>{}</code></span></li>)", escape(concern.what), escape(concern.todo), escape(concern.command));
  }
  return out + "</ul></section>";
}

std::string figures(const View& view, const Words& words) {
  const auto& s = view.snapshot;
  std::string out = R"(<dl class="now">)";
  const auto one = [&](std::string_view label, const std::string& value, bool bad = false) {
    out += fmt::format("<div><dt>{}</dt><dd{}>{}</dd></div>", escape(label), bad ? R"( class="bad")" : "", escape(value));
  };
  const auto in_an_hour = [&](std::int64_t Minute::*counter) {
    const auto sum = sum_of_last_hour(growth_of(view.minutes, counter));
    return sum ? number(*sum, words) : "–";
  };
  one(words.lag_label, duration(lag_of(s), words), lag_of(s) > lag_limit_ms);
  one(words.due_label, number(s.outbox_due, words));
  one(words.pending_label, number(s.outbox_pending, words));
  one(words.dlq_label, number(s.dlq_size, words), s.dlq_size > 0);
  one(words.sent_in_an_hour, in_an_hour(&Minute::sent_total));
  one(words.failed_in_an_hour, in_an_hour(&Minute::failures_total));
  return out + "</dl>";
}

std::string plots(const std::vector<Minute>& minutes, const Words& words, base::WallTime now) {
  auto out = fmt::format("<h2>{}</h2>", escape(words.last_hours));
  if (minutes.empty()) return out + fmt::format(R"(<p class="none">{}</p>)", escape(words.no_history));
  out += R"(<div class="plots">)";
  const auto one = [&](std::string_view css, std::string_view label, std::string_view top, const Series& series, auto value) {
    const auto most = fill(top, value(highest(series)));
    out += fmt::format(
        R"(<figure><figcaption><b>{}</b><span>{}</span></figcaption>{}<p class="axis"><span>{}</span><span>{}</span><span>{}</span></p></figure>)",
        escape(label), escape(most), render_plot(series, {css, fmt::format("{}: {}", label, most), value}, now),
        escape(fill(words.hours_ago, std::to_string(history_hours))), escape(fill(words.hours_ago, std::to_string(history_hours / 2))), escape(words.now));
  };
  const auto count = [&](std::int64_t value) { return number(value, words); };
  const auto up_to = [&](std::int64_t limit) { return [&words, limit](std::int64_t value) { return (value < limit ? "" : "≥ ") + number(value, words); }; };
  one("working", words.throughput, words.highest_in_five_minutes, growth_of(minutes, &Minute::sent_total), count);
  one("failing", words.failures, words.highest_in_five_minutes, growth_of(minutes, &Minute::failures_total), count);
  one("working", words.lag_label, words.highest, highest_of(minutes, &Minute::lag_ms), [&](std::int64_t value) { return duration(value, words); });
  one("working", words.due_label, words.highest, highest_of(minutes, &Minute::due), up_to(most_due));
  one("failing", words.dlq_label, words.highest, highest_of(minutes, &Minute::dlq), up_to(most_dead));
  one("working", words.parsed_label, words.highest_in_five_minutes, growth_of(minutes, &Minute::parsed_total), count);
  return out + "</div>";
}

struct Column {
  std::string_view title;
  bool is_number = false;
};

class Table {
 public:
  Table(std::string_view title, std::vector<Column> columns) : columns_(std::move(columns)) {
    out_ = fmt::format(R"(<h2>{}</h2><div class="scroll"><table><thead><tr>)", escape(title));
    for (const auto& column : columns_) out_ += fmt::format(R"(<th scope="col"{}>{}</th>)", column.is_number ? R"( class="n")" : "", escape(column.title));
    out_ += "</tr></thead><tbody>";
  }
  void row(std::string_view name) {
    out_ += fmt::format(R"({}<tr><th scope="row">{}</th>)", nth_ == 0 ? "" : "</tr>", escape(name));
    nth_ = 1;
  }
  void cell(std::string_view value, std::string_view css = "") {
    const auto& column = columns_.at(nth_++);
    out_ += fmt::format(R"(<td data-title="{}"{}>)", escape(column.title), column.is_number ? R"( class="n")" : "");
    out_ += css.empty() ? escape(value) : fmt::format(R"(<span class="{}">{}</span>)", css, escape(value));
    out_ += "</td>";
  }
  std::string take() { return out_ + "</tr></tbody></table></div>"; }

 private:
  std::vector<Column> columns_;
  std::string out_;
  std::size_t nth_ = 0;  // column of the next cell
};

std::string empty_table(std::string_view title, std::string_view why) {
  return fmt::format(R"(<h2>{}</h2><p class="none">{}</p>)", escape(title), escape(why));
}

std::string ago(std::int64_t seconds, const Words& words) { return fill(words.ago, duration(seconds * 1000, words)); }

std::string reasons(const View& view, const Words& words) {
  if (view.reasons.empty()) return {};
  Table table(words.letters_by_reason, {{words.type}, {words.reason}, {words.count, true}, {words.oldest, true}});
  auto others = view.snapshot.dlq_size;
  for (const auto& reason : view.reasons) {
    table.row(reason.event_type);
    table.cell(reason.reason);
    table.cell(number(reason.letters, words));
    table.cell(ago(reason.oldest_s, words));
    others -= reason.letters;
  }
  if (others > 0) {
    table.row(words.others);
    table.cell("–");
    table.cell(number(others, words));
    table.cell("–");
  }
  return table.take();
}

std::pair<std::string_view, std::string_view> state_of(Pulse pulse, const Words& words) {
  switch (pulse) {
    case Pulse::silent:
      return {words.is_silent, "mark bad"};
    case Pulse::fruitless:
      return {words.is_fruitless, "mark bad"};
    case Pulse::running:
      return {words.running, "mark good"};
    case Pulse::stopped:
      break;
  }
  return {words.stopped, "mark soft"};
}

std::string runners(std::vector<Runner> rows, const Words& words) {
  if (rows.empty()) return empty_table(words.runners, words.no_runners);
  Table table(words.runners, {{words.runner},
                              {words.host},
                              {words.state},
                              {words.heartbeat, true},
                              {words.success, true},
                              {words.backlog, true},
                              {words.done, true},
                              {words.failed, true}});
  std::ranges::sort(rows, {}, [](const Runner& runner) { return std::tuple(pulse_of(runner), runner.name, runner.host, runner.instance); });
  for (const auto& runner : rows) {
    const auto pulse = pulse_of(runner);
    const auto [state, css] = state_of(pulse, words);
    table.row(runner.instance.empty() ? runner.name : fmt::format("{}@{}", runner.name, runner.instance));
    table.cell(runner.host);
    table.cell(state, css);
    table.cell(ago(runner.loop_age_s, words), pulse == Pulse::silent ? "bad" : "");
    table.cell(runner.success_age_s ? ago(*runner.success_age_s, words) : std::string(words.never), pulse == Pulse::fruitless ? "bad" : "");
    for (const auto value : {runner.backlog, runner.done, runner.failures}) table.cell(number(value, words));
  }
  return table.take();
}

std::string breakers(const std::vector<Breaker>& rows, const Words& words) {
  if (rows.empty()) return empty_table(words.endpoints, words.no_endpoints);
  Table table(words.endpoints, {{words.endpoint}, {words.state}, {words.reason}, {words.since, true}});
  for (const auto& breaker : rows) {
    table.row(breaker.host);
    table.cell(breaker.open ? words.open : words.closed, breaker.open ? "mark bad" : "mark good");
    table.cell(breaker.reason.empty() ? "–" : breaker.reason);
    table.cell(ago(breaker.since_s, words));
  }
  return table.take();
}

}  // namespace

std::string render_page(const View& view, const Words& words, std::string_view version, base::WallTime now) {
  const auto concerns = concerns_of(view, words);
  const auto condition = condition_of(view, concerns, words);
  auto out = head_of_document(condition, concerns.size(), words);
  out += fmt::format("<body><main><h1>{}</h1>", escape(words.title)) + headline(condition, concerns, words);
  if (view.ok) {
    out += figures(view, words);
    out += plots(view.minutes, words, now);
    out += runners(view.runners, words);
    out += breakers(view.breakers, words);
    out += reasons(view, words);
  }
  const auto time = base::iso8601(now);
  return out + fmt::format("<footer>{}</footer></main></body></html>\n", escape(fill(words.taken, time.substr(0, 10) + " " + time.substr(11, 8), version)));
}
