// What can go wrong between us and PostgreSQL.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace pg {

// Carries SQLSTATE, severity and constraint name and never the server's message: that may quote bound values.
struct Failure : base::Error {
  Failure(base::Outcome outcome_, std::string error_, std::string detail_, std::string hint_, std::string sqlstate_, bool lost_)
      : base::Error(outcome_, std::move(error_), std::move(detail_), std::move(hint_)), sqlstate(std::move(sqlstate_)), lost(lost_) {}

  std::string sqlstate;  // empty when the server did not say one
  bool lost;             // the connection is of no more use: broken, read-only (25006) or shutting down (57P01 to 57P03)
  std::string reason;    // of a failed connection attempt, in one word: refused, timeout, tls, login_failed, read_only …; of several hosts, the last one's

  // The server refused the data of a row (SQLSTATE class 22, 23 or 54): trying again changes nothing.
  [[nodiscard]] bool is_data() const { return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54"); }
};

// The failure of a statement, from its result.
Failure failure_of(const PGresult* result, std::string_view statement);

// The failure of a connection attempt, from libpq's message, which is read for its kind and then dropped.
// `where` tells hosts apart by number, because a host name may be part of a secret URL.
Failure connect_failure(std::string_view message, std::string_view where);

Failure lost_connection(std::string_view during);

}  // namespace pg
