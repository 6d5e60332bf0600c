#include "watch/moment.hpp"

namespace watch {

Moment Moment::now() { return {base::wall_now(), base::Boottime::now().time_since_epoch().count(), base::boot_id()}; }

std::optional<base::Milliseconds> elapsed(const Moment& then, const Moment& now) {
  const bool same_boot = !now.boot_id.empty() && then.boot_id == now.boot_id;
  const auto passed = same_boot ? std::chrono::floor<base::Milliseconds>(std::chrono::nanoseconds(now.boottime_ns - then.boottime_ns)) : now.wall - then.wall;
  if (passed.count() < 0) return std::nullopt;
  return passed;
}

}  // namespace watch
