// The status page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "view.hpp"
#include "words.hpp"

// Something that needs somebody, and what to do about it.
struct Concern {
  std::string what;
  std::string todo;
};

// The most urgent first; empty when all is well.
std::vector<Concern> concerns_of(const View& view, const Words& words);

std::string_view style_sheet();
std::string render_page(const View& view, const Words& words, std::string_view version, base::WallTime now);
