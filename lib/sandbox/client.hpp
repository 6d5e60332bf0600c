// The worker's side: starts an extractor, hands it documents, takes back its answers.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "sandbox/protocol.hpp"

namespace sandbox {

// Owns the extractor process. Not movable; the destructor kills it and what it forked.
class Client {
 public:
  // `command` begins with the path of the program. It gets nothing but `environment` (NAME=value), and no descriptor of ours but
  // the socket.
  Client(std::vector<std::string> command, std::vector<std::string> environment, Limits limits);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Starts the process, unless it runs. Throws std::system_error.
  void start();
  void stop();
  [[nodiscard]] bool running() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  // The walls that it told of; nullopt until it is warm.
  [[nodiscard]] std::optional<std::uint32_t> walls() const { return walls_; }

  // Hands over a document, open for reading. False when the extractor is not there: start it again.
  bool submit(std::uint64_t job, const base::Fd& document, std::string_view mime);
  [[nodiscard]] std::size_t in_flight() const { return answers_.size(); }
  // What has ended since. When the extractor itself is gone, or has said nothing long after a job's time was over, all that
  // was in flight is told as not_started, and running() is false.
  std::vector<Answer> take();
  [[nodiscard]] int fd() const { return socket_.get(); }  // readable when take() has something; -1 while not running

 private:
  struct Job {
    base::Fd answer;
    base::Boottime::time_point overdue;
  };

  std::vector<Answer> give_up();

  std::vector<std::string> command_;
  std::vector<std::string> environment_;
  Limits limits_;
  base::Fd socket_;
  pid_t pid_ = -1;
  std::optional<std::uint32_t> walls_;
  std::map<std::uint64_t, Job> answers_;
};

}  // namespace sandbox
