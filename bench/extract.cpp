// Reads documents in this process, without the walls of inbox-extract: valgrind knows neither Landlock nor seccomp.
//
//   bench-extract FILE…
#include "extract/extract.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) return 1;
    const std::string document(std::istreambuf_iterator<char>(file), {});
    fmt::print("{}\n", extract::result_json(extract::extract(document, "")));
  }
}
