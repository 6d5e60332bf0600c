#include "beat.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace {

using nlohmann::json;
using watch::Finding;

constexpr base::Milliseconds skew{std::chrono::seconds(5)};
constexpr std::int64_t longest_boottime_ns = 4'000'000'000'000'000'000;  // 126 years: differences of such numbers are numbers
constexpr std::int64_t milliseconds_from = 100'000'000'000;              // in seconds that would be the year 5138

std::optional<base::WallTime> read_epoch(std::string_view text) {
  const auto number = base::parse_integer(text.substr(0, text.find('.')));
  const auto fraction = text.substr(std::min(text.find('.'), text.size()));
  if (!number || *number < 0 || fraction == "." || fraction.find_first_not_of("0123456789", 1) != std::string_view::npos) return std::nullopt;
  if (*number > 1000 * milliseconds_from) return std::nullopt;
  return base::WallTime(base::Milliseconds(*number > milliseconds_from ? *number : *number * 1000));
}

std::optional<base::WallTime> read_time(const json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) return std::nullopt;
  return base::parse_time(field->get_ref<const std::string&>());
}

// Absent is zero. One that is too large for a whole number was read as a fraction, and cannot be turned back.
std::optional<std::int64_t> read_whole(const json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end()) return 0;
  return field->is_number_integer() ? std::optional(field->get<std::int64_t>()) : std::nullopt;
}

std::optional<Beat> read_object(const json& object) {
  const auto loop = read_time(object, "loop_ts");
  const auto boottime_ns = read_whole(object, "boottime_ns");
  const auto backlog = read_whole(object, "backlog");
  if (read_whole(object, "v") != 1 || !loop || !boottime_ns || !backlog) return std::nullopt;
  Beat beat;
  beat.loop.wall = *loop;
  beat.loop.boot_id = object.value("boot_id", "");
  beat.loop.boottime_ns = *boottime_ns;
  if (beat.loop.boottime_ns < -longest_boottime_ns || beat.loop.boottime_ns > longest_boottime_ns) return std::nullopt;
  beat.success = read_time(object, "last_success_ts");
  beat.backlog = *backlog;
  beat.stopped = object.value("state", "") == "stopped";
  return beat;
}

}  // namespace

std::optional<Beat> parse_beat(std::string_view text) {
  const auto trimmed = base::trim(text);
  if (!trimmed.starts_with('{')) {
    const auto time = trimmed.find_first_not_of("0123456789.") == std::string_view::npos ? read_epoch(trimmed) : base::parse_time(trimmed);
    if (!time) return std::nullopt;
    return Beat{{*time, 0, {}}, time, 0, false};
  }
  try {
    return read_object(json::parse(trimmed));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

void judge_ages(Assessment& a, bool stopped, base::Milliseconds max_age) {
  if (*a.age < -skew) {
    a.finding = Finding::undetermined;
    a.reason = "clock_skew";
    a.age.reset();
    a.success_age.reset();
    return;
  }
  a.age = std::max(*a.age, base::Milliseconds(0));
  if (a.success_age) a.success_age = std::max(*a.success_age, base::Milliseconds(0));
  if (*a.age > max_age) {
    a.finding = Finding::exceeded;
    a.reason = stopped ? "stopped" : "loop_stale";
  } else if (a.backlog.value_or(0) > 0 && (!a.success_age || *a.success_age > max_age)) {
    a.finding = Finding::exceeded;
    a.reason = "stuck";
    if (!a.success_age) a.hold = max_age;
  }
}

Assessment assess_missing(std::string reason, const watch::Moment& now, base::Milliseconds max_age) {
  Assessment a;
  const bool starting = now.boottime_ns < std::chrono::nanoseconds(max_age).count();
  a.finding = starting ? Finding::no_data : Finding::exceeded;
  a.reason = starting ? "starting" : std::move(reason);
  return a;
}

Assessment assess(std::string_view content, const watch::Moment& now, base::Milliseconds max_age) {
  Assessment a;
  const auto beat = parse_beat(content);
  if (!beat) {
    a.finding = Finding::undetermined;
    a.reason = "invalid";
    return a;
  }
  const bool bare = beat->loop.boot_id.empty();
  if (!bare && beat->loop.boot_id != now.boot_id) return assess_missing("before_boot", now, max_age);
  a.age = bare ? now.wall - beat->loop.wall : std::chrono::floor<base::Milliseconds>(std::chrono::nanoseconds(now.boottime_ns - beat->loop.boottime_ns));
  // Both times are of the process that wrote them, so a clock that was set since does not count.
  if (beat->success && !bare) a.success_age = *a.age + (beat->loop.wall - *beat->success);
  if (!bare) a.backlog = beat->backlog;
  judge_ages(a, beat->stopped, max_age);
  if (bare && a.finding == Finding::exceeded && *a.age > std::chrono::nanoseconds(now.boottime_ns)) return assess_missing("before_boot", now, max_age);
  return a;
}
