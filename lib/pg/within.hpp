// The database under a deadline of the caller's, whatever hangs: a resolver, a host that swallows packets, a lock.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "pg/connection.hpp"

namespace pg {

// As Connection::open. Throws Failure with the reason timeout when the deadline is over; what hangs then is left to its thread.
std::unique_ptr<Connection> open_within(const Options& options, base::Deadline deadline);

// As Connection::run. After a timeout the connection is of no more use.
std::vector<Result> run_within(Connection& db, Batch batch, Commit commit, base::Deadline deadline);

}  // namespace pg
