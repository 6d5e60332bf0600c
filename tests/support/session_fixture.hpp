// A session, and what left it, over a line whose other side is the test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fake_wire.hpp"
#include "http/session.hpp"

template <class Kind>
class SessionFixture : public testing::Test {
 protected:
  struct Outcome {
    std::uint64_t tag;
    http::End end;
    int status;
    base::Milliseconds retry_after;
  };

  // `early` came before anything was sent.
  void open_after(std::string_view early, base::Milliseconds timeout) {
    head_ = {"example.test:8443", "/hook?a=b", "test", timeout, 100};
    session_ = std::make_unique<Kind>(
        std::make_unique<FakeWire>(line_), head_,
        [this](std::unique_ptr<http::Exchange> exchange, http::End end) {
          outcomes_.push_back({exchange->request.tag, end, exchange->status, exchange->retry_after});
        },
        early);
  }
  // `age`: since it was asked for, perhaps over another connection first.
  void start(std::uint64_t tag, std::string_view body = "{\"n\":1}", base::Milliseconds age = {}) {
    http::Request request{tag, std::string(body), {}};
    request.headers.add("Content-Type", "application/json", true);
    request.headers.add("webhook-id", "id-" + std::to_string(tag));
    auto exchange = std::make_unique<http::Exchange>(std::move(request));
    exchange->began -= age;
    session_->start(std::move(exchange));
    session_->flush();
  }
  void answer(std::string_view bytes) {
    line_.to_us += bytes;
    session_->receive();
  }
  void close() {
    line_.closed = true;
    session_->receive();
  }

  Line line_;
  http::Session::Head head_;
  std::unique_ptr<http::Session> session_;
  std::vector<Outcome> outcomes_;
};
