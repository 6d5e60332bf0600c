// The heartbeat file of a runner: RUN_DIR/NAME.last, replaced atomically after every pass.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.hpp"

namespace app {

class Heartbeat {
 public:
  // `instance` empty: NAME.last, else NAME@INSTANCE.last.
  Heartbeat(std::string name, const std::string& run_dir, const std::string& instance);

  struct Pass {
    bool success = false;    // it completed work, or found none
    std::uint64_t done = 0;  // since the start of the process
    std::int64_t backlog = 0;
    bool stopped = false;
  };
  // Returns false when the file could not be written: work goes on without.
  bool write(const Pass& pass);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::string name_;
  std::filesystem::path path_;
  std::string boot_id_;
  base::WallTime started_;
  std::string last_success_;  // kept from the file of the process before: a tick does not live long
  std::uint64_t loops_ = 0;
};

}  // namespace app
