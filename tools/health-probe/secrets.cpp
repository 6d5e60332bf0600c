#include "secrets.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "config/catalog.hpp"

namespace {

using namespace std::chrono_literals;

// Secrets are rotated every quarter, with a fortnight to do it in.
constexpr std::int64_t warn_days = 76;
constexpr auto skew = 5s;

std::string value_of(const config::Environment& environment, const std::string& name) {
  const auto at = environment.find(name);
  return at == environment.end() ? std::string() : at->second;
}

bool is_credential(const config::Row& row, const config::Environment& environment) {
  const auto folder = value_of(environment, "CREDENTIALS_DIRECTORY");
  struct stat status {};
  return !folder.empty() && (stat((folder + "/" + base::lower(row.name)).c_str(), &status) == 0 || errno != ENOENT);
}

Finding judge(const std::string& path, base::WallTime now) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return found("secrets", base::Outcome::unknown, errno == ENOENT ? "missing" : "unreadable");
  const base::WallTime written{std::chrono::seconds(status.st_mtim.tv_sec)};
  if (written > now + skew) return found("secrets", base::Outcome::unknown, "from_the_future");
  const auto age = std::chrono::floor<std::chrono::days>(std::max(now, written) - written).count();
  auto finding = age >= warn_days ? found("secrets", base::Outcome::warning, "rotation_due") : found("secrets", base::Outcome::ok, "fresh");
  finding.line.age_days = age;
  return finding;
}

}  // namespace

std::vector<Finding> probe_secrets(const config::Environment& environment, base::WallTime now) {
  std::vector<Finding> findings;
  for (const auto& row : config::catalog()) {
    if (!row.secret) continue;
    const auto path = value_of(environment, std::string(row.name) + "_FILE");
    const bool copy = is_credential(row, environment);
    if (!copy && path.empty()) continue;
    findings.push_back(copy ? found("secrets", base::Outcome::skipped, "systemd_copy") : judge(path, now));
    findings.back().line.target = row.name;
  }
  if (findings.empty()) findings.push_back(found("secrets", base::Outcome::skipped, "no_files"));
  return findings;
}
