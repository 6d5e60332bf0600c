// Dead letters named on standard input.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The id in a line: a UUID, or the `id` of an `item` line. An empty line and a summary have none. Throws std::invalid_argument
// with what is wrong, which does not quote the line.
std::optional<std::string> id_of(std::string_view line);

// Appends the ids of all lines, each once. False when `stop_fd` became readable before the end. Throws base::Error: the number of a
// bad line, or more than 100000 ids.
bool read_ids(int fd, int stop_fd, std::vector<std::string>& into);
