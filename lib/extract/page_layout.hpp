// The layout of pages: words to lines, lines to the pieces that a reader sees as one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace extract {

// In points, from the upper left corner of the page as it is shown.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;

  [[nodiscard]] double width() const { return right - left; }
  [[nodiscard]] double height() const { return bottom - top; }
  [[nodiscard]] double middle() const { return (top + bottom) / 2; }
};

struct Word {
  std::string text;
  Box box;
};

struct PageWords {
  std::vector<Word> words;
  double width = 0, height = 0;
};

// What stands together on one line: a label, a value, a cell, or a sentence.
struct Segment {
  std::string text;
  Box box;
  std::size_t page = 0;
  std::size_t line = 0;  // counted over all pages
};

class Layout {
 public:
  explicit Layout(std::vector<PageWords> pages);

  // From top to bottom, from left to right, page by page.
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] const Segment& operator[](std::size_t segment) const { return segments_[segment]; }
  [[nodiscard]] std::size_t size() const { return segments_.size(); }

  // The next segment of the same line.
  [[nodiscard]] std::optional<std::size_t> right_of(std::size_t segment) const;
  // The nearest segment underneath in the same column, with a gap of at most `reach` heights: 1.6 is a blank line.
  [[nodiscard]] std::optional<std::size_t> below(std::size_t segment, double reach = 1.6) const;
  // Where the middle of a segment stands: 0 is the top of its page, 1 the bottom.
  [[nodiscard]] double depth(std::size_t segment) const;

  // One line of text a line of the pages, wide gaps as tabs, a blank line between pages. Ends where it is longer than `enough`.
  [[nodiscard]] std::string text(std::size_t enough) const;

 private:
  void add_page(PageWords page, std::size_t number);

  std::vector<Segment> segments_;
  std::vector<double> page_heights_;
  std::size_t lines_ = 0;
};

}  // namespace extract
