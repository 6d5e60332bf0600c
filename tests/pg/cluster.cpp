#include "pg/cluster.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace cluster {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto patience = 60s;

std::string quoted(const std::string& text) { return "'" + text + "'"; }

// PostgreSQL refuses to run as root.
const passwd* server_user() {
  static const passwd* const user = [] {
    const passwd* found = getpwnam("postgres");
    return found != nullptr ? found : getpwnam("nobody");
  }();
  return user;
}

void become_server_user() {
  if (geteuid() != 0) return;
  const auto* user = server_user();
  if (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
}

fs::path find_binaries() {
  std::vector<fs::path> folders;
  std::stringstream path(std::getenv("PATH") == nullptr ? "" : std::getenv("PATH"));
  for (std::string folder; std::getline(path, folder, ':');) folders.emplace_back(folder);
  std::vector<fs::path> versions;
  if (fs::exists("/usr/lib/postgresql")) {
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql")) versions.push_back(entry.path() / "bin");
  }
  std::ranges::sort(versions, std::greater());
  folders.insert(folders.begin(), versions.begin(), versions.end());
  for (const auto& folder : folders) {
    if (fs::exists(folder / "initdb") && fs::exists(folder / "postgres")) return folder;
  }
  throw std::runtime_error("no initdb and postgres found: install the PostgreSQL server");
}

pid_t start(const std::vector<std::string>& command, const std::string& log, bool server) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  if (server) {
    become_server_user();
    prctl(PR_SET_PDEATHSIG, SIGQUIT);  // whatever ends the tests ends the server
    if (getppid() != parent) _exit(126);
  }
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

// Removes the folder when this process has ended, in whatever way. Returns the descriptor whose closing tells.
int remove_at_the_end(const fs::path& folder, pid_t& watcher) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  watcher = fork();
  if (watcher != 0) {
    close(ends[0]);
    return ends[1];
  }
  setsid();  // an interrupt from the terminal is not for this one
  close(ends[1]);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, fd);
  char unused = 0;
  while (read(ends[0], &unused, 1) < 0) {
  }
  for (int i = 0; i < 200 && fs::exists(folder); ++i) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    std::this_thread::sleep_for(50ms);  // the server may be writing its last
  }
  _exit(0);
}

