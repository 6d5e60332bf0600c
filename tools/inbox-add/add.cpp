#include "add.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "events.hpp"
#include "inbox_add/sql.hpp"
#include "schema/check.hpp"
#include "storage/storage.hpp"

namespace {

constexpr std::size_t longest_name = 255;
constexpr int tries = 3;

// Why a file is not taken; expected, so no end of the run.
struct Refuse {
  std::string why;
  std::string hint;
};

std::string read_document(const std::string& file, std::int64_t limit) {
  const auto bytes = static_cast<std::size_t>(limit);
  return file == "-" ? base::read_all(STDIN_FILENO, bytes) : base::read_regular_file(file, bytes, base::Links::followed).content;
}

Refuse unreadable(const std::error_code& code, std::int64_t limit) {
  if (code == std::errc::file_too_large) return {fmt::format("larger than {} bytes", limit), "raise PARSER_MAX_BYTES, here and for inbox-work"};
  if (code == std::errc::invalid_argument) return {"no regular file", "name a file, or pipe the content in and name -"};
  return {fmt::format("it cannot be read: {}", code.message()), "check its path and permissions"};
}

// As far as the database keeps it: for people, who look for a document by its name.
std::optional<std::string> file_name(const std::string& file) {
  if (file == "-") return std::nullopt;
  const auto name = std::filesystem::path(file).filename().string();
  if (name.empty() || name.size() > longest_name || base::has_control(name) || !base::is_utf8(name)) return std::nullopt;
  return name;
}

class Adder {
 public:
  Adder(const Config& config, app::Context& context) : config_(config), output_(context.output), storage_(config.storage_uri) {}

  void add(const std::string& file, std::int64_t argument) {
    if (const auto refused = take(file, argument)) refuse(argument, *refused);
  }

  Summary summary;

 private:
  std::optional<Refuse> take(const std::string& file, std::int64_t argument) {
    std::string content;
    try {
      content = read_document(file, config_.max_bytes);
    } catch (const std::system_error& error) {
      return unreadable(error.code(), config_.max_bytes);
    }
    if (content.empty()) return Refuse{"empty", "add it when there is something in it"};
    const auto* kind = config_.kind != nullptr ? config_.kind : storage::guess_kind(content, file);
    if (kind == nullptr) return Refuse{"its type cannot be told", "name it with --mime"};
    if (std::ranges::find(config_.kinds, kind->name) == config_.kinds.end())
      return Refuse{fmt::format("{} is not in MIME_ALLOWLIST", kind->name), "add it there, here and for inbox-work"};
    const auto hash = base::hex(base::bytes_of(base::sha256(content)));
    // The file first: an item without a file would be an error for ever, a file without an item is used the next time.
    keep(hash, content);
    return enter(file, argument, *kind, hash, static_cast<std::int64_t>(content.size()));
  }

  void keep(const std::string& hash, const std::string& content) {
    try {
      storage_.store(config_.tenant, hash, content);
    } catch (const std::system_error& error) {
      throw base::Error(base::Outcome::runtime_error, "a document cannot be stored", fmt::format("below STORAGE_BASE_URI: {}", error.code().message()),
                        "check that this user may write there and that the disk has room; nothing was entered for it");
    }
  }

  std::optional<Refuse> enter(const std::string& file, std::int64_t argument, const storage::Kind& kind, const std::string& hash, std::int64_t bytes) {
    for (int attempt = 0; attempt < tries; ++attempt) {
      pg::Batch batch;
      const bool first = db_ == nullptr;
      if (first) {
        db_ = pg::Connection::open({config_.database.url, "inbox-add", base::Milliseconds(config_.database.connect_timeout_ms),
                                    base::Milliseconds(config_.database.statement_timeout_ms)});
        schema::add_check(batch);
      }
      batch.add(inbox_add::sql::store, pg::Params()
                                           .add(config_.tenant)
                                           .add(hash)
                                           .add(bytes)
                                           .add(config_.source)
                                           .add_optional(file_name(file))
                                           .add(kind.mime)
                                           .add(storage_.uri_of(config_.tenant, hash))
                                           .add(base::random_uuid()));
      const auto results = db_->run(std::move(batch), pg::Commit::durable);
      if (first && schema::is_ahead(results.front())) output_.log(emit::Level::warning, schema::ahead, "", schema::ahead_hint);
      const auto& result = results.back();
      if (result.rows() == 0) continue;  // another run is entering the same content: its row is not to be seen yet
      const bool duplicate = result.boolean(0, 1);
      ++(duplicate ? summary.duplicates : summary.added);
      output_.event(Added{std::string(result.text(0, 0)), hash, duplicate, kind.mime, bytes, argument});
      return std::nullopt;
    }
    return Refuse{"another run is entering the same content and does not come to an end", "try again"};
  }

  void refuse(std::int64_t argument, const Refuse& refused) {
    ++summary.refused;
    output_.log(emit::Level::error, fmt::format("document {} is refused", argument), refused.why, refused.hint);
  }

  const Config& config_;
  emit::Output& output_;
  storage::Storage storage_;
  std::unique_ptr<pg::Connection> db_;
};

}  // namespace

void check_usage(const Config& config) {
  if (config.tenant.empty()) throw base::Error(base::Outcome::usage_error, "wrong command line", "--tenant is missing", "say whose documents these are");
  if (config.files.empty()) throw base::Error(base::Outcome::usage_error, "wrong command line", "no file is named", "name files, or - for standard input");
  if (std::ranges::count(config.files, "-") > 1)
    throw base::Error(base::Outcome::usage_error, "wrong command line", "- is named more than once", "standard input is one document");
}

base::Outcome add(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  Adder adder(config, context);
  for (std::int64_t argument = 0; const auto& file : config.files) {
    if (stop.requested() || output.lost()) break;
    adder.add(file, ++argument);
  }
  auto& summary = adder.summary;
  summary.stopped_by = stop.requested() ? std::string(stop.signal()) : output.lost() ? "output" : "end";
  auto outcome = summary.refused > 0 ? base::Outcome::runtime_error : base::Outcome::ok;
  if (output.failed()) outcome = base::Outcome::output_error;
  return context.finish(summary, outcome);
}
