#include "serve.hpp"

#include "answer.hpp"
#include "extract/warm_up.hpp"
#include "sandbox/server.hpp"

void serve(const Config& config) {
  extract::warm_up();
  sandbox::Limits limits;
  limits.memory_bytes = static_cast<std::uint64_t>(config.memory_bytes);
  limits.timeout_ms = static_cast<std::uint32_t>(config.timeout_ms);
  const auto text_over = static_cast<std::size_t>(config.chunk_bytes);
  sandbox::serve(limits,
                 [text_over](std::string_view document, std::string_view mime) { return answer_of(document, extract::extract(document, mime), text_over); });
}
