// The status page.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "view.hpp"
#include "words.hpp"

std::string render_page(const View& view, const Words& words, std::string_view version, base::WallTime now);
