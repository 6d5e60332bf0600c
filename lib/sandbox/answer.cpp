#include "sandbox/answer.hpp"

#include "base/text.hpp"

namespace sandbox {
namespace {

constexpr std::size_t longest_head = 512;

}  // namespace

// One line (hash, "read" and the payload's length, or "refused", reason and class), then payload and text.
std::string write_answer(const Answered& answer) {
  if (!answer.reason.empty()) return answer.sha256 + " refused " + answer.reason + ' ' + answer.error_class + '\n';
  return answer.sha256 + " read " + std::to_string(answer.payload.size()) + '\n' + answer.payload + answer.text;
}

std::optional<Answered> read_answer(std::string_view bytes) {
  const auto end = bytes.substr(0, longest_head).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto head = base::split(bytes.substr(0, end), ' ');
  const auto body = bytes.substr(end + 1);
  Answered answer;
  if (head.size() == 4 && head[1] == "refused" && body.empty()) {
    answer.sha256 = head[0];
    answer.reason = head[2];
    answer.error_class = head[3];
    return answer;
  }
  if (head.size() != 3 || head[1] != "read") return std::nullopt;
  const auto length = base::parse_integer(head[2]);
  if (!length || *length < 0 || static_cast<std::size_t>(*length) > body.size()) return std::nullopt;
  answer.sha256 = head[0];
  answer.payload = body.substr(0, static_cast<std::size_t>(*length));
  answer.text = body.substr(static_cast<std::size_t>(*length));
  return answer;
}

}  // namespace sandbox
