// Findings for people.
#pragma once

#include <string>
#include <vector>

#include "finding.hpp"

// In columns, worst first; below each that is not ok what to do.
std::string table(std::vector<Finding> findings);
