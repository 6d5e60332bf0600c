// What a run came to, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "watch/judge.hpp"

namespace watch {

struct TableRow {
  Judged judged;
  std::string name;
  std::string about;  // what was measured
  std::string hint;   // what to do; may be empty
};

// In columns, worst first; below each row what to do.
std::string table(std::vector<TableRow> rows, const Moment& now);

// "dlq_size 3 is > 0, …" of what is not ok, worst first, for one line.
std::string one_line(const std::vector<TableRow>& rows);

}  // namespace watch
