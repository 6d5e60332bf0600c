#include "emit/output.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace emit {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::debug:
      return "debug";
    case Level::info:
      break;
  }
  return "info";
}

}  // namespace

bool is_journal(int fd) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(fd, &status) != 0) return false;
  return stream == fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Output::Output(std::string_view tool, Format format) : tool_(tool), run_id_(base::random_uuid()) {
  stderr_journal_ = is_journal(STDERR_FILENO);
  struct stat status {};
  stdout_pipe_ = fstat(STDOUT_FILENO, &status) == 0 && S_ISFIFO(status.st_mode);
  set_format(format);
}

void Output::set_format(Format format) {
  text_ = format == Format::text || (format == Format::automatic && isatty(STDOUT_FILENO) == 1);
  stderr_text_ = format == Format::text || (format == Format::automatic && isatty(STDERR_FILENO) == 1);
}

void Output::append_envelope(std::string& line, std::string_view type) const {
  line += R"({"v":1,"tool":")";
  line += tool_;
  line += R"(","run_id":")";
  line += run_id_;
  line += R"(","ts":")";
  line += base::iso8601(base::wall_now());
  line += R"(","type":")";
  line += type;
  line += '"';
}

std::string Output::text_head(std::string_view type) {
  return fmt::format("{}  {:<14}", std::string_view(base::iso8601(base::wall_now())).substr(11, 8), type);
}

bool Output::flush_line() {
  line_ += '\n';
  if (!together_) return write_stdout(line_);
  if (kept_.size() + line_.size() > PIPE_BUF) write_kept();
  kept_ += line_;
  return !lost_;
}

void Output::write_kept() {
  write_stdout(kept_);
  kept_.clear();
}

bool Output::object(std::string_view json) { return write_stdout(std::string(json) + '\n'); }
bool Output::plain(std::string_view text) { return write_stdout(text); }

bool Output::write_stdout(std::string_view bytes) {
  while (!bytes.empty() && !lost_) {
    pollfd ready{STDOUT_FILENO, POLLOUT, 0};
    const int polled = poll(&ready, 1, 200);
    if (polled == 0 || (polled < 0 && errno == EINTR)) {
      gave_up_ = give_up_ && give_up_();
      lost_ = gave_up_;
      continue;
    }
    // A pipe that polls writable takes PIPE_BUF bytes without blocking; more could block beyond every deadline.
    const auto written = ::write(STDOUT_FILENO, bytes.data(), stdout_pipe_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      lost_ = true;
    }
  }
  return !lost_;
}

void Output::log(Level level, std::string_view error, std::string_view detail, std::string_view hint) {
  if (level > level_) return;
  std::string line;
  if (stderr_journal_) line += fmt::format("<{}>", static_cast<int>(level));
  if (stderr_text_ && !stderr_journal_) {
    line += fmt::format("{}: {}: {}", tool_, name_of(level), error);
    if (!detail.empty()) line += fmt::format(": {}", detail);
    if (!hint.empty()) line += fmt::format("\n  hint: {}", hint);
  } else {
    line += fmt::format(R"({{"v":1,"tool":"{}","run_id":"{}","ts":"{}","type":"log","level":"{}","error":)", tool_, run_id_, base::iso8601(base::wall_now()),
                        name_of(level));
    append_string(line, error);
    line += R"(,"detail":)";
    append_string(line, detail);
    line += R"(,"hint":)";
    append_string(line, hint);
    line += '}';
  }
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace emit
