#include "watch/state.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "base/file.hpp"

namespace watch {
namespace {

using nlohmann::json;

constexpr int version = 1;
constexpr std::size_t limit = 16UL * 1024 * 1024;
constexpr std::int64_t latest_ms = 253'402'300'799'999;                  // the end of the year 9999
constexpr std::int64_t longest_boottime_ns = 4'000'000'000'000'000'000;  // 126 years
constexpr std::int64_t most_clean_runs = 1'000'000;

json write(const Moment& moment) { return {moment.wall.time_since_epoch().count(), moment.boottime_ns, moment.boot_id}; }

// One that no clock or counter can have come to is damage, and nothing may be computed with it.
std::int64_t read_number(const json& from, std::int64_t min, std::int64_t max) {
  if (!from.is_number_integer()) throw std::invalid_argument("number");
  const auto number = from.get<std::int64_t>();
  if (number < min || number > max) throw std::out_of_range("number");
  return number;
}

Moment read_moment(const json& from) {
  return {base::WallTime(base::Milliseconds(read_number(from.at(0), 0, latest_ms))), read_number(from.at(1), 0, longest_boottime_ns),
          from.at(2).get<std::string>()};
}

json write(const std::optional<Moment>& moment) { return moment ? write(*moment) : json(); }

std::optional<Moment> read_optional(const json& from) { return from.is_null() ? std::nullopt : std::optional(read_moment(from)); }

std::string name_of(base::Outcome level) { return std::string(base::row_of(level).name); }

base::Outcome read_level(const json& from) {
  const auto name = from.get<std::string>();
  for (const auto level : {base::Outcome::ok, base::Outcome::unknown, base::Outcome::warning, base::Outcome::critical}) {
    if (name_of(level) == name) return level;
  }
  throw std::invalid_argument("level");
}

json write(const Memory& memory) {
  return {{"phase", memory.phase},
          {"since", write(memory.since)},
          {"level", name_of(memory.level)},
          {"exceeded_since", write(memory.exceeded_since)},
          {"exceeded_last", write(memory.exceeded_last)},
          {"clean_runs", memory.clean_runs},
          {"told", memory.told ? json{{"level", name_of(memory.told->level)}, {"at", write(memory.told->at)}} : json()},
          {"history", memory.history},
          {"flapping", memory.flapping},
          {"flapping_told", memory.flapping_told}};
}

Memory read_memory(const json& from) {
  Memory memory;
  memory.phase = from.at("phase").get<std::string>();
  memory.since = read_moment(from.at("since"));
  memory.level = read_level(from.at("level"));
  memory.exceeded_since = read_optional(from.at("exceeded_since"));
  memory.exceeded_last = read_optional(from.at("exceeded_last"));
  memory.clean_runs = static_cast<int>(read_number(from.at("clean_runs"), 0, most_clean_runs));
  if (const auto& told = from.at("told"); !told.is_null()) memory.told = Told{read_level(told.at("level")), read_moment(told.at("at"))};
  memory.history = from.at("history").get<std::string>();
  memory.flapping = from.at("flapping").get<bool>();
  memory.flapping_told = from.at("flapping_told").get<bool>();
  return memory;
}

// Too large, a link, a pipe, a folder: this program has not written it.
bool is_not_ours(const std::error_code& code) {
  return code == std::errc::file_too_large || code == std::errc::too_many_symbolic_link_levels || code == std::errc::invalid_argument ||
         code == std::errc::no_such_device_or_address;
}

std::string reason_of(const std::exception& e) {
  const auto* error = dynamic_cast<const std::system_error*>(&e);
  return error == nullptr ? "unexpected content" : error->code().message();
}

}  // namespace

std::string to_json(const State& state) {
  json object{{"v", version}, {"source", state.source}, {"memories", json::object()}, {"samples", json::object()}};
  for (const auto& [key, memory] : state.memories) object["memories"][key] = write(memory);
  for (const auto& [metric, samples] : state.samples) {
    auto& list = object["samples"][metric] = json::array();
    for (const auto& sample : samples) list.push_back({{"at", write(sample.at)}, {"value", sample.value}});
  }
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<State> from_json(std::string_view text) {
  try {
    const auto object = json::parse(text);
    if (object.at("v") != version) return std::nullopt;
    State state;
    state.source = object.at("source").get<std::string>();
    for (const auto& [key, memory] : object.at("memories").items()) state.memories.emplace(key, read_memory(memory));
    for (const auto& [metric, samples] : object.at("samples").items()) {
      auto& list = state.samples[metric];
      for (const auto& sample : samples) list.push_back({read_moment(sample.at("at")), sample.at("value").get<double>()});
    }
    return state;
  } catch (const std::exception&) {
    return std::nullopt;  // whatever is wrong with it, it is damaged
  }
}

StateFile::StateFile(const std::string& folder, const std::string& name) : path_(folder + "/" + name + ".json") {
  const auto lock = folder + "/" + name + ".lock";
  lock_ = base::Fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock_) {
    refuse(std::generic_category().message(errno));
  } else if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    opened_ = Opened::busy;
  } else {
    read();
  }
}

void StateFile::refuse(std::string problem) {
  opened_ = Opened::unusable;
  problem_ = std::move(problem);
}

void StateFile::read() {
  std::string text;
  try {
    text = base::read_regular_file(path_, limit, base::Links::refused).content;
  } catch (const std::system_error& e) {
    if (e.code() == std::errc::no_such_file_or_directory) return;  // the first run
    if (!is_not_ours(e.code())) return refuse(reason_of(e));
  }
  if (auto read = from_json(text)) {
    state_ = std::move(*read);
    return;
  }
  opened_ = Opened::damaged;
  problem_ = "set aside as " + path_ + ".damaged";
  if (::rename(path_.c_str(), (path_ + ".damaged").c_str()) != 0) refuse(std::generic_category().message(errno));
}

bool StateFile::save() {
  if (opened_ == Opened::busy || opened_ == Opened::unusable) return false;
  try {
    base::replace_file(path_, to_json(state_), 0600, true);
    return true;
  } catch (const std::system_error& e) {
    refuse(reason_of(e));
    return false;
  }
}

}  // namespace watch
