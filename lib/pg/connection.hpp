// One connection to PostgreSQL, driven without blocking or, by run(), with a deadline.
#pragma once

#include <libpq-fe.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "pg/error.hpp"
#include "pg/query.hpp"

namespace pg {

struct Options {
  std::string url;                              // libpq URI, may name several hosts
  std::string application_name;                 // shown in pg_stat_activity
  base::Milliseconds connect_timeout{5000};     // for each host
  base::Milliseconds statement_timeout{30000};  // for each statement, kept by the server; the client waits a little longer
  // What has but one plan is planned once, for any parameters and any state of the tables, in batches of nothing else.
  bool keep_plans = false;
};

// What is wrong with a URI, without quoting it; nullopt when libpq can read it.
std::optional<std::string> check_url(std::string_view url);

// How a batch is committed.
enum class Commit {
  durable,   // one READ COMMITTED transaction, as durable as the server is set
  relaxed,   // the same, but a crash of the server may undo it: for claims and heartbeats only
  separate,  // each statement by itself; the failure of one is in its result
};

// Keeps no session state on the server (no named statement, no SET outside a transaction) unless it has found that no pooler is
// in between: then, and on demand, plans. The destructor closes without waiting for anything in progress.
class Connection {
 public:
  // Tries each host in turn, each with the connect timeout. Blocks (libpq resolves names blocking): service
  // loops use Connector. Throws Failure.
  static std::unique_ptr<Connection> open(const Options& options);

  // Runs a batch and waits for it. Throws Failure; a transaction is then rolled back.
  std::vector<Result> run(Batch batch, Commit commit);

  // The same in steps: start, then pump whenever fd() is ready for events(), until it returns true.
  // pump throws Failure. One batch at a time.
  void start(Batch batch, Commit commit);
  bool pump();
  std::vector<Result> take() { return std::exchange(results_, {}); }
  [[nodiscard]] bool busy() const { return busy_; }

  [[nodiscard]] int fd() const { return PQsocket(conn_.get()); }
  [[nodiscard]] short events() const;

  // Channel and payload of the next notification that has arrived.
  std::optional<std::pair<std::string, std::string>> notification();
  // Reads what has arrived while no batch is in progress. False when the connection is gone.
  bool listen();
  [[nodiscard]] int backend_pid() const { return PQbackendPID(conn_.get()); }

 private:
  using Handle = std::unique_ptr<PGconn, decltype(&PQfinish)>;
  Connection(Handle conn, const Options& options) : conn_(std::move(conn)), statement_timeout_(options.statement_timeout), keep_plans_(options.keep_plans) {}
  static Handle connect_host(const std::vector<const char*>& keywords, const std::vector<const char*>& values, base::Deadline deadline,
                             const std::string& where);

  // What a result will be of.
  struct Expected {
    const Statement* statement;
    bool preparing = false;
    bool planned = false;  // by its name
  };
  // What the server knows of a statement.
  struct Plan {
    std::string name;
    bool kept = false;
  };

  void send(const Batch::Item& item);
  void sync();
  // The one that is there, or that this makes; null: it is to be sent as it is.
  const Plan* plan_of(const Statement& statement);
  void flush();
  void handle(PGresult* raw);
  [[noreturn]] void lose(std::string_view during);

  Handle conn_;
  base::Milliseconds statement_timeout_;
  bool keep_plans_;
  bool planned_ = false;               // the batch under way goes by kept plans
  bool direct_ = false;                // the session is with the very process that the server named when we connected
  std::map<const char*, Plan> plans_;  // by the text, which is static; of what was sent before
  std::deque<Expected> expected_;
  std::optional<base::Deadline> deadline_;
  std::vector<Batch::Item> sent_;
  std::vector<Result> results_;
  std::optional<Failure> failure_;
  std::size_t syncs_ = 0;
  Commit commit_ = Commit::durable;
  bool busy_ = false;
  bool need_flush_ = false;
};

// Opens a connection on a thread of its own, because resolving a name blocks and cannot be cancelled.
// fd() becomes readable when there is an outcome. A connector that is dropped before that lets its thread
// go; otherwise the thread has ended when the connector has.
class Connector {
 public:
  explicit Connector(const Options& options);
  Connector(Connector&&) = default;
  ~Connector();

  [[nodiscard]] int fd() const;
  [[nodiscard]] bool done() const;
  std::unique_ptr<Connection> take();  // null before there is an outcome; throws Failure

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::jthread thread_;
};

}  // namespace pg
