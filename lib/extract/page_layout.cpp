#include "extract/page_layout.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace extract {
namespace {

// In heights of the line. A space is about a quarter, kerning less than an eighth, the gap between two columns one or more.
constexpr double space = 0.17;
constexpr double column_gap = 1.0;
constexpr double bullet_gap = 3.0;  // sender lines are spaced out: Company  •  Street  •  Town

using Line = std::vector<Word>;

// By the middles: a tall title beside three small lines belongs to the one in its middle.
bool same_line(const Box& first, const Box& word) { return word.middle() - first.middle() < 0.5 * std::min(first.height(), word.height()); }

std::vector<Line> lines_of(std::vector<Word> words) {
  std::erase_if(words, [](const Word& word) { return word.text.empty() || !std::isfinite(word.box.middle()) || !std::isfinite(word.box.width()); });
  std::ranges::stable_sort(words, {}, [](const Word& word) { return word.box.middle(); });
  std::vector<Line> lines;
  Box box;
  for (auto& word : words) {
    if (lines.empty() || !same_line(box, word.box)) {
      lines.emplace_back();
      box = word.box;
    }
    lines.back().push_back(std::move(word));
  }
  for (auto& line : lines) std::ranges::stable_sort(line, {}, [](const Word& word) { return word.box.left; });
  return lines;
}

bool is_bullet(std::string_view text) { return text == "•" || text == "●" || text == "·" || text == "|" || text == "∙" || text == "▪"; }

double gap_of(const Word& before, const Word& after) {
  return (after.box.left - before.box.right) / std::max(1.0, std::min(before.box.height(), after.box.height()));
}

bool apart(const Word& before, const Word& after) {
  return gap_of(before, after) > (is_bullet(before.text) || is_bullet(after.text) ? bullet_gap : column_gap);
}

void extend(Box& box, const Box& other) {
  box = {std::min(box.left, other.left), std::min(box.top, other.top), std::max(box.right, other.right), std::max(box.bottom, other.bottom)};
}

bool same_column(const Box& above, const Box& under) {
  if (std::abs(above.left - under.left) < above.height()) return true;
  const double overlap = std::min(above.right, under.right) - std::max(above.left, under.left);
  return overlap > 0.5 * std::min(above.width(), under.width());
}

}  // namespace

Layout::Layout(std::vector<PageWords> pages) {
  for (std::size_t number = 0; number < pages.size(); ++number) add_page(std::move(pages[number]), number);
}

void Layout::add_page(PageWords page, std::size_t number) {
  page_heights_.push_back(page.height);
  for (const auto& line : lines_of(std::move(page.words))) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i == 0 || apart(line[i - 1], line[i])) {
        segments_.push_back({line[i].text, line[i].box, number, lines_});
        continue;
      }
      auto& segment = segments_.back();
      if (gap_of(line[i - 1], line[i]) > space) segment.text += ' ';
      segment.text += line[i].text;
      extend(segment.box, line[i].box);
    }
    ++lines_;
  }
}

std::optional<std::size_t> Layout::right_of(std::size_t segment) const {
  const std::size_t next = segment + 1;
  if (next < size() && segments_[next].line == segments_[segment].line) return next;
  return std::nullopt;
}

std::optional<std::size_t> Layout::below(std::size_t segment, double reach) const {
  const auto& above = segments_[segment];
  const double limit = above.box.bottom + reach * above.box.height();
  for (std::size_t i = segment + 1; i < size() && segments_[i].page == above.page; ++i) {
    const auto& box = segments_[i].box;
    if (box.middle() > limit + above.box.height()) break;
    if (segments_[i].line != above.line && box.top < limit && same_column(above.box, box)) return i;
  }
  return std::nullopt;
}

double Layout::depth(std::size_t segment) const {
  const double height = page_heights_[segments_[segment].page];
  return height > 0 ? segments_[segment].box.middle() / height : 0;
}

std::string Layout::text(std::size_t enough) const {
  std::string out;
  for (std::size_t i = 0; i < size() && out.size() <= enough; ++i) {
    if (i > 0) out += segments_[i].page != segments_[i - 1].page ? "\n\n" : segments_[i].line != segments_[i - 1].line ? "\n" : "\t";
    out += segments_[i].text;
  }
  if (!out.empty()) out += '\n';
  return out;
}

}  // namespace extract
