// A connection whose other side says what it likes, in pieces of the length that the first byte names.
#pragma once

#include "fuzz.hpp"
#include "http/session.hpp"
#include "support/fake_wire.hpp"

// As many requests at once as the session takes, up to three.
template <class Kind>
void fuzz_session(std::string_view input) {
  if (input.empty()) return;
  const auto piece = static_cast<std::size_t>(static_cast<unsigned char>(input.front())) + 1;
  input.remove_prefix(1);
  std::uint64_t requests = 0;
  std::uint64_t ended = 0;
  const http::Session::Head head{"example.test", "/", "fuzz", std::chrono::hours(1), 4096};
  Line line;
  {
    Kind session(std::make_unique<FakeWire>(line), head,
                 [&](const std::unique_ptr<http::Exchange>& exchange, http::End end) {
                   ++ended;
                   promise((end == http::End::answered) == exchange->headers_complete);
                   promise(!exchange->headers_complete || exchange->status >= 200);
                   promise(exchange->received <= head.body_limit + 16384);
                   promise(exchange->retry_after <= std::chrono::hours(24));
                 },
                 {});
    const auto start = [&] {
      while (requests < ended + 3 && session.takes_more()) {
        http::Request request{requests++, "{\"n\":1}", {}};
        request.headers.add("webhook-id", "1");
        session.start(std::make_unique<http::Exchange>(std::move(request)));
      }
    };
    start();
    while (!input.empty()) {
      line.to_us = input.substr(0, piece);
      input.remove_prefix(std::min(piece, input.size()));
      session.receive();
      if (requests < 64) start();
    }
    promise(ended + session.in_flight() == requests);
    line.closed = true;
    session.receive();
    promise(session.over());
  }
  promise(ended == requests);
}
