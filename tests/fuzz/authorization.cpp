// The Authorization header of ops-serve: nothing but the token opens.
#include <string>

#include "answer.hpp"
#include "base/digest.hpp"
#include "base/text.hpp"
#include "fuzz.hpp"

void fuzz(std::string_view input) {
  const std::string token = "Zc3Q0mXkq7Vt1yLh";
  if (!authorized(input, {token})) return;
  const bool bearer = input.find(token) != std::string_view::npos;
  const auto trimmed = base::trim(input);
  const auto blank = trimmed.rfind(' ');
  const auto basic = blank == std::string_view::npos ? std::nullopt : base::base64_decode(base::trim(trimmed.substr(blank + 1)));
  promise(bearer || (basic && basic->ends_with(":" + token)));
}
