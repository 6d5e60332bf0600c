// Requests and bare connections of one libcurl multi handle.
#pragma once

#include <poll.h>

#include <map>
#include <memory>
#include <vector>

#include "http/exchange.hpp"
#include "http/wire.hpp"

namespace http {

// The destructor leaves what is under way to the end of the process: waiting for a resolver thread could hang.
class Transfers {
 public:
  explicit Transfers(const Options& options);
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // One request that is no post.
  void start(std::unique_ptr<Exchange> exchange);
  // A connection for somebody who speaks over it himself.
  void connect();
  // How many of those are being made.
  [[nodiscard]] std::size_t connecting() const { return connecting_; }

  [[nodiscard]] bool idle() const { return active_.empty(); }
  // Requests.
  [[nodiscard]] std::size_t in_flight() const { return active_.size() - connecting_; }
  // Waits until something happens here or on one of `others`, and goes on with what is under way.
  void wait(std::vector<pollfd>& others, base::Milliseconds timeout);

  // Since the last call: answers, and what came of connect().
  std::vector<Answer> take_answers() { return std::exchange(answers_, {}); }
  struct Connected {
    std::unique_ptr<CurlWire> wire;
    Answer failure;  // when there is no wire; its tag means nothing
  };
  std::vector<Connected> take_connected() { return std::exchange(connected_, {}); }

 private:
  struct Transfer;

  template <class T>
  void set(CURL* easy, CURLoption option, T value) const;
  [[nodiscard]] CURL* make(bool bare) const;
  void begin(std::unique_ptr<Transfer> transfer);
  void finish(CURL* easy, CURLcode code);
  void finish_connection(const Transfer& transfer, CURLcode code);
  void perform();

  const Curl& curl_ = curl();
  const Options& options_;
  CURLM* multi_;
  CURLSH* tls_sessions_;
  std::vector<CURL*> unused_;
  std::map<CURL*, std::unique_ptr<Transfer>> active_;
  std::vector<Answer> answers_;
  std::size_t connecting_ = 0;
  std::vector<Connected> connected_;
};

}  // namespace http
