// A request under way, and what came of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "http/client.hpp"

namespace http {

struct Exchange {
  explicit Exchange(Request r) : request(std::move(r)) {}

  Request request;
  base::Boottime::time_point began = base::Boottime::now();
  int resent = 0;
  std::size_t uploaded = 0;  // bytes of the request's body

  // Of the answer, as it comes in.
  int status = 0;
  bool headers_complete = false;
  base::Milliseconds retry_after{0};
  std::size_t received = 0;  // bytes of the body
  std::string body;          // kept of a get only

  // Before it is sent, for the first time or again.
  void reset() {
    uploaded = 0;
    status = 0;
    headers_complete = false;
    retry_after = base::Milliseconds(0);
    received = 0;
    body.clear();
  }
  void header(std::string_view name, std::string_view value) {
    constexpr std::string_view wanted = "retry-after";
    if (name.size() == wanted.size() && base::lower(name) == wanted)
      retry_after = parse_retry_after(base::trim(value), base::wall_now()).value_or(base::Milliseconds(0));
  }

  [[nodiscard]] Answer answer() {
    auto answer = failure(Failure::none, {});
    answer.status = status;
    answer.body = std::move(body);
    return answer;
  }
  [[nodiscard]] Answer failure(Failure kind, std::string reason) const {
    Answer answer;
    answer.tag = request.tag;
    answer.failure = kind;
    answer.reason = std::move(reason);
    answer.retry_after = retry_after;
    answer.took = std::chrono::round<base::Milliseconds>(base::Boottime::now() - began);
    return answer;
  }
};

}  // namespace http
