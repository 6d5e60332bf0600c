#include "measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

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

template <class T>
std::string shown(const T& value) {
  std::string out;
  emit::append_value(out, value);
  std::erase(out, '"');
  return out == "null" ? "unknown" : out;
}

std::string shown(const metrics::Total& total) { return fmt::format("{} (sum {})", total.count, total.sum); }

}  // namespace

std::string text(const metrics::Snapshot& snapshot) {
  std::size_t width = 0;
  std::apply([&](const auto&... f) { ((width = std::max(width, f.name.size())), ...); }, metrics::Snapshot::fields);
  std::string out;
  std::apply(
      [&](const auto&... f) {
        const auto one = [&](const auto& field) {
          if (field.name != "v") out += fmt::format("{:<{}}  {}\n", field.name, width, shown(snapshot.*(field.member)));
        };
        (one(f), ...);
      },
      metrics::Snapshot::fields);
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