class Cluster {
 public:
  Cluster() : binaries_(find_binaries()) {
    auto name = (fs::temp_directory_path() / "ops-pg-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    alive_ = remove_at_the_end(folder_, watcher_);
    if (geteuid() == 0 && chown(name.c_str(), server_user()->pw_uid, server_user()->pw_gid) != 0) throw std::runtime_error("chown failed");
    const auto data = (folder_ / "data").string();
    command({(binaries_ / "initdb").string(), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}, true);
    // One login that needs its password; everybody else is let in.
    std::ofstream(data + "/pg_hba.conf") << "local all locked scram-sha-256\nlocal all all trust\n";
    server_ = start({(binaries_ / "postgres").string(), "-D", data, "-k", folder_.string(), "-c", "listen_addresses=", "-c", "fsync=off", "-c",
                     "max_connections=60", "-c", "shared_buffers=128MB", "-c", "autovacuum=off", "-c", "jit=off", "-c", "unix_socket_permissions=0777"},
                    log(), true);
    fs::permissions(folder_, fs::perms::owner_all | fs::perms::group_all | fs::perms::others_all);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (PQping(("host=" + quoted(folder_.string()) + " dbname=postgres user=postgres").c_str()) != PQPING_OK) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the server does not start: " + read(log()));
      std::this_thread::sleep_for(20ms);
    }
  }
  ~Cluster() {
    kill(server_, SIGQUIT);
    waitpid(server_, nullptr, 0);
    close(alive_);
    waitpid(watcher_, nullptr, 0);
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Runs a program and returns what it printed; throws when it fails.
  std::string command(const std::vector<std::string>& words, bool as_server_user = false) const {
    const auto out = (folder_ / "command.log").string();
    std::error_code ignored;
    fs::remove(out, ignored);
    int status = 0;
    waitpid(start(words, out, as_server_user), &status, 0);
    if (status != 0) throw std::runtime_error(words.front() + " failed: " + read(out));
    return read(out);
  }
  [[nodiscard]] std::string program(std::string_view name) const { return (binaries_ / name).string(); }
  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::string log() const { return (folder_ / "server.log").string(); }

  fs::path binaries_;
  fs::path folder_;
  pid_t server_ = -1;
  pid_t watcher_ = -1;
  int alive_ = -1;
};

Cluster& the_cluster() {
  static Cluster cluster;
  return cluster;
}

// The database that most tests share.
void ensure_ops() {
  static const bool made = [] {
    create_database("ops");
    deploy("ops");
    return true;
  }();
  static_cast<void>(made);
}

std::vector<std::string> psql(std::string_view database) { return {the_cluster().program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url(database)}; }

Answer answer_of(PGresult* raw) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(raw, PQclear);
  Answer answer;
  const auto status = PQresultStatus(raw);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(raw, PG_DIAG_SQLSTATE);
    const char* constraint = PQresultErrorField(raw, PG_DIAG_CONSTRAINT_NAME);
    const char* detail = PQresultErrorField(raw, PG_DIAG_MESSAGE_DETAIL);
    answer.sqlstate = state == nullptr ? "(none)" : state;
    answer.constraint = constraint == nullptr ? "" : constraint;
    answer.detail = detail == nullptr ? "" : detail;
    return answer;
  }
  for (int r = 0; r < PQntuples(raw); ++r) {
    auto& row = answer.rows.emplace_back();
    for (int c = 0; c < PQnfields(raw); ++c) {
      if (PQgetisnull(raw, r, c) == 1) {
        row.emplace_back();
      } else {
        row.emplace_back(std::string(PQgetvalue(raw, r, c), static_cast<std::size_t>(PQgetlength(raw, r, c))));
      }
    }
  }
  answer.affected = std::atoi(PQcmdTuples(raw));
  return answer;
}

}  // namespace

std::string socket_folder() { return the_cluster().folder().string(); }

std::string url(std::string_view database, std::string_view user, std::string_view more) {
  return "postgresql://" + std::string(user) + "@/" + std::string(database) + "?host=" + socket_folder() + std::string(more);
}

std::vector<std::string> plan() {
  std::vector<std::string> names;
  std::ifstream file(OPS_SCHEMA_FOLDER "/sqitch.plan");
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '%') names.push_back(line.substr(0, line.find(' ')));
  }
  return names;
}

void run_schema_file(std::string_view database, std::string_view file) {
  auto words = psql(database);
  words.insert(words.end(), {"-f", std::string(OPS_SCHEMA_FOLDER) + "/" + std::string(file)});
  the_cluster().command(words);
}

void deploy(std::string_view database) {
  for (const auto& change : plan()) {
    run_schema_file(database, "deploy/" + change + ".sql");
    run_schema_file(database, "verify/" + change + ".sql");
  }
}

void revert(std::string_view database) {
  auto changes = plan();
  std::ranges::reverse(changes);
  for (const auto& change : changes) run_schema_file(database, "revert/" + change + ".sql");
}

std::string dump_schema(std::string_view database) {
  const auto text = the_cluster().command({the_cluster().program("pg_dump"), "--schema-only", "-d", url(database)});
  return std::regex_replace(text, std::regex("\\\\(un)?restrict [A-Za-z0-9]+"), "");  // a random word of each dump
}

void create_database(std::string_view name) {
  const Session session("postgres");
  session.run("DROP DATABASE IF EXISTS " + std::string(name) + " WITH (FORCE)");
  session.run("CREATE DATABASE " + std::string(name));
}

