#include "app/heartbeat.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.hpp"
#include "emit/json.hpp"

namespace app {

Heartbeat::Heartbeat(std::string name, const std::string& run_dir, const std::string& instance)
    : name_(std::move(name)),
      path_(std::filesystem::path(run_dir) / (instance.empty() ? name_ + ".last" : fmt::format("{}@{}.last", name_, instance))),
      boot_id_(base::boot_id()),
      started_(base::wall_now()) {
  try {
    const auto before = nlohmann::json::parse(base::read_file(path_, 4096), nullptr, false);
    if (before.is_object() && before.value("v", 0) == 1) last_success_ = before.value("last_success_ts", "");
  } catch (const std::exception&) {
    last_success_.clear();  // none before, or none of ours
  }
}

bool Heartbeat::write(const Pass& pass) {
  const auto now = base::wall_now();
  ++loops_;
  if (pass.success) last_success_ = base::iso8601(now);
  std::string line = R"({"v":1,"name":)";
  emit::append_string(line, name_);
  line += fmt::format(R"(,"state":"{}","loop_ts":"{}","last_success_ts":)", pass.stopped ? "stopped" : "running", base::iso8601(now));
  if (last_success_.empty()) {
    line += "null";
  } else {
    emit::append_string(line, last_success_);
  }
  line += fmt::format(R"(,"started_ts":"{}","loops":{},"done":{},"backlog":{},"pid":{},"boot_id":"{}","boottime_ns":{}}})", base::iso8601(started_), loops_,
                      pass.done, pass.backlog, getpid(), boot_id_, base::Boottime::now().time_since_epoch().count());
  line += '\n';
  try {
    base::replace_file(path_, line, 0640, false);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace app
