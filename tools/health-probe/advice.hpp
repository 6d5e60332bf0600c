// What to do about a finding.
#pragma once

#include <string_view>

// Empty for a reason that asks for nothing, or that nobody can help with.
std::string_view advice_for(std::string_view reason);