std::vector<std::string> Answer::column(std::size_t column) const {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row.at(column).value_or("(null)"));
  return out;
}

Session::Session(std::string_view database, std::string_view user) : conn_(nullptr, PQfinish) {
  if (database == "ops") ensure_ops();
  conn_.reset(PQconnectdb(url(database, user).c_str()));
  if (PQstatus(conn_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(conn_.get()));
  PQsetNoticeReceiver(
      conn_.get(), [](void*, const PGresult*) {}, nullptr);
  run("SET lock_timeout = '20s'");  // what should not wait fails then, instead of hanging
}

Answer Session::attempt(const std::string& sql, const pg::Params& params) const {
  const auto given = params.arguments();
  if (params.count() == 0) return answer_of(PQexec(conn_.get(), sql.c_str()));
  return answer_of(PQexecParams(conn_.get(), sql.c_str(), params.count(), nullptr, given.values.data(), given.lengths.data(), given.formats.data(), 0));
}

Answer Session::run(const std::string& sql, const pg::Params& params) const {
  auto answer = attempt(sql, params);
  if (!answer.ok()) throw std::runtime_error("SQLSTATE " + answer.sqlstate + " " + answer.constraint + ": " + PQerrorMessage(conn_.get()) + sql.substr(0, 100));
  return answer;
}

void Session::send(const std::string& sql, const pg::Params& params) const {
  const auto given = params.arguments();
  if (PQsendQueryParams(conn_.get(), sql.c_str(), params.count(), nullptr, given.values.data(), given.lengths.data(), given.formats.data(), 0) != 1)
    throw std::runtime_error(PQerrorMessage(conn_.get()));
}

Answer Session::collect() const {
  Answer last;
  while (PGresult* result = PQgetResult(conn_.get())) last = answer_of(result);
  return last;
}

void Session::wait_until_blocked(const Session& observer) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (observer.number("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = " + std::to_string(pid())) == 0) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the statement does not wait for a lock");
    std::this_thread::sleep_for(5ms);
  }
}

std::vector<std::string> Session::notifications() const {
  run("SELECT 1");
  std::vector<std::string> channels;
  PQconsumeInput(conn_.get());
  while (PGnotify* notify = PQnotifies(conn_.get())) {
    channels.emplace_back(notify->relname);
    PQfreemem(notify);
  }
  return channels;
}

void SchemaTest::SetUp() {
  db_ = std::make_unique<Session>();
  db_->run(
      "TRUNCATE zero_admin.outbox_events, zero_admin.outbox_queue, zero_admin.outbox_done, zero_admin.dead_letters, zero_admin.processed_events, "
      "zero_admin.inbox_items,"
      " zero_admin.parsed_items, zero_admin.chunks, zero_admin.runner_heartbeats, zero_admin.delivery_breakers, zero_admin.ops_audit, zero_admin.ops_history");
  db_->run("UPDATE zero_admin.replay_state SET run_id = NULL, lease_until = NULL, host = NULL, attempts_total = 0, committed_total = 0");
}

std::string SchemaTest::enqueue(std::string_view type, std::string_view payload, std::string_view tenant) const {
  return db_->run("SELECT zero_admin.enqueue_event($1::uuid, $2, $3::text)", pg::Params().add(tenant).add(type).add(payload)).text();
}

void SchemaTest::make_due(const std::string& id, int seconds_ago) const {
  db_->run("UPDATE zero_admin.outbox_queue SET due_at = now() - make_interval(secs => $2::int) WHERE id = $1::uuid",
           pg::Params().add(id).add(std::int64_t{seconds_ago}));
}

void SchemaTest::expire(const std::string& id) const {
  db_->run("UPDATE zero_admin.outbox_queue SET lease_until = now() - interval '1 second' WHERE id = $1::uuid AND lease_token IS NOT NULL",
           pg::Params().add(id));
}

}  // namespace cluster
