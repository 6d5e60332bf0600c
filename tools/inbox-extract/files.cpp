#include "files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>
#include <variant>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "extract/extract.hpp"
#include "extract/warm_up.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/server.hpp"

namespace {

// Why a file is not a document at all.
struct Unread {
  extract::Refusal refusal;
  std::string detail;
  std::string hint;
};

// A signal came while a pipe was read.
struct Stopped {};

Unread io_error(std::string_view error_class, std::string detail, std::string hint) {
  return {{"io_error", std::string(error_class)}, std::move(detail), std::move(hint)};
}

Unread io_error(int error) { return io_error("unreadable", std::generic_category().message(error), "check that the file exists and may be read"); }

Unread too_large(std::int64_t limit) {
  return {{std::string(extract::reason::validation_error), std::string(extract::error_class::too_large)},
          fmt::format("larger than {} bytes", limit),
          "see PARSER_MAX_BYTES"};
}

using Opened = std::variant<base::Fd, Unread, Stopped>;

// What comes through a pipe, as a file that has no name.
Opened read_input(std::int64_t limit, const app::Stop& stop) {
  base::Fd file(memfd_create("document", MFD_CLOEXEC));
  std::array<char, 65536> buffer{};
  for (std::int64_t bytes = 0; file;) {
    // The writer of the pipe may be in no hurry.
    std::array<pollfd, 2> ready{{{STDIN_FILENO, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), -1);
    if (stop.requested()) return Stopped{};
    const auto got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    if (got == 0) return file;
    bytes += got;
    if (bytes > limit) return too_large(limit);
    if (!sandbox::write_all(file.get(), {buffer.data(), static_cast<std::size_t>(got)})) break;
  }
  return io_error(errno);
}

// A regular file only, and not by way of a symbolic link: whoever can write to a folder of documents must not choose what else is read.
Opened open_document(const std::string& name, std::int64_t limit, const app::Stop& stop) {
  if (name == "-") return read_input(limit, stop);
  base::Fd fd(::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ELOOP) return io_error("symbolic_link", "a symbolic link", "name the file itself");
  if (!fd) return io_error(errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return io_error(errno);
  if (!S_ISREG(status.st_mode)) return io_error("not_a_file", "not a regular file", "pass what a pipe holds on standard input, as -");
  if (status.st_size > limit) return too_large(limit);
  return fd;
}

// Behind the walls that inbox-work puts up: what is read by hand is as much a stranger's.
std::string extract_one(const Config& config, const base::Fd& document) {
  sandbox::Limits limits;
  limits.memory_bytes = static_cast<std::uint64_t>(config.memory_bytes);
  limits.timeout_ms = static_cast<std::uint32_t>(config.timeout_ms);
  const auto reader = [](std::string_view bytes, std::string_view mime) { return extract::result_json(extract::extract(bytes, mime)); };
  const auto answer = sandbox::read_once(limits, reader, document.get(), config.mime);
  const auto failure = [](std::string reason, std::string error_class) {
    return extract::result_json(extract::Refusal{std::move(reason), std::move(error_class)});
  };
  switch (answer.end) {
    case sandbox::End::timeout:
      return failure("timeout", "time_limit");
    case sandbox::End::out_of_memory:
      return failure("oom", "memory_limit");
    case sandbox::End::answered:
      // One line of JSON: nothing that a terminal would take for anything else.
      if (nlohmann::json::accept(answer.text) && !base::has_control(answer.text)) return answer.text;
      return failure("crash", "garbage");
    default:
      return failure("crash", answer.detail == 0 ? "exit" : fmt::format("signal_{}", answer.detail));
  }
}

}  // namespace

base::Outcome extract_files(const Config& config, app::Stop& stop, app::Context& context) {
  auto& output = context.output;
  output.give_up_when([&stop] { return stop.requested(); });
  extract::warm_up();
  auto outcome = base::Outcome::ok;
  std::size_t number = 0;
  for (const auto& name : config.files) {
    if (stop.requested() || output.lost()) break;
    ++number;
    const auto opened = open_document(name, config.max_bytes, stop);
    if (std::holds_alternative<Stopped>(opened)) break;
    if (const auto* unread = std::get_if<Unread>(&opened)) {
      output.log(emit::Level::error, fmt::format("document {} is not read", number), unread->detail, unread->hint);
      output.object(extract::result_json(unread->refusal));
      outcome = base::Outcome::runtime_error;
      continue;
    }
    const auto object = extract_one(config, std::get<base::Fd>(opened));
    if (object.starts_with("{\"reason\"")) outcome = base::Outcome::runtime_error;
    output.object(object);
  }
  return output.failed() ? base::Outcome::output_error : outcome;
}
