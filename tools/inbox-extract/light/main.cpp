// inbox-extract-light: reads XML, JSON, tables and pictures for inbox-work, which starts it: not for use by hand.
//
// Every document is read by a fork of this process, and what a fork costs is its mappings and the pages that it touches. So this
// is inbox-extract without the libraries that PDFs and workbooks take, in one piece.
#include <sys/prctl.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "answer.hpp"
#include "config/settings.hpp"
#include "extract/warm_up.hpp"
#include "sandbox/answer.hpp"
#include "sandbox/server.hpp"

namespace {

std::string read_document(std::string_view document, std::string_view mime, std::size_t text_over) {
  if (const auto result = extract::extract_light(document, mime)) return answer_of(document, *result, text_over);
  return std::string(sandbox::elsewhere);
}

}  // namespace

int main() {
  std::int64_t timeout_ms = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t chunk_bytes = 0;
  config::Settings settings;
  settings.bind("PARSER_TIMEOUT_MS", timeout_ms).bind("PARSER_MEMORY_BYTES", memory_bytes).bind("PARSER_CHUNK_THRESHOLD_BYTES", chunk_bytes);
  if (!settings.load(config::process_environment()).problems.empty()) return 1;
  prctl(PR_SET_DUMPABLE, 0);  // nobody but root is to look into this memory
  extract::warm_up_light();
  sandbox::Limits limits;
  limits.memory_bytes = static_cast<std::uint64_t>(memory_bytes);
  limits.timeout_ms = static_cast<std::uint32_t>(timeout_ms);
  sandbox::serve(limits, [text_over = static_cast<std::size_t>(chunk_bytes)](std::string_view document, std::string_view mime) {
    return read_document(document, mime, text_over);
  });
}
