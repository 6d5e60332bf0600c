// The one exception of this project: thrown where the cause is known, caught by app::guard.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "base/outcome.hpp"

namespace base {

// Cannot go on. `error` says what (lower case, no full stop), `detail` what was seen, `hint` what to do.
// None of the three may hold a payload, a secret, a header value or a bound parameter.
// Expected outcomes (nothing due, a refused delivery) are return values, never this.
struct Error : std::exception {
  Error(Outcome outcome_, std::string error_, std::string detail_ = {}, std::string hint_ = {})
      : outcome(outcome_), error(std::move(error_)), detail(std::move(detail_)), hint(std::move(hint_)) {}

  [[nodiscard]] const char* what() const noexcept override { return error.c_str(); }

  Outcome outcome;
  std::string error;
  std::string detail;
  std::string hint;
};

}  // namespace base
