#include "serve.hpp"

#include "base/digest.hpp"
#include "extract/extract.hpp"
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

// What libraries load and set up at their first use is shared by all children then, and is there before nothing can be opened.
void warm_up() {
  for (const std::string_view document : {
           R"(<?xml version="1.0" encoding="ISO-8859-1"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>)",
           "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
           "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n",
           "Buchungstag;Betrag;W\xe4hrung\n01.02.2026;1,00;EUR\n",
           R"({"invoice_no":"1"})",
       }) {
    read_document(document, "", 0);
  }
}

}  // namespace

void serve(const Config& config) {
  warm_up();
  sandbox::Limits limits;
  limits.memory_bytes = static_cast<std::uint64_t>(config.memory_bytes);
  limits.timeout_ms = static_cast<std::uint32_t>(config.timeout_ms);
  const auto text_over = static_cast<std::size_t>(config.chunk_bytes);
  sandbox::serve(limits, [text_over](std::string_view document, std::string_view mime) { return read_document(document, mime, text_over); });
}
