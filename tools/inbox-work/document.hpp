// What an InboxItemValidated event asks for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct DocumentRequest {
  std::string inbox_item_id;
  std::string content_hash;
  std::string uri;
  std::string mime;
};

// From the event's payload. nullopt when a field is missing or cannot be what it should be.
std::optional<DocumentRequest> read_request(std::string_view payload);

// What an extractor answered, checked: it may have been in the hands of a stranger's document.
struct Extracted {
  std::string payload;  // a JSON object with doc_type, syntax and flags
  std::string doc_type;
  std::string kind;  // of storage::kinds, by content
  std::vector<std::string> flags;
  std::string text;
};

// nullopt for anything but what the extractor prints for a document that it read.
std::optional<Extracted> check_extracted(std::string payload, std::string text);

// A word of an error class, a reason or a flag: a to z, digits, '_', at most 64.
bool is_word(std::string_view text);

// Cuts text into pieces of at most `limit` bytes, at the end of a line where there is one in the second half of a piece,
// never inside of a character.
std::vector<std::string_view> cut(std::string_view text, std::size_t limit);
