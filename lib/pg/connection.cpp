#include "pg/connection.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>

#include "base/text.hpp"
#include "base/thread.hpp"

namespace pg {
namespace {

// On top of the server's own timeout: long enough for its answer to arrive.
constexpr base::Milliseconds client_margin{5000};

constexpr Statement begin{"begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"};
constexpr Statement commit_statement{"commit", "COMMIT"};
constexpr Statement rollback{"rollback", "ROLLBACK"};
// SET takes no parameters, set_config does. Local to the transaction: a pooled session must not keep it.
// jit: compiling took 400 ms before each metrics snapshot, which then ran for 20.
// enable_mergejoin: to judge one, the planner reads both ends of an index, which at a queue are full of dead entries.
constexpr Statement configure{
    "configure",
    "SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $1, true), set_config('jit', 'off', true),"
    " set_config('enable_mergejoin', 'off', true), pg_backend_pid()"};
constexpr Statement relax{"relax", "SET LOCAL synchronous_commit TO off"};
// A plan that is kept must be as good when the tables are full as it is now that they may be empty: by index or by place.
constexpr Statement configure_plans{"configure_plans",
                                    "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),"
                                    " set_config('enable_bitmapscan', 'off', true)"};

// What goes around a batch.
bool is_ours(const Statement& statement) {
  return std::ranges::any_of(std::array{begin, configure, relax, configure_plans, commit_statement},
                             [&](const auto& ours) { return ours.text == statement.text; });
}

// What a kept plan may meet that the statement itself would not: it is gone, it is there already, or the tables have changed.
bool is_about_plans(std::string_view sqlstate) { return sqlstate == "26000" || sqlstate == "42P05" || sqlstate == "0A000"; }

// What we set unless the URI does. Dead peers are noticed within about half a minute.
constexpr auto defaults = std::to_array<std::pair<const char*, const char*>>({
    {"target_session_attrs", "read-write"},
    {"gssencmode", "disable"},  // asking for a Kerberos ticket can block, and costs every start
    {"client_encoding", "UTF8"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
});

void ignore_notice(void* /*unused*/, const PGresult* /*unused*/) {}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

using ConnInfo = std::unique_ptr<PQconninfoOption, FreeOptions>;

ConnInfo parse(const std::string& url) {
  char* message = nullptr;
  ConnInfo info(PQconninfoParse(url.c_str(), &message));
  PQfreemem(message);
  return info;
}

std::string at(const std::vector<std::string_view>& list, std::size_t index) {
  if (list.empty()) return {};
  return std::string(index < list.size() ? list[index] : list.back());
}

}  // namespace

std::optional<std::string> check_url(std::string_view url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return "does not begin with postgresql://";
  if (!parse(std::string(url))) return "libpq cannot read it";
  return std::nullopt;
}

Connection::Handle Connection::connect_host(const std::vector<const char*>& keywords, const std::vector<const char*>& values, base::Deadline deadline,
                                            const std::string& where) {
  Handle conn(PQconnectStartParams(keywords.data(), values.data(), 0), PQfinish);
  if (!conn) throw connect_failure("", where);
  PQsetErrorVerbosity(conn.get(), PQERRORS_SQLSTATE);  // the server's words may be translated, its code is not
  PQsetNoticeReceiver(conn.get(), ignore_notice, nullptr);
  auto wanted = PGRES_POLLING_WRITING;
  while (PQstatus(conn.get()) != CONNECTION_BAD) {
    if (deadline.over()) throw connect_failure("timeout expired", where);
    pollfd ready{PQsocket(conn.get()), static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (poll(&ready, 1, static_cast<int>(deadline.left().count())) <= 0) continue;
    wanted = PQconnectPoll(conn.get());
    if (wanted == PGRES_POLLING_OK) return conn;
    if (wanted == PGRES_POLLING_FAILED) break;
  }
  throw connect_failure(PQerrorMessage(conn.get()), where);
}

std::unique_ptr<Connection> Connection::open(const Options& options) {
  const auto info = parse(options.url);
  std::map<std::string, std::string> given;
  for (const auto* option = info.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) given[option->keyword] = option->val;
  }
  for (const auto& [keyword, value] : defaults) given.try_emplace(keyword, value);
  given.try_emplace("application_name", options.application_name);
  // One host at a time, so that each has a deadline of its own: a host that swallows packets must not use up the others' time.
  const auto host_list = given["host"];
  const auto address_list = given["hostaddr"];
  const auto port_list = given["port"];
  const auto hosts = base::split(host_list, ',');
  const auto addresses = base::split(address_list, ',');
  const auto ports = base::split(port_list, ',');
  const auto count = std::max<std::size_t>({hosts.size(), addresses.size(), 1});
  std::optional<Failure> failure;
  for (std::size_t i = 0; i < count; ++i) {
    given["host"] = at(hosts, i);
    given["hostaddr"] = at(addresses, i);
    given["port"] = at(ports, i);
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : given) {
      if (value.empty()) continue;
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    try {
      auto conn = connect_host(keywords, values, base::Deadline(options.connect_timeout), count == 1 ? "the host" : fmt::format("host {} of {}", i + 1, count));
      PQsetnonblocking(conn.get(), 1);
      if (PQenterPipelineMode(conn.get()) != 1) throw lost_connection("connect");
      return std::unique_ptr<Connection>(new Connection(std::move(conn), options));
    } catch (const Failure& f) {
      if (failure) {
        failure->detail += "; " + f.detail;
        failure->reason = f.reason;
      } else {
        failure = f;
      }
    }
  }
  throw Failure(*failure);
}

const Connection::Plan* Connection::plan_of(const Statement& statement) {
  if (!planned_ || commit_ == Commit::separate) return nullptr;
  // What is sent only once is not worth keeping.
  const auto [at, first] = plans_.try_emplace(statement.text);
  auto& plan = at->second;
  if (first) {
    plan.name = fmt::format("{}_{}", statement.name, plans_.size());
    return nullptr;
  }
  if (!plan.kept) {
    if (PQsendPrepare(conn_.get(), plan.name.c_str(), statement.text, 0, nullptr) != 1) lose(statement.name);
    plan.kept = true;  // for what follows it in the batch, too: where it fails, that is skipped
    expected_.push_back({&statement, true});
  }
  return &plan;
}

void Connection::send(const Batch::Item& item) {
  const auto given = item.params.arguments();
  const auto* plan = plan_of(item.statement);
  expected_.push_back({&item.statement, false, plan != nullptr});
  if (plan != nullptr) {
    if (PQsendQueryPrepared(conn_.get(), plan->name.c_str(), item.params.count(), given.values.data(), given.lengths.data(), given.formats.data(), 0) != 1)
      lose(item.statement.name);
  } else if (PQsendQueryParams(conn_.get(), item.statement.text, item.params.count(), nullptr, given.values.data(), given.lengths.data(), given.formats.data(),
                               0) != 1) {
    lose(item.statement.name);
  }
}

void Connection::sync() {
  if (PQpipelineSync(conn_.get()) != 1) lose("sync");
  ++syncs_;
}

void Connection::start(Batch batch, Commit commit) {
  commit_ = commit;
  sent_.clear();
  results_.clear();
  expected_.clear();
  failure_.reset();
  syncs_ = 0;
  busy_ = true;
  deadline_.emplace(statement_timeout_ + client_margin);
  // The settings of the one are not for the others.
  planned_ = direct_ && std::ranges::all_of(batch.items, [](const auto& item) { return item.statement.one_plan; });
  if (commit == Commit::separate) {
    sent_ = std::move(batch.items);
    for (const auto& item : sent_) {
      send(item);
      sync();
    }
  } else {
    sent_.reserve(batch.items.size() + 5);
    sent_.push_back({begin, Params()});
    sent_.push_back({configure, Params().add(statement_timeout_.count())});
    if (commit == Commit::relaxed) sent_.push_back({relax, Params()});
    if (planned_) sent_.push_back({configure_plans, Params()});
    std::ranges::move(batch.items, std::back_inserter(sent_));
    sent_.push_back({commit_statement, Params()});
    for (const auto& item : sent_) send(item);
    sync();
  }
  flush();
}

void Connection::flush() {
  const int rest = PQflush(conn_.get());
  if (rest < 0) lose("send");
  need_flush_ = rest == 1;
}

short Connection::events() const { return static_cast<short>(POLLIN | (need_flush_ ? POLLOUT : 0)); }

void Connection::lose(std::string_view during) {
  busy_ = false;
  throw lost_connection(during);
}

void Connection::handle(PGresult* raw) {
  Result result(raw);
  const auto status = PQresultStatus(raw);
  if (status == PGRES_PIPELINE_SYNC) {
    --syncs_;
    return;
  }
  if (expected_.empty()) return;
  const auto expected = expected_.front();
  expected_.pop_front();
  if (commit_ == Commit::separate) {
    results_.push_back(std::move(result));
    return;
  }
  if (expected.preparing) {
    plans_[expected.statement->text].kept = result.ok();
    if (result.ok()) return;
  }
  if (!result.ok()) {
    if (failure_ || status == PGRES_PIPELINE_ABORTED) return;
    failure_ = failure_of(raw, expected.statement->name);
    // A new connection begins without plans.
    if ((expected.preparing || expected.planned) && is_about_plans(failure_->sqlstate)) failure_ = lost_connection(expected.statement->name);
    return;
  }
  if (keep_plans_ && expected.statement->text == configure.text) direct_ = result.integer(0, result.columns() - 1) == PQbackendPID(conn_.get());
  if (!is_ours(*expected.statement)) results_.push_back(std::move(result));
}

bool Connection::pump() {
  if (!busy_) return true;
  if (need_flush_) flush();
  if (PQconsumeInput(conn_.get()) != 1) lose("read");
  while (syncs_ > 0 && PQisBusy(conn_.get()) == 0) {
    PGresult* raw = PQgetResult(conn_.get());
    // Null only separates the results of one statement from the next.
    if (raw != nullptr) handle(raw);
    if (PQstatus(conn_.get()) == CONNECTION_BAD) lose("read");
  }
  if (syncs_ > 0) {
    if (deadline_->over()) lose("wait");
    return false;
  }
  if (failure_ && !failure_->lost && PQtransactionStatus(conn_.get()) != PQTRANS_IDLE && commit_ != Commit::separate) {
    // The COMMIT of a failed pipeline is skipped: the transaction is still open.
    commit_ = Commit::separate;
    sent_.assign(1, {rollback, {}});
    send(sent_.front());
    sync();
    flush();
    return false;
  }
  busy_ = false;
  if (failure_) throw Failure(*failure_);
  return true;
}

std::vector<Result> Connection::run(Batch batch, Commit commit) {
  start(std::move(batch), commit);
  while (!pump()) {
    pollfd ready{fd(), events(), 0};
    poll(&ready, 1, static_cast<int>(deadline_->left().count()));
  }
  return take();
}

std::optional<std::pair<std::string, std::string>> Connection::notification() {
  const std::unique_ptr<PGnotify, decltype(&PQfreemem)> notify(PQnotifies(conn_.get()), PQfreemem);
  if (!notify) return std::nullopt;
  return std::pair<std::string, std::string>(notify->relname, notify->extra);
}

bool Connection::listen() { return PQconsumeInput(conn_.get()) == 1 && PQstatus(conn_.get()) == CONNECTION_OK; }

struct Connector::State {
  base::Fd event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<bool> done = false;
  std::unique_ptr<Connection> connection;
  std::optional<Failure> failure;
};

Connector::Connector(const Options& options)
    : state_(std::make_shared<State>()), thread_([state = state_, options] {
        try {
          state->connection = Connection::open(options);
        } catch (const Failure& failure) {
          state->failure = failure;
        }
        state->done.store(true, std::memory_order_release);
        eventfd_write(state->event.get(), 1);
      }) {}

Connector::~Connector() {
  // One that has an outcome is waited for: it still gives up what libraries keep for each thread.
  if (thread_.joinable() && !done()) base::let_go(std::move(thread_));
}

int Connector::fd() const { return state_->event.get(); }
bool Connector::done() const { return state_->done.load(std::memory_order_acquire); }

std::unique_ptr<Connection> Connector::take() {
  // A readable descriptor alone does not make visible here what the thread wrote.
  if (!done()) return nullptr;
  if (state_->failure) throw Failure(*state_->failure);
  return std::move(state_->connection);
}

}  // namespace pg
