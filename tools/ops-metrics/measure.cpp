#include "measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/duration.hpp"
#include "base/file.hpp"
#include "schema/check.hpp"

namespace {

std::string render(const metrics::Snapshot& snapshot, const std::string& format, bool terminal) {
  if (format == "prometheus") return metrics::prometheus(snapshot);
  if (format == "text" || (format == "auto" && terminal)) return text(snapshot);
  return metrics::json(snapshot) + "\n";
}

void replace(const std::string& path, const std::string& content) {
  try {
    base::replace_file(path, content, 0644, false);
  } catch (const std::system_error& e) {
    throw base::Error(base::Outcome::output_error, "the output file cannot be written", e.code().message(), "make its folder writable for this user");
  }
}

struct Shown {
  std::string_view name;
  std::string value;
  std::string remark;  // the value as people say it; may be empty
};

template <class T>
std::string plain(const T& value) {
  std::string out;
  emit::append_value(out, value);
  std::erase(out, '"');
  return out == "null" ? "unknown" : out;
}

std::string lasting(std::int64_t milliseconds) {
  return milliseconds < 1000 ? "" : base::duration_text(std::chrono::floor<std::chrono::seconds>(base::Milliseconds(milliseconds)));
}

template <class T>
Shown shown(std::string_view name, const T& value) {
  return {name, plain(value), ""};
}
Shown shown(std::string_view name, std::int64_t value) { return {name, plain(value), name.ends_with("_ms") ? lasting(value) : ""}; }
Shown shown(std::string_view name, const std::optional<double>& seconds) {
  return {name, plain(seconds), seconds ? lasting(static_cast<std::int64_t>(*seconds * 1000)) : ""};
}
Shown shown(std::string_view name, const metrics::Total& total) {
  return {name, fmt::format("{}", total.sum), total.count == 0 ? "" : fmt::format("{} of them, {} ms each", total.count, total.sum / total.count)};
}

}  // namespace

std::string text(const metrics::Snapshot& snapshot) {
  const auto all = std::apply([&](const auto&... f) { return std::vector{shown(f.name, snapshot.*(f.member))...}; }, metrics::Snapshot::fields);
  std::size_t names = 0;
  std::size_t values = 0;
  for (const auto& one : all) {
    names = std::max(names, one.name.size());
    values = std::max(values, one.name == "ts" ? 0 : one.value.size());
  }
  std::string out;
  for (const auto& one : all) {
    if (one.name == "v") continue;
    out += fmt::format("{:<{}}  {:>{}}{}{}\n", one.name, names, one.value, values, one.remark.empty() ? "" : "  ", one.remark);
  }
  return out;
}

base::Outcome measure(const Config& config, app::Context& context) {
  auto& output = context.output;
  const auto db = pg::Connection::open(
      {config.database.url, "ops-metrics", base::Milliseconds(config.database.connect_timeout_ms), base::Milliseconds(config.database.statement_timeout_ms)});
  const auto snapshot = metrics::read(*db, config.scope);
  if (snapshot.schema_ahead) output.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
  const auto rendered = render(snapshot, config.format, output.text());
  if (config.output.empty()) {
    output.plain(rendered);
  } else {
    replace(config.output, rendered);
  }
  return context.finish(output.failed() ? base::Outcome::output_error : base::Outcome::ok);
}
