// A small tree of elements, made from XML or from JSON of the same shape, and the paths into it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "extract/extract.hpp"

namespace extract {

class Tree;

// A place in a tree, or none: paths that lead nowhere give an element without text and children. Valid while the tree is.
class Element {
 public:
  Element() = default;
  Element(const Tree& tree, std::uint32_t node) : tree_(&tree), node_(node) {}

  explicit operator bool() const { return tree_ != nullptr; }
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] std::string_view ns() const;
  [[nodiscard]] std::string text() const;                                 // of this element itself, as clean() gives it
  [[nodiscard]] std::string_view attribute(std::string_view name) const;  // empty when there is none

  [[nodiscard]] std::vector<Element> children() const;
  // Every element at a path of names ("Party/PartyName/Name") below this one, in document order.
  [[nodiscard]] std::vector<Element> all(std::string_view path) const;
  [[nodiscard]] Element first(std::string_view path) const;
  // The first text at the path that is not blank; empty when there is none.
  [[nodiscard]] std::string value(std::string_view path) const;
  [[nodiscard]] bool has_child_in(std::string_view ns) const;

 private:
  const Tree* tree_ = nullptr;
  std::uint32_t node_ = 0;
};

class Tree {
 public:
  // Building, in document order. The first element opened is the root.
  void open(std::string_view ns, std::string_view name);
  void attribute(std::string_view name, std::string_view value);  // of the element opened last that is still open
  void text(std::string_view piece);
  void close();

  [[nodiscard]] Element root() const { return nodes_.empty() ? Element() : Element(*this, 0); }
  // Paths see only elements of these namespaces from now on.
  void see_only(std::span<const std::string_view> namespaces);
  // Fills the text of a document: "Name: text" for every element that has text, a line each.
  void write_text(Document& document, const Limits& limits) const;

 private:
  friend class Element;
  static constexpr std::uint32_t none = UINT32_MAX;

  struct Node {
    std::uint32_t name;
    std::uint32_t ns;
    std::uint32_t first_child = none;
    std::uint32_t last_child = none;
    std::uint32_t next = none;
    std::string text;
    std::vector<std::pair<std::uint32_t, std::string>> attributes;
  };

  std::uint32_t intern(std::string_view word);
  [[nodiscard]] bool sees(const Node& node) const;

  std::deque<Node> nodes_;
  std::vector<std::uint32_t> open_;
  std::map<std::string, std::uint32_t, std::less<>> ids_;
  std::vector<std::string_view> words_;  // into the keys of ids_
  std::optional<std::vector<std::uint32_t>> seen_;
};

std::variant<Tree, Refusal> parse_tree(std::string_view xml, const Limits& limits);

}  // namespace extract
