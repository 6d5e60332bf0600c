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

}  // namespace extract
