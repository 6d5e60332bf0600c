#include "base/clock.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>

namespace base {
namespace {

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || text.substr(0, count).find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + count, value);
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return std::chrono::minutes(0);
  const bool west = text.starts_with('-');
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  const bool colon = take(text, ":");
  const auto minutes = take_digits(text, 2);
  if (!hours || !colon || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

}  // namespace

Boottime::time_point Boottime::now() noexcept {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

WallTime wall_now() { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); }

std::string iso8601(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  // By hand: two times in each event that is delivered, laid out by a library, were a twelfth of what it cost the publisher.
  const auto put = [&text](std::size_t end, std::int64_t number) {
    for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
  };
  put(4, std::clamp(static_cast<int>(date.year()), 0, 9999));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, clock.hours().count());
  put(16, clock.minutes().count());
  put(19, clock.seconds().count());
  put(23, clock.subseconds().count());
  return text;
}

std::optional<WallTime> parse_time(std::string_view text) {
  const auto year = take_digits(text, 4);
  const bool dash = take(text, "-");
  const auto month = take_digits(text, 2);
  const bool second_dash = take(text, "-");
  const auto day = take_digits(text, 2);
  const bool middle = take(text, "Tt ");
  const auto hour = take_digits(text, 2);
  const bool colon = take(text, ":");
  const auto minute = take_digits(text, 2);
  const bool second_colon = take(text, ":");
  const auto second = take_digits(text, 2);
  if (!year || !dash || !month || !second_dash || !day || !middle || !hour || !colon || !minute || !second_colon || !second) return std::nullopt;
  int milliseconds = 0;
  if (take(text, ".")) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return std::nullopt;
    for (std::size_t i = 0; i < 3; ++i) milliseconds = milliseconds * 10 + (i < digits ? text[i] - '0' : 0);
    text.remove_prefix(digits);
  }
  const auto offset = take_offset(text);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // A leap second, 60, is that of the minute after.
  if (!offset || !text.empty() || !date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) + Milliseconds(milliseconds) -
         *offset;
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

Milliseconds Deadline::left() const {
  const auto rest = std::chrono::ceil<Milliseconds>(at_ - Boottime::now());
  return rest.count() > 0 ? rest : Milliseconds(0);
}

}  // namespace base
