#include "extract/pdf_shape.hpp"

#include <algorithm>

namespace extract {
namespace {

// The index after the string that begins with the bracket at `at`; the end where it is never closed.
std::size_t after_string(std::string_view bytes, std::size_t at) {
  std::size_t open = 0;
  for (; at < bytes.size(); ++at) {
    if (bytes[at] == '\\') {
      ++at;
    } else if (bytes[at] == '(') {
      ++open;
    } else if (bytes[at] == ')' && --open == 0) {
      return at + 1;
    }
  }
  return bytes.size();
}

std::size_t after(std::string_view bytes, std::string_view mark, std::size_t at) {
  const auto found = bytes.find(mark, at);
  return found == std::string_view::npos ? bytes.size() : found + mark.size();
}

bool is_at(std::string_view bytes, std::size_t at, std::string_view word) { return bytes.substr(at, word.size()) == word; }

}  // namespace

std::size_t nesting_of_pdf(std::string_view bytes, std::size_t enough) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  const auto open = [&] { deepest = std::max(deepest, ++depth); };
  const auto close = [&] { depth -= depth > 0 ? 1 : 0; };
  for (std::size_t at = 0; at < bytes.size() && deepest < enough;) {
    switch (bytes[at]) {
      case '(':
        at = after_string(bytes, at);
        continue;
      case '%':
        at = bytes.find_first_of("\r\n", at);
        continue;
      case '[':
        open();
        break;
      case ']':
        close();
        break;
      case '<':
        if (is_at(bytes, at, "<<")) open(), ++at;
        break;
      case '>':
        if (is_at(bytes, at, ">>")) close(), ++at;
        break;
      case 'e':
        // A damaged object must not count for the next one; a stream is skipped from its own keyword on.
        if (is_at(bytes, at, "endobj")) depth = 0;
        if (is_at(bytes, at, "endstream")) at += std::string_view("endstream").size() - 1;
        break;
      case 's':
        if (is_at(bytes, at, "stream")) {
          at = after(bytes, "endstream", at);
          continue;
        }
        break;
      default:
        break;
    }
    ++at;
  }
  return deepest;
}

std::optional<std::string> with_possible_page_counts(std::string_view bytes) {
  std::size_t objects = 0;
  for (auto at = bytes.find(" obj"); at != std::string_view::npos; at = bytes.find(" obj", at + 1)) ++objects;
  const auto possible = std::to_string(objects);

  std::optional<std::string> copy;
  constexpr std::string_view key = "/Count ";
  for (auto at = bytes.find(key); at != std::string_view::npos; at = bytes.find(key, at + 1)) {
    const auto begin = at + key.size();
    const auto end = std::min(bytes.find_first_not_of("0123456789", begin), bytes.size());
    // More digits is more; leading zeros only make a claim longer that is replaced by a shorter one.
    if (end - begin <= possible.size()) continue;
    if (!copy) copy = bytes;
    copy->replace(begin, end - begin, possible + std::string(end - begin - possible.size(), ' '));
  }
  return copy;
}

}  // namespace extract
