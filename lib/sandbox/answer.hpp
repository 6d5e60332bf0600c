// What an extractor answers about a document, as bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

struct Answered {
  std::string sha256;       // of the bytes that were read, hexadecimal
  std::string reason;       // of a refusal; empty when the document was read
  std::string error_class;  // the same, in detail
  std::string payload;      // JSON object of the fields
  std::string text;         // of the document, where chunks are wanted
};

std::string write_answer(const Answered& answer);
// Instead of an answer: this extractor has not what the document takes. The other one has.
inline constexpr std::string_view elsewhere = "elsewhere\n";
// nullopt: not in this form. Its parts are of this form, but nobody has checked them.
std::optional<Answered> read_answer(std::string_view bytes);

}  // namespace sandbox
