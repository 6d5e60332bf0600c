#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <csignal>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/describe.hpp"
#include "app/heartbeat.hpp"
#include "app/notify.hpp"
#include "app/stop.hpp"
#include "base/clock.hpp"
#include "unit/support.hpp"

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// The manager's end of sd_notify.
class Manager {
 public:
  explicit Manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    bound_ = bind(fd_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) == 0;
  }
  ~Manager() { close(fd_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] bool bound() const { return bound_; }
  [[nodiscard]] std::vector<std::string> messages() const {
    std::vector<std::string> out;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = recv(fd_, buffer.data(), buffer.size(), 0)) > 0;) out.emplace_back(buffer.data(), static_cast<std::size_t>(got));
    return out;
  }

 private:
  int fd_;
  bool bound_ = false;
};

using Messages = std::vector<std::string>;

// Signal handlers as they were, after the test.
class Handlers {
 public:
  Handlers() {
    sigaction(SIGTERM, nullptr, &term_);
    sigaction(SIGINT, nullptr, &int_);
    sigaction(SIGALRM, nullptr, &alarm_);
  }
  ~Handlers() {
    sigaction(SIGTERM, &term_, nullptr);
    sigaction(SIGINT, &int_, nullptr);
    sigaction(SIGALRM, &alarm_, nullptr);
  }
  Handlers(const Handlers&) = delete;
  Handlers& operator=(const Handlers&) = delete;

 private:
  struct sigaction term_ {};
  struct sigaction int_ {};
  struct sigaction alarm_ {};
};

json read_json(const std::filesystem::path& path) { return json::parse(support::read_all(path)); }

}  // namespace

TEST(Notify, SendsOneDatagramForEachMessage) {
  const support::Folder folder;
  const auto path = (folder / "notify").string();
  const Manager manager(path);
  ASSERT_TRUE(manager.bound());
  const support::Variable socket("NOTIFY_SOCKET", path.c_str());
  const support::Variable usec("WATCHDOG_USEC", nullptr);
  app::Notify notify;
  notify.ready();
  notify.status("12 claimed");
  notify.status("12 claimed");
  notify.status("13 claimed");
  notify.alive();
  notify.stopping();
  EXPECT_EQ(manager.messages(), (Messages{"READY=1", "STATUS=12 claimed", "STATUS=13 claimed", "STOPPING=1"}))
      << "an unchanged status is not sent again, no watchdog was asked for";
}

TEST(Notify, SpeaksToAnAbstractSocket) {
  const auto name = "@ops-unit-" + std::to_string(getpid());
  const Manager manager(name);
  ASSERT_TRUE(manager.bound());
  const support::Variable socket("NOTIFY_SOCKET", name.c_str());
  app::Notify().ready();
  EXPECT_EQ(manager.messages(), Messages{"READY=1"});
}

TEST(Notify, PingsTheWatchdogAtAThirdOfItsInterval) {
  const support::Folder folder;
  const auto path = (folder / "notify").string();
  const Manager manager(path);
  const support::Variable socket("NOTIFY_SOCKET", path.c_str());
  const support::Variable usec("WATCHDOG_USEC", "30000000");
  const support::Variable pid("WATCHDOG_PID", std::to_string(getpid()).c_str());
  app::Notify notify;
  EXPECT_EQ(notify.interval(), 10s);
  notify.alive();
  notify.alive();
  EXPECT_EQ(manager.messages(), Messages{"WATCHDOG=1"}) << "the second is not due yet";
}

TEST(Notify, TheWatchdogOfAnotherProcessIsNotOurs) {
  const support::Variable usec("WATCHDOG_USEC", "30000000");
  const support::Variable pid("WATCHDOG_PID", "1");
  EXPECT_EQ(app::Notify().interval(), std::nullopt);
  for (const auto value : {"0", "-5", "soon", ""}) {
    const support::Variable bad("WATCHDOG_USEC", value);
    const support::Variable own("WATCHDOG_PID", nullptr);
    EXPECT_EQ(app::Notify().interval(), std::nullopt) << value;
  }
}

TEST(Notify, WithoutASocketOrWithOneThatIsGoneNothingHappens) {
  const support::Folder folder;
  for (const std::string& path : {std::string(), (folder / "none").string(), std::string(500, 'x')}) {
    const support::Variable socket("NOTIFY_SOCKET", path.empty() ? nullptr : path.c_str());
    app::Notify notify;
    EXPECT_NO_THROW(notify.ready());
    EXPECT_NO_THROW(notify.status("text"));
  }
}

