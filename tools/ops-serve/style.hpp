// The style sheet of the status page. It stands in the page, so its digest is what Content-Security-Policy lets in.
#pragma once

#include <string_view>

std::string_view style_sheet();
