#include "answer.hpp"

#include "base/digest.hpp"
#include "sandbox/answer.hpp"

std::string answer_of(std::string_view document, const extract::Result& result, std::size_t text_over) {
  sandbox::Answered answer;
  answer.sha256 = base::hex(base::bytes_of(base::sha256(document)));
  if (const auto* refusal = std::get_if<extract::Refusal>(&result)) {
    answer.reason = refusal->reason;
    answer.error_class = refusal->error_class;
  } else {
    const auto& read = std::get<extract::Document>(result);
    answer.payload = extract::payload_json(read);
    if (read.text.size() > text_over) answer.text = read.text;
  }
  return sandbox::write_answer(answer);
}