TEST(Heartbeat, FileHasEveryFieldOfTheContractAndItsMode) {
  const support::Folder folder;
  const auto mask = umask(0);
  app::Heartbeat heartbeat("publisher", folder.path().string(), "");
  EXPECT_EQ(heartbeat.path(), folder / "publisher.last");
  EXPECT_TRUE(heartbeat.write({true, 7, 3, false}));
  umask(mask);
  struct stat status {};
  ASSERT_EQ(stat((folder / "publisher.last").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_LE(status.st_size, 4096);
  const auto object = read_json(folder / "publisher.last");
  EXPECT_EQ(object["v"], 1);
  EXPECT_EQ(object["name"], "publisher");
  EXPECT_EQ(object["state"], "running");
  EXPECT_EQ(object["loops"], 1);
  EXPECT_EQ(object["done"], 7);
  EXPECT_EQ(object["backlog"], 3);
  EXPECT_EQ(object["pid"], getpid());
  EXPECT_EQ(object["boot_id"], base::boot_id());
  EXPECT_EQ(object["loop_ts"], object["last_success_ts"]);
  EXPECT_LE(object["started_ts"].get<std::string>(), object["loop_ts"].get<std::string>());
  const auto boottime = object["boottime_ns"].get<std::int64_t>();
  EXPECT_GT(boottime, 0);
  EXPECT_LE(boottime, base::Boottime::now().time_since_epoch().count());
  EXPECT_EQ(object.size(), 12U);
}

TEST(Heartbeat, CountsLoopsAndTellsThatItStopped) {
  const support::Folder folder;
  app::Heartbeat heartbeat("worker", folder.path().string(), "two");
  EXPECT_EQ(heartbeat.path(), folder / "worker@two.last");
  heartbeat.write({false, 0, 0, false});
  EXPECT_TRUE(read_json(heartbeat.path())["last_success_ts"].is_null()) << "there was none yet";
  heartbeat.write({false, 0, 0, true});
  EXPECT_EQ(read_json(heartbeat.path())["loops"], 2);
  EXPECT_EQ(read_json(heartbeat.path())["state"], "stopped");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(Heartbeat, KeepsTheLastSuccessOfTheProcessBefore) {
  const support::Folder folder;
  folder.write("publisher.last", R"({"v":1,"name":"publisher","last_success_ts":"2026-11-24T02:00:00.123Z"})");
  app::Heartbeat heartbeat("publisher", folder.path().string(), "");
  heartbeat.write({false, 0, 9, false});
  EXPECT_EQ(read_json(heartbeat.path())["last_success_ts"], "2026-11-24T02:00:00.123Z");
  heartbeat.write({true, 1, 0, false});
  EXPECT_NE(read_json(heartbeat.path())["last_success_ts"], "2026-11-24T02:00:00.123Z");
}

TEST(Heartbeat, StartsAnewWhereTheFileBeforeIsNoneOfOurs) {
  for (const auto content : {"", "1795485600", "not json", "[]", R"({"v":2,"last_success_ts":"2026-11-24T02:00:00Z"})", R"({"v":1,"last_success_ts":7})",
                             R"({"v":1,"last_success_ts":null})", R"({"v":"1"})"}) {
    const support::Folder folder;
    folder.write("publisher.last", content);
    app::Heartbeat heartbeat("publisher", folder.path().string(), "");
    EXPECT_TRUE(heartbeat.write({false, 0, 0, false})) << content;
    EXPECT_TRUE(read_json(heartbeat.path())["last_success_ts"].is_null()) << content;
  }
  const support::Folder folder;
  folder.write("publisher.last", R"({"v":1,"last_success_ts":"2026-11-24T02:00:00Z","pad":")" + std::string(5000, 'x') + "\"}");
  app::Heartbeat heartbeat("publisher", folder.path().string(), "");
  heartbeat.write({false, 0, 0, false});
  EXPECT_TRUE(read_json(heartbeat.path())["last_success_ts"].is_null()) << "a file over 4 KiB is not ours";
}

TEST(Heartbeat, SaysWhenItsFolderIsMissingAndCreatesNone) {
  const support::Folder folder;
  app::Heartbeat heartbeat("publisher", (folder / "none").string(), "");
  EXPECT_FALSE(heartbeat.write({true, 0, 0, false}));
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(Stop, TheFirstSignalAsksAndTheSecondChangesNothing) {
  const Handlers handlers;
  const app::Stop stop(1h);
  EXPECT_FALSE(stop.requested());
  EXPECT_EQ(stop.signal(), "");
  EXPECT_FALSE(stop.grace_over());
  EXPECT_EQ(stop.over_by(), 0ms);
  pollfd ready{stop.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 0), 0);
  std::raise(SIGTERM);
  EXPECT_TRUE(stop.requested());
  EXPECT_EQ(stop.signal(), "SIGTERM");
  EXPECT_EQ(poll(&ready, 1, 0), 1) << "a loop that waits is woken up";
  std::raise(SIGINT);
  EXPECT_EQ(stop.signal(), "SIGTERM");
  EXPECT_FALSE(stop.grace_over());
  EXPECT_GT(stop.grace_left(), 59min);
  EXPECT_EQ(poll(&ready, 1, 0), 1) << "and stays so";
}

TEST(Stop, WithoutGraceItIsOverAtOnce) {
  const Handlers handlers;
  const app::Stop stop(0ms);
  EXPECT_FALSE(stop.grace_over()) << "nothing was asked yet";
  std::raise(SIGINT);
  EXPECT_EQ(stop.signal(), "SIGINT");
  EXPECT_TRUE(stop.grace_over());
  EXPECT_EQ(stop.grace_left(), 0ms);
}

TEST(Stop, TheNextOneStartsAnew) {
  const Handlers handlers;
  {
    const app::Stop stop(0ms);
    std::raise(SIGTERM);
  }
  const app::Stop stop(0ms);
  EXPECT_FALSE(stop.requested());
}
