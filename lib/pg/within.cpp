#include "pg/within.hpp"

#include <poll.h>

namespace pg {

std::unique_ptr<Connection> open_within(const Options& options, base::Deadline deadline) {
  Connector connector(options);
  pollfd ready{connector.fd(), POLLIN, 0};
  while (!connector.done()) {
    if (deadline.over()) throw connect_failure("timeout expired", "the database");
    poll(&ready, 1, static_cast<int>(deadline.left().count()));
  }
  return connector.take();
}

std::vector<Result> run_within(Connection& db, Batch batch, Commit commit, base::Deadline deadline) {
  db.start(std::move(batch), commit);
  while (!db.pump()) {
    if (deadline.over()) throw connect_failure("timeout expired", "the database");
    pollfd ready{db.fd(), db.events(), 0};
    poll(&ready, 1, static_cast<int>(deadline.left().count()));
  }
  return db.take();
}

}  // namespace pg
