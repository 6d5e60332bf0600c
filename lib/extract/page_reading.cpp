#include "extract/page_reading.hpp"

#include <algorithm>
#include <utility>

namespace extract {
namespace {

// In points: a value further right belongs to another column.
constexpr double farthest_right = 260;

// The first order that is shown counts for all, unless another date shows the opposite. French and German pages never begin with the month.
SlashOrder order_of(const std::vector<Tokens>& segments) {
  bool day_first = false;
  bool month_first = false;
  for (const auto& tokens : segments) {
    for (const auto& token : tokens) {
      const auto shown = order_shown_by(token.text);
      day_first = day_first || shown == SlashOrder::day_first || token.folded == "facture" || token.folded == "rechnung";
      month_first = month_first || shown == SlashOrder::month_first;
    }
  }
  if (day_first == month_first) return SlashOrder::unknown;
  return day_first ? SlashOrder::day_first : SlashOrder::month_first;
}

}  // namespace

PageReading::PageReading(Layout layout) : layout_(std::move(layout)) {
  for (std::size_t segment = 0; segment < layout_.size(); ++segment) {
    tokens_.push_back(tokens_of(layout_[segment].text));
    first_label_.push_back(labels_.size());
    const auto found = extract::labels_of(tokens_.back(), segment);
    labels_.insert(labels_.end(), found.begin(), found.end());
  }
  first_label_.push_back(labels_.size());
  slash_order_ = order_of(tokens_);
}

std::span<const LabelHit> PageReading::labels_of(std::size_t segment) const {
  return std::span(labels_).subspan(first_label_[segment], first_label_[segment + 1] - first_label_[segment]);
}

bool PageReading::begins_with_label(std::size_t segment) const {
  const auto found = labels_of(segment);
  return !found.empty() && found.front().begin == 0;
}

bool PageReading::has_text_behind(const LabelHit& hit) const {
  const auto& all = tokens(hit.segment);
  return std::any_of(all.begin() + static_cast<std::ptrdiff_t>(hit.end), all.end(), [](const Token& token) { return token.text != ":" && token.text != "."; });
}

std::optional<std::size_t> PageReading::value_right_of(std::size_t segment) const {
  const auto right = layout_.right_of(segment);
  if (!right || begins_with_label(*right)) return std::nullopt;
  if (layout_[*right].box.left - layout_[segment].box.right > farthest_right) return std::nullopt;
  return right;
}

std::optional<std::size_t> PageReading::value_below(std::size_t segment) const {
  const auto under = layout_.below(segment);
  if (!under || begins_with_label(*under)) return std::nullopt;
  return under;
}

}  // namespace extract
