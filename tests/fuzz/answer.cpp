// What an extractor in a stranger's hands may answer, and what an event may ask for.
#include "sandbox/answer.hpp"

#include "base/text.hpp"
#include "document.hpp"
#include "fuzz.hpp"

void fuzz(std::string_view input) {
  if (const auto request = read_request(input)) promise(base::is_uuid(request->inbox_item_id) && request->content_hash.size() == 64);
  const auto parts = sandbox::read_answer(input);
  if (!parts) return;
  const auto whole = parts->text;
  const auto extracted = check_extracted(parts->payload, parts->text);
  if (!extracted) return;
  for (const auto& flag : extracted->flags) promise(is_word(flag));
  promise(base::is_utf8(extracted->text));
  std::string joined;
  for (const auto piece : cut(extracted->text, 1024)) {
    promise(!piece.empty() && piece.size() <= 1024 && base::is_utf8(piece));
    joined += piece;
  }
  promise(joined == whole);
}
