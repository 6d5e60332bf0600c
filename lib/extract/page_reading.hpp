// The pages as a reader of an invoice sees them: labels, and where the value of each may stand.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "extract/page_label.hpp"
#include "extract/page_layout.hpp"
#include "extract/page_value.hpp"

namespace extract {

class PageReading {
 public:
  explicit PageReading(Layout layout);

  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] std::size_t size() const { return layout_.size(); }
  [[nodiscard]] const Tokens& tokens(std::size_t segment) const { return tokens_[segment]; }
  [[nodiscard]] std::span<const LabelHit> labels() const { return labels_; }
  [[nodiscard]] std::span<const LabelHit> labels_of(std::size_t segment) const;
  [[nodiscard]] bool begins_with_label(std::size_t segment) const;
  [[nodiscard]] SlashOrder slash_order() const { return slash_order_; }

  // The segment to the right of a label that may hold its value.
  [[nodiscard]] std::optional<std::size_t> value_right_of(std::size_t segment) const;
  // The segment under a label that may hold its value.
  [[nodiscard]] std::optional<std::size_t> value_below(std::size_t segment) const;

  // What `read(tokens, begin)` makes of the text behind the label, else of the segment to the right, else of the whole segment below.
  template <class Read>
  auto value_of(const LabelHit& hit, Read read) const -> decltype(read(Tokens{}, std::size_t{})) {
    if (has_text_behind(hit)) return read(tokens(hit.segment), hit.end);
    if (const auto right = value_right_of(hit.segment)) {
      if (auto value = read(tokens(*right), std::size_t{0})) return value;
    }
    if (const auto under = value_below(hit.segment); under && hit.begin == 0) {
      if (auto value = read(tokens(*under), std::size_t{0}); value && value->end == tokens(*under).size()) return value;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] bool has_text_behind(const LabelHit& hit) const;

  Layout layout_;
  std::vector<Tokens> tokens_;
  std::vector<LabelHit> labels_;
  std::vector<std::size_t> first_label_;  // of each segment, and one more
  SlashOrder slash_order_ = SlashOrder::unknown;
};

}  // namespace extract
