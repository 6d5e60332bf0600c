#include "files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <variant>

#include "base/fd.hpp"
#include "extract/extract.hpp"

namespace {

// A stop was asked for before all of it was there.
struct Stopped {};

// Why a file is not a document at all.
struct Unread {
  extract::Refusal refusal;
  std::string detail;
  std::string hint;
};

Unread io_error(std::string_view error_class, std::string detail, std::string hint) {
  return {{"io_error", std::string(error_class)}, std::move(detail), std::move(hint)};
}

Unread io_error(int error) { return io_error("unreadable", std::generic_category().message(error), "check that the file exists and may be read"); }

Unread too_large(std::int64_t limit) {
  return {{std::string(extract::reason::validation_error), std::string(extract::error_class::too_large)},
          fmt::format("larger than {} bytes", limit),
          "see PARSER_MAX_BYTES"};
}

using Read = std::variant<std::string, Unread, Stopped>;

Read read_all(int fd, std::int64_t limit, const app::Stop& stop) {
  std::string content;
  std::array<char, 65536> buffer{};
  while (true) {
    // Standard input may be a pipe whose writer is in no hurry.
    std::array<pollfd, 2> ready{{{fd, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), -1);
    if (stop.requested()) return Stopped{};
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(errno);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (static_cast<std::int64_t>(content.size()) > limit) return too_large(limit);
  }
}

// A regular file only, and not by way of a symbolic link: whoever can write to a folder of documents must not choose what else is read.
Read read_document(const std::string& name, std::int64_t limit, const app::Stop& stop) {
  if (name == "-") return read_all(STDIN_FILENO, limit, stop);
  const base::Fd fd(::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ELOOP) return io_error("symbolic_link", "a symbolic link", "name the file itself");
  if (!fd) return io_error(errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return io_error(errno);
  if (!S_ISREG(status.st_mode)) return io_error("not_a_file", "not a regular file", "pass what a pipe holds on standard input, as -");
  if (status.st_size > limit) return too_large(limit);
  return read_all(fd.get(), limit, stop);
}

}  // namespace

base::Outcome extract_files(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  auto outcome = base::Outcome::ok;
  std::size_t number = 0;
  for (const auto& name : config.files) {
    if (stop.requested() || output.lost()) break;
    ++number;
    const auto read = read_document(name, config.max_bytes, stop);
    if (std::holds_alternative<Stopped>(read)) break;
    const auto* unread = std::get_if<Unread>(&read);
    const auto result = unread != nullptr ? extract::Result(unread->refusal) : extract::extract(std::get<std::string>(read), config.mime);
    if (unread != nullptr) output.log(emit::Level::error, fmt::format("document {} is not read", number), unread->detail, unread->hint);
    if (std::holds_alternative<extract::Refusal>(result)) outcome = base::Outcome::runtime_error;
    output.object(extract::result_json(result));
  }
  return output.failed() ? base::Outcome::output_error : outcome;
}
