#include "source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/file.hpp"
#include "http/client.hpp"
#include "metrics/snapshot.hpp"
#include "schema/check.hpp"
#include "snapshot.hpp"

namespace {

Reading refused(app::Context& context, std::string problem, std::string_view detail, std::string_view hint) {
  context.output.log(emit::Level::error, "the metrics cannot be read", detail, hint);
  return {{}, {}, std::move(problem)};
}

// A wrong schema or role is a wrong configuration, and ends the run; that the database does not answer is an unknown state.
std::optional<metrics::Snapshot> read_database(const Config& config, app::Context& context) {
  try {
    const auto db = pg::Connection::open(
        {config.database.url, "alert-check", base::Milliseconds(config.database.connect_timeout_ms), base::Milliseconds(config.database.statement_timeout_ms)});
    auto snapshot = metrics::read(*db, config.scope);
    if (snapshot.schema_ahead) context.output.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
    return snapshot;
  } catch (const pg::Failure& failure) {
    if (failure.outcome == base::Outcome::config_error) throw;
    context.output.error(failure);
    return std::nullopt;
  }
}

Reading from_database(const Config& config, app::Context& context) {
  const auto snapshot = read_database(config, context);
  if (!snapshot) return {{}, {}, "database"};
  return {metrics::json(*snapshot), {}, {}};
}

Reading from_file(const std::string& path, app::Context& context) {
  try {
    auto file = base::read_regular_file(path, snapshot_limit, base::Links::followed);
    return {std::move(file.content), file.modified, {}};
  } catch (const std::system_error& e) {
    const auto what = e.code() == std::errc::file_too_large ? "too_large" : e.code() == std::errc::invalid_argument ? "not_regular" : "unreadable";
    return refused(context, what, e.code() == std::errc::invalid_argument ? "it is not a regular file" : e.code().message(),
                   "name a readable file of at most 1 MiB, or give the snapshot on standard input");
  }
}

Reading from_stdin(const Config& config, app::Stop& stop, app::Context& context) {
  const base::Deadline deadline(config.watch.timeout);
  Reading reading;
  std::array<char, 65536> buffer{};
  while (reading.text.size() <= snapshot_limit) {
    std::array<pollfd, 2> ready{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{stop.fd(), POLLIN, 0}};
    const int count = poll(ready.data(), ready.size(), static_cast<int>(deadline.left().count()));
    if (count < 0 && errno == EINTR) continue;
    if (ready[1].revents != 0) return {{}, {}, "stopped"};
    if (count == 0) return refused(context, "timeout", "standard input has not ended", "raise --timeout, or look at what writes the snapshot");
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(context, "unreadable", std::generic_category().message(errno), "give a snapshot on standard input");
    if (got == 0) break;
    reading.text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return reading;
}

std::string_view hint_for(std::string_view reason) {
  if (reason == "auth_failed") return "set OPS_TOKEN to one of the tokens that the endpoint accepts";
  if (reason.starts_with("tls")) return "the certificate must be valid for the host of the URL and known to the system";
  return "is it up? curl the URL; or leave SOURCE out to ask the database";
}

Reading from_url(const Config& config, app::Stop& stop, app::Context& context) {
  const base::Deadline deadline(config.watch.timeout);
  http::Options options;
  options.target = config.url;
  options.user_agent = app::user_agent("alert-check");
  options.ca_file = config.ca_file;
  options.timeout = config.watch.timeout;
  options.allow_private = true;  // most metrics are read from a neighbour
  options.method = http::Method::get;
  options.body_limit = snapshot_limit;
  http::Client client(std::move(options));
  http::Request request;
  if (!config.token.empty()) request.headers.add("Authorization", "Bearer " + config.token);
  client.send(std::move(request));
  std::vector<http::Answer> answers;
  for (std::vector<pollfd> others{{stop.fd(), POLLIN, 0}}; answers.empty() && !deadline.over(); answers = client.take()) {
    client.wait(others, deadline.left());
    if (stop.requested()) return {{}, {}, "stopped"};
  }
  std::string reason = "timeout";
  if (!answers.empty()) {
    auto& answer = answers.front();
    if (answer.status == 200) return {std::move(answer.body), {}, {}};
    const bool refused_us = answer.status == 401 || answer.status == 403;
    reason = refused_us ? "auth_failed" : answer.status != 0 ? fmt::format("http_{}", answer.status) : answer.reason;
  }
  return refused(context, reason, fmt::format("{}: {}", config.url.label, reason), hint_for(reason));
}

}  // namespace

Reading read_source(const Config& config, app::Stop& stop, app::Context& context) {
  switch (config.source) {
    case Source::database:
      return from_database(config, context);
    case Source::file:
      return from_file(config.path, context);
    case Source::stdin_stream:
      return from_stdin(config, stop, context);
    case Source::url:
      break;
  }
  return from_url(config, stop, context);
}

std::optional<std::int64_t> count_dead_letters(const Config& config, app::Context& context) {
  const auto snapshot = read_database(config, context);
  return snapshot ? std::optional(snapshot->dlq_size) : std::nullopt;
}
