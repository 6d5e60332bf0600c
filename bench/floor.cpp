// The least that the work of the tools takes: bare libpq loops, to be measured beside them.
//
//   bench-floor drain URL BATCH            claims, commits, completes and commits in batches until bench_floor is empty
//   bench-floor once URL BATCH             the same with one commit a batch
//   bench-floor notify URL RATE COUNT      a NOTIFY to another session, COUNT times, so many a second: microseconds of each
//   bench-floor commit URL RATE COUNT      the same with a row of 1 KiB: what the disk takes, too
//   bench-floor produce URL RATE SECONDS   enqueues events of 1 KiB at that rate, from as many sessions as it takes:
//                                          a line each of its id and of the microsecond (CLOCK_REALTIME) when COMMIT was sent
//   bench-floor turns COUNT COMMAND… [-- COMMAND…]…
//                                          starts the commands in turns, COUNT times each, without output: a line each of the
//                                          command's number and of microseconds of wall and of CPU time
#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/text.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Arguments = std::vector<std::string>;

struct Failure {
  std::string what;
};

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Connection connect(const std::string& url) {
  Connection conn(PQconnectdb(url.c_str()), PQfinish);
  if (PQstatus(conn.get()) != CONNECTION_OK) throw Failure{"no connection"};
  return conn;
}

Result checked(PGresult* raw) {
  Result result(raw, PQclear);
  const auto status = PQresultStatus(raw);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw Failure{PQresultErrorMessage(raw)};
  return result;
}

Result run(const Connection& conn, const char* statement) { return checked(PQexec(conn.get(), statement)); }

Result run(const Connection& conn, const char* name, const std::vector<const char*>& values) {
  return checked(PQexecPrepared(conn.get(), name, static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0));
}

std::int64_t number(const std::string& text) {
  const auto value = base::parse_integer(text);
  if (!value || *value < 1) throw Failure{"not a number: " + text};
  return *value;
}

std::int64_t microseconds(Clock::duration time) { return std::chrono::duration_cast<std::chrono::microseconds>(time).count(); }

constexpr auto pick = "SELECT id, payload FROM bench_floor WHERE status = 0 AND due_at <= now() ORDER BY due_at LIMIT $1::int FOR UPDATE SKIP LOCKED";
constexpr auto claim =
    "UPDATE bench_floor q SET status = 1, lease_until = now() + interval '90 s' FROM (SELECT id FROM bench_floor WHERE status = 0 AND due_at <= now() "
    "ORDER BY due_at LIMIT $1::int FOR UPDATE SKIP LOCKED) p WHERE q.id = p.id RETURNING q.id, q.payload";
constexpr auto complete = "UPDATE bench_floor SET status = 2, lease_until = NULL WHERE id = ANY ($1::bigint[])";

void drain(const std::string& url, const std::string& batch, bool commit_between) {
  const auto conn = connect(url);
  checked(PQprepare(conn.get(), "take", commit_between ? claim : pick, 1, nullptr));
  checked(PQprepare(conn.get(), "complete", complete, 1, nullptr));
  while (true) {
    run(conn, "BEGIN");
    const auto taken = run(conn, "take", {batch.c_str()});
    std::string ids = "{";
    for (int row = 0; row < PQntuples(taken.get()); ++row) {
      if (row > 0) ids += ',';
      ids += PQgetvalue(taken.get(), row, 0);
    }
    ids += '}';
    if (commit_between) {
      run(conn, "COMMIT");
      run(conn, "BEGIN");
    }
    run(conn, "complete", {ids.c_str()});
    run(conn, "COMMIT");
    if (PQntuples(taken.get()) == 0) return;
  }
}

