// A heartbeat as it stands in a file, and what it means now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "watch/judge.hpp"
#include "watch/moment.hpp"

constexpr std::size_t beat_limit = 4096;

struct Beat {
  watch::Moment loop;  // without a boot_id: a bare time
  std::optional<base::WallTime> success;
  std::int64_t backlog = 0;
  bool stopped = false;
};

// The object that runners write (see 0admin-ops(7)), or a bare time: RFC 3339, or seconds or milliseconds since 1970.
std::optional<Beat> parse_beat(std::string_view text);

struct Assessment {
  std::string target;
  watch::Finding finding = watch::Finding::clear;
  std::string reason;
  std::optional<base::Milliseconds> age;          // of the last loop
  std::optional<base::Milliseconds> success_age;  // of the last success; nullopt: there was none, or it does not tell
  std::optional<std::int64_t> backlog;
  base::Milliseconds hold{0};  // how long it must be so to count
};

// Ages and backlog to a finding: the loop must be fresh, the last success only while there is work due.
// One that never succeeded is stuck once it has been seen so for max_age.
void judge_ages(Assessment& assessment, bool stopped, base::Milliseconds max_age);

// What a file, read at `now`, means.
Assessment assess(std::string_view content, const watch::Moment& now, base::Milliseconds max_age);

// What its absence means: on a host that has just been started, nothing yet.
Assessment assess_missing(std::string reason, const watch::Moment& now, base::Milliseconds max_age);
