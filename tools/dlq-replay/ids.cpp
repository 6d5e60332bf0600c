#include "ids.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "base/error.hpp"
#include "base/text.hpp"

namespace {

constexpr std::size_t most_ids = 100'000;
constexpr std::size_t longest_line = 65536;

base::Error unusable(std::string detail) {
  return {base::Outcome::usage_error, "standard input does not name dead letters", std::move(detail), "give ids, or lines of dlq-replay list"};
}

}  // namespace

std::optional<std::string> id_of(std::string_view line) {
  line = base::trim(line);
  if (line.empty()) return std::nullopt;
  if (!line.starts_with('{')) {
    if (!base::is_uuid(line)) throw std::invalid_argument("is neither a UUID nor a JSON object");
    return base::lower(line);
  }
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (object.is_discarded()) throw std::invalid_argument("is not JSON");
  const auto text = [&](const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  if (text("type") == "summary" && object.contains("tool")) return std::nullopt;
  const auto id = text("id");
  if (!base::is_uuid(id)) throw std::invalid_argument("has no id that is a UUID");
  return base::lower(id);
}

bool read_ids(int fd, int stop_fd, std::vector<std::string>& into) {
  std::set<std::string> seen;
  std::string buffer;
  std::size_t number = 0;
  const auto take = [&](std::string_view line) {
    ++number;
    try {
      const auto id = id_of(line);
      if (id && seen.insert(*id).second) into.push_back(*id);
    } catch (const std::invalid_argument& wrong) {
      throw unusable(fmt::format("line {} {}", number, wrong.what()));
    }
    if (into.size() > most_ids) throw unusable(fmt::format("more than {} ids", most_ids));
  };
  std::array<char, 65536> chunk{};
  while (true) {
    std::array<pollfd, 2> ready{pollfd{fd, POLLIN, 0}, pollfd{stop_fd, POLLIN, 0}};
    if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) throw unusable("it cannot be read");
    if (ready[1].revents != 0) return false;
    if (ready[0].revents == 0) continue;
    const auto got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0) throw unusable("it cannot be read");
    if (got == 0) break;
    buffer.append(chunk.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffer.find('\n', begin)) != std::string::npos; begin = end + 1) take(std::string_view(buffer).substr(begin, end - begin));
    buffer.erase(0, begin);
    if (buffer.size() > longest_line) throw unusable(fmt::format("line {} is too long", number + 1));
  }
  if (!buffer.empty()) take(buffer);
  return true;
}
