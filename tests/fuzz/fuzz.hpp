// What the fuzz targets share. A target reads bytes as a stranger would send them; a broken promise traps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

inline void promise(bool kept) {
  if (!kept) __builtin_trap();
}

void fuzz(std::string_view input);

// libFuzzer's entry. Each target is a program of its own, so that this header is included once in each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
