#include "exchange.hpp"

http::Answer exchange(http::Options options, base::Deadline deadline) {
  options.timeout = std::max(deadline.left(), base::Milliseconds(1));
  http::Client client(std::move(options));
  client.send({});
  std::vector<pollfd> others;
  while (!deadline.over()) {
    client.wait(others, deadline.left());
    auto answers = client.take();
    if (!answers.empty()) return std::move(answers.front());
  }
  http::Answer answer;
  answer.failure = http::Failure::endpoint;
  answer.reason = "timeout";
  return answer;
}
