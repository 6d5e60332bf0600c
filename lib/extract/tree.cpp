#include "extract/tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "extract/value.hpp"
#include "extract/xml.hpp"

namespace extract {

std::string_view Element::name() const { return tree_ == nullptr ? std::string_view{} : tree_->words_[tree_->nodes_[node_].name]; }
std::string_view Element::ns() const { return tree_ == nullptr ? std::string_view{} : tree_->words_[tree_->nodes_[node_].ns]; }
std::string Element::text() const { return tree_ == nullptr ? std::string{} : clean(tree_->nodes_[node_].text); }

std::string_view Element::attribute(std::string_view name) const {
  if (tree_ == nullptr) return {};
  for (const auto& [key, value] : tree_->nodes_[node_].attributes) {
    if (tree_->words_[key] == name) return value;
  }
  return {};
}

std::vector<Element> Element::children() const {
  std::vector<Element> found;
  if (tree_ == nullptr) return found;
  for (auto child = tree_->nodes_[node_].first_child; child != Tree::none; child = tree_->nodes_[child].next) {
    if (tree_->sees(tree_->nodes_[child])) found.emplace_back(*tree_, child);
  }
  return found;
}

std::vector<Element> Element::all(std::string_view path) const {
  std::vector<Element> here;
  if (tree_ == nullptr) return here;
  here.push_back(*this);
  while (!path.empty() && !here.empty()) {
    const auto step = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    std::vector<Element> below;
    for (const auto& element : here) {
      for (const auto& child : element.children()) {
        if (child.name() == step) below.push_back(child);
      }
    }
    here = std::move(below);
  }
  return here;
}

Element Element::first(std::string_view path) const {
  const auto found = all(path);
  return found.empty() ? Element() : found.front();
}

std::string Element::value(std::string_view path) const {
  for (const auto& element : all(path)) {
    if (auto text = element.text(); !text.empty()) return text;
  }
  return {};
}

bool Element::has_child_in(std::string_view ns) const {
  if (tree_ == nullptr) return false;
  for (auto child = tree_->nodes_[node_].first_child; child != Tree::none; child = tree_->nodes_[child].next) {
    if (tree_->words_[tree_->nodes_[child].ns] == ns) return true;
  }
  return false;
}

std::uint32_t Tree::intern(std::string_view word) {
  if (const auto at = ids_.find(word); at != ids_.end()) return at->second;
  const auto id = static_cast<std::uint32_t>(words_.size());
  words_.push_back(ids_.emplace(word, id).first->first);
  return id;
}

void Tree::open(std::string_view ns, std::string_view name) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({.name = intern(name), .ns = intern(ns), .text = {}, .attributes = {}});
  if (!open_.empty()) {
    auto& parent = nodes_[open_.back()];
    (parent.last_child == none ? parent.first_child : nodes_[parent.last_child].next) = index;
    parent.last_child = index;
  }
  open_.push_back(index);
}

void Tree::attribute(std::string_view name, std::string_view value) { nodes_[open_.back()].attributes.emplace_back(intern(name), value); }
void Tree::text(std::string_view piece) {
  if (!open_.empty()) nodes_[open_.back()].text += piece;
}
void Tree::close() { open_.pop_back(); }

void Tree::see_only(std::span<const std::string_view> namespaces) {
  seen_.emplace();
  for (const auto ns : namespaces) seen_->push_back(intern(ns));
}

bool Tree::sees(const Node& node) const { return !seen_ || std::find(seen_->begin(), seen_->end(), node.ns) != seen_->end(); }

void Tree::write_text(Document& document, const Limits& limits) const {
  for (const auto& node : nodes_) {
    const auto name = words_[node.name];
    // Base64 is no text to read.
    if (name.ends_with("BinaryObject") || name == "Attachment") continue;
    const auto text = clean(node.text);
    if (!text.empty() && !append_line(document, fmt::format("{}: {}", name, text), limits)) return;
  }
}

namespace {

class Builder : public xml::Handler {
 public:
  void open(std::string_view ns, std::string_view name, const xml::Attributes& attributes) override {
    tree.open(ns, name);
    for (const auto& [key, value] : attributes) tree.attribute(key, value);
  }
  void close(std::string_view /*ns*/, std::string_view /*name*/) override { tree.close(); }
  void text(std::string_view piece) override { tree.text(piece); }

  Tree tree;
};

}  // namespace

std::variant<Tree, Refusal> parse_tree(std::string_view xml, const Limits& limits) {
  Builder builder;
  if (auto refusal = xml::parse(xml, builder, limits)) return std::move(*refusal);
  return std::move(builder.tree);
}

}  // namespace extract
