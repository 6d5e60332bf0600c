#include "sandbox/channel.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace sandbox {
namespace {

constexpr std::size_t descriptors = 2;

// A message of `size` bytes with room for the descriptors.
class Envelope {
 public:
  Envelope(void* bytes, std::size_t size) : data_{bytes, size} {
    message.msg_iov = &data_;
    message.msg_iovlen = 1;
    message.msg_control = control_.data();
    message.msg_controllen = control_.size();
  }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  [[nodiscard]] cmsghdr* header() { return CMSG_FIRSTHDR(&message); }

  msghdr message{};

 private:
  iovec data_;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(descriptors * sizeof(int))> control_{};
};

}  // namespace

bool Channel::send(const Reply& reply) const {
  ssize_t n = 0;
  do {
    n = ::send(fd_, &reply, sizeof reply, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof reply);
}

bool Channel::send(const Request& request, std::span<const int, 2> fds) const {
  Request copy = request;
  Envelope envelope(&copy, sizeof copy);
  auto* header = envelope.header();
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fds.size_bytes());
  std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
  ssize_t n = 0;
  do {
    n = sendmsg(fd_, &envelope.message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof copy);
}

Channel::Got Channel::receive(Request& request, std::array<base::Fd, 2>& fds) const {
  Envelope envelope(&request, sizeof request);
  const auto n = recvmsg(fd_, &envelope.message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Got::nothing : Got::end;
  const auto* header = envelope.header();
  if (n != static_cast<ssize_t>(sizeof request) || header == nullptr || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(descriptors * sizeof(int))) {
    return Got::end;
  }
  std::array<int, descriptors> numbers{};
  std::memcpy(numbers.data(), CMSG_DATA(header), sizeof numbers);
  for (std::size_t i = 0; i < descriptors; ++i) fds[i] = base::Fd(numbers[i]);
  request.mime.back() = '\0';
  return Got::message;
}

Channel::Got Channel::receive(Reply& reply) const {
  const auto n = recv(fd_, &reply, sizeof reply, MSG_DONTWAIT);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? Got::nothing : Got::end;
  return n == static_cast<ssize_t>(sizeof reply) ? Got::message : Got::end;
}

}  // namespace sandbox
