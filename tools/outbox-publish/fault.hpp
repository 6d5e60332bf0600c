#pragma once

#include <fmt/format.h>

#include <string>

#include "base/error.hpp"

// Why we refuse to send, as an error: no event is charged for it.
inline base::Error own_fault(const std::string& reason, const std::string& endpoint) {
  if (reason == "address_blocked") {
    return {base::Outcome::runtime_error, "the webhook's address is private",
            fmt::format("{} resolves to loopback, private or link-local addresses only", endpoint),
            "set WEBHOOK_ALLOW_PRIVATE=true if that is meant, or correct WEBHOOK_URL"};
  }
  return {base::Outcome::runtime_error, "the certificates of WEBHOOK_CA_FILE cannot be used", reason, "name a PEM file with at least one certificate"};
}
