#include "serve.hpp"

#include "base/digest.hpp"
#include "extract/extract.hpp"
#include "extract/warm_up.hpp"
#include "sandbox/answer.hpp"
#include "sandbox/server.hpp"

namespace {

std::string read_document(std::string_view document, std::string_view mime, std::size_t text_over) {
  const auto result = extract::extract(document, mime);
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

}  // namespace

void serve(const Config& config) {
  extract::warm_up();
  sandbox::Limits limits;
  limits.memory_bytes = static_cast<std::uint64_t>(config.memory_bytes);
  limits.timeout_ms = static_cast<std::uint32_t>(config.timeout_ms);
  const auto text_over = static_cast<std::size_t>(config.chunk_bytes);
  sandbox::serve(limits, [text_over](std::string_view document, std::string_view mime) { return read_document(document, mime, text_over); });
}
