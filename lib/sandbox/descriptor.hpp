// Whole contents of open files, without a path.
#pragma once

#include <string>
#include <string_view>

namespace sandbox {

// From the beginning to the size that the file has now; shorter when it is cut off meanwhile, or cannot be read.
std::string read_all(int fd);
bool write_all(int fd, std::string_view text);

}  // namespace sandbox
