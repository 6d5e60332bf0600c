#include "ids.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "base/error.hpp"
#include "base/lines.hpp"
#include "base/text.hpp"

namespace {

constexpr std::size_t most_ids = 100'000;
constexpr std::size_t longest_line = 65536;
constexpr base::Milliseconds patience{1000};

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
  base::Lines lines(fd, longest_line);
  std::set<std::string> seen;
  std::string line;
  while (true) {
    const auto got = lines.next(line, patience, stop_fd);
    pollfd stopped{stop_fd, POLLIN, 0};
    if (poll(&stopped, 1, 0) > 0) return false;
    if (got == base::Lines::Got::end) return true;
    if (got == base::Lines::Got::too_long) throw unusable(fmt::format("line {} is too long", lines.number()));
    if (got == base::Lines::Got::nothing_yet) continue;
    try {
      const auto id = id_of(line);
      if (id && seen.insert(*id).second) into.push_back(*id);
    } catch (const std::invalid_argument& wrong) {
      throw unusable(fmt::format("line {} {}", lines.number(), wrong.what()));
    }
    if (into.size() > most_ids) throw unusable(fmt::format("more than {} ids", most_ids));
  }
}