void notify(const std::string& url, std::int64_t rate, std::int64_t count, bool with_row) {
  const auto sender = connect(url);
  const auto listener = connect(url);
  run(listener, "LISTEN bench_floor");
  for (std::int64_t i = 0; i < count; ++i) {
    if (with_row) {
      run(sender, "BEGIN");
      run(sender, "INSERT INTO bench_floor (payload) VALUES (json_build_object('filler', repeat('x', 1010)))");
      run(sender, "NOTIFY bench_floor");
    }
    const auto began = Clock::now();
    run(sender, with_row ? "COMMIT" : "NOTIFY bench_floor");
    PGnotify* got = nullptr;
    while (got == nullptr) {
      pollfd ready{PQsocket(listener.get()), POLLIN, 0};
      poll(&ready, 1, 1000);
      if (PQconsumeInput(listener.get()) != 1) throw Failure{"connection lost"};
      got = PQnotifies(listener.get());
    }
    fmt::print("{}\n", microseconds(Clock::now() - began));
    PQfreemem(got);
    // The next one finds both sides at rest, as long as those have been whose events come at that rate.
    std::this_thread::sleep_for(std::chrono::microseconds(1'000'000 / rate));
  }
}

void produce_one(const Connection& conn, const std::string& payload, std::mutex& output) {
  run(conn, "BEGIN");
  const auto result = run(conn, "enqueue", {payload.c_str()});
  const auto sent = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  run(conn, "COMMIT");
  const std::lock_guard lock(output);
  fmt::print("{} {}\n", PQgetvalue(result.get(), 0, 0), sent);
}

void produce(const std::string& url, std::int64_t rate, std::int64_t seconds) {
  const auto sessions = 1 + rate / 250;
  const std::string payload = fmt::format(R"({{"filler":"{}"}})", std::string(1011, 'x'));
  std::mutex output;
  const auto began = Clock::now();
  std::vector<std::jthread> threads;
  for (std::int64_t session = 0; session < sessions; ++session) {
    threads.emplace_back([&, session] {
      try {
        const auto conn = connect(url);
        checked(PQprepare(conn.get(), "enqueue", "SELECT zero_admin.enqueue_event('6f9619ff-8b86-4d01-b42d-00cf4fc964ff', 'Benchmark', $1::text)", 1, nullptr));
        for (auto nth = session; nth < rate * seconds; nth += sessions) {
          std::this_thread::sleep_until(began + std::chrono::microseconds(nth * 1'000'000 / rate));
          produce_one(conn, payload, output);
        }
      } catch (const Failure& failure) {
        fmt::print(stderr, "bench-floor: {}\n", failure.what);
        std::exit(1);
      }
    });
  }
}

void take_turn(std::size_t number, Arguments& command) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> argv;
  for (auto& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const auto began = Clock::now();
  if (posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) throw Failure{"cannot start " + command[0]};
  int status = 0;
  rusage usage{};
  if (wait4(pid, &status, 0, &usage) != pid || status != 0) throw Failure{command[0] + " failed"};
  const auto wall = microseconds(Clock::now() - began);
  posix_spawn_file_actions_destroy(&actions);
  const auto of = [](const timeval& time) { return static_cast<std::int64_t>(time.tv_sec) * 1'000'000 + time.tv_usec; };
  fmt::print("{} {} {}\n", number, wall, of(usage.ru_utime) + of(usage.ru_stime));
}

void turns(std::int64_t count, const Arguments& rest) {
  std::vector<Arguments> commands(1);
  for (const auto& argument : rest) {
    if (argument == "--") {
      commands.emplace_back();
    } else {
      commands.back().push_back(argument);
    }
  }
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::size_t nth = 0; nth < commands.size(); ++nth) take_turn(nth, commands[nth]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argv + 1, argv + argc);
  const auto is = [&](std::string_view verb, std::size_t count) { return !arguments.empty() && arguments[0] == verb && arguments.size() == count; };
  try {
    if (is("drain", 3) || is("once", 3)) {
      drain(arguments[1], arguments[2], arguments[0] == "drain");
    } else if (is("notify", 4) || is("commit", 4)) {
      notify(arguments[1], number(arguments[2]), number(arguments[3]), arguments[0] == "commit");
    } else if (is("produce", 4)) {
      produce(arguments[1], number(arguments[2]), number(arguments[3]));
    } else if (arguments.size() > 2 && arguments[0] == "turns") {
      turns(number(arguments[1]), {arguments.begin() + 2, arguments.end()});
    } else {
      fmt::print(stderr, "usage: see the head of bench/floor.cpp\n");
      return 64;
    }
  } catch (const Failure& failure) {
    fmt::print(stderr, "bench-floor: {}\n", failure.what);
    return 1;
  }
  return 0;
}
