// The probes that ask PostgreSQL.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config.hpp"
#include "finding.hpp"

// Logs in and asks whether it may write.
Finding probe_database(const Config& config, base::Deadline deadline);

// Our own schema, and the application's when --app-head names it.
std::vector<Finding> probe_schema(const Config& config, base::Deadline deadline);

// at_head, behind, ahead or diverged.
Finding judge_changes(const std::vector<std::string>& deployed, const std::vector<std::string>& expected);

// `heads` is what app_heads.sql yields.
Finding judge_app_heads(const std::optional<std::string>& heads, std::vector<std::string> expected);
