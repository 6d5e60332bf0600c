#include "stream.hpp"

#include <poll.h>
#include <unistd.h>

#include "events.hpp"

namespace {

// So that a long backlog does not keep the loop from renewing leases.
constexpr std::size_t lines_in_a_row = 64;

}  // namespace

std::size_t Stream::room() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  blocked_ = poll(&out, 1, 0) == 0;
  return blocked_ || output().lost() || unsettled() >= static_cast<std::size_t>(config().batch_size) ? 0 : lines_in_a_row;
}

void Stream::wait(std::vector<pollfd>& others, base::Milliseconds timeout) {
  if (blocked_) others.push_back({STDOUT_FILENO, POLLOUT, 0});
  poll(others.data(), others.size(), static_cast<int>(timeout.count()));
}

void Stream::send(outbox::EventPtr event) {
  const auto began = base::Boottime::now();
  const Published line{
      event->id, event->tenant_id, event->event_type, event->schema_version, event->trace_id, event->attempt_count + 1, transport(), "sent", std::nullopt,
      0,         event->lag_ms()};
  const bool written = config().payload ? output().event(PublishedWithPayload{line, {event->payload}}) : output().event(line);
  if (!written) {
    engine().release(std::move(event));
    return;
  }
  Finished finished;
  finished.event = std::move(event);
  finished.began = began;
  finished.took = std::chrono::round<base::Milliseconds>(base::Boottime::now() - began);
  finish(std::move(finished));
}
