// The lines of inbox-add.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct Added {
  static constexpr std::string_view type = "added";
  static constexpr std::string_view about = "A document is stored, and its item and event are in the database.";
  std::string inbox_item_id;
  std::string content_hash;
  bool duplicate = false;
  std::string_view mime;
  std::int64_t bytes = 0;
  std::int64_t argument = 0;
  static constexpr auto fields =
      emit::fields(emit::field("inbox_item_id", &Added::inbox_item_id, "The item; of the first one, for a duplicate."),
                   emit::field("content_hash", &Added::content_hash, "SHA-256 of the content, hexadecimal."),
                   emit::field("duplicate", &Added::duplicate, "True when the tenant had this content before: nothing was enqueued."),
                   emit::field("mime", &Added::mime, "MIME type."), emit::field("bytes", &Added::bytes, "Size."),
                   emit::field("argument", &Added::argument, "Which argument it was, counted from 1: file names are never printed."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t added = 0;
  std::int64_t duplicates = 0;
  std::int64_t refused = 0;
  std::string stopped_by;
  int exit = 0;
  static constexpr auto fields = emit::fields(
      emit::field("state", &Summary::state, "ok, or unknown after an error."), emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."),
      emit::field("added", &Summary::added, "Documents stored and enqueued."),
      emit::field("duplicates", &Summary::duplicates, "Documents that were there already."),
      emit::field("refused", &Summary::refused, "Documents not taken; each is told on standard error."),
      emit::field("stopped_by", &Summary::stopped_by, "end, SIGTERM, SIGINT or output."), emit::field("exit", &Summary::exit, "The exit status."));
};
