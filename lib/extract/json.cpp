// JSON by nlohmann's SAX parser: an invoice in the shape of UBL, or one whose keys say what they are.
#include <nlohmann/json.hpp>
#include <set>

#include "extract/encoding.hpp"
#include "extract/findings.hpp"
#include "extract/formats.hpp"
#include "extract/invoice.hpp"
#include "extract/tree.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

constexpr std::string_view in_list = "in-list";  // the attribute of elements that were an item of an array
constexpr std::string_view number = "number";    // and of those that were a number

// Prefixes as UBL in JSON has them in its keys; they mean namespaces.
std::string_view namespace_of(std::string_view prefix) {
  if (prefix == "cbc") return ubl_basic_ns;
  if (prefix == "cac") return ubl_aggregate_ns;
  return {};
}

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  bool null() override { return scalar("", false); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false", false); }
  bool number_integer(number_integer_t value) override { return scalar(std::to_string(value), true); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value), true); }
  bool number_float(number_float_t /*value*/, const string_t& text) override { return scalar(text, true); }
  bool string(string_t& text) override { return scalar(text, false); }
  bool binary(binary_t& /*value*/) override { return false; }

  bool start_object(std::size_t /*size*/) override {
    if (!open()) return false;
    levels_.push_back({.object = true, .name = {}, .keys = {}});
    return true;
  }
  bool key(string_t& name) override {
    if (!levels_.back().keys.insert(name).second) duplicates = true;
    levels_.back().name = name;
    return true;
  }
  bool end_object() override { return close(); }

  // An array repeats the name that it has.
  bool start_array(std::size_t /*size*/) override {
    auto name = levels_.empty() ? std::string() : levels_.back().name;
    if (!deeper()) return false;
    levels_.push_back({.object = false, .name = std::move(name), .keys = {}});
    return true;
  }
  bool end_array() override {
    levels_.pop_back();
    return true;
  }

  bool parse_error(std::size_t /*position*/, const std::string& /*token*/, const nlohmann::detail::exception& /*error*/) override { return false; }

  Tree tree;
  bool duplicates = false;
  std::optional<Refusal> refusal;

 private:
  struct Level {
    bool object;
    std::string name;  // the key of what comes next
    std::set<std::string> keys;
  };

  bool deeper() {
    if (levels_.size() >= limits_.max_depth) refusal = extract::parse_error(error_class::too_deep);
    return !refusal;
  }

  bool open() {
    if (!deeper()) return false;
    if (++nodes_ > limits_.max_nodes) refusal = extract::parse_error(error_class::too_many_entries);
    if (refusal) return false;
    const std::string_view name = levels_.empty() ? std::string_view("document") : std::string_view(levels_.back().name);
    const auto colon = name.find(':');
    const bool prefixed = colon != std::string_view::npos;
    auto ns = prefixed ? namespace_of(name.substr(0, colon)) : std::string_view{};
    const auto local = prefixed ? name.substr(colon + 1) : name;
    if (prefixed && name.substr(0, colon) == "ubl") ns = ubl_root_ns(local);
    tree.open(ns, local);
    if (!levels_.empty() && !levels_.back().object) tree.attribute(in_list, in_list);
    return true;
  }

  bool close() {
    tree.close();
    levels_.pop_back();
    return true;
  }

  bool scalar(std::string_view text, bool is_number) {
    if (!open()) return false;
    if (is_number) tree.attribute(number, number);
    tree.text(text);
    tree.close();
    return true;
  }

  const Limits& limits_;
  std::vector<Level> levels_;
  std::size_t nodes_ = 0;
};

// By its own key ("invoiceNumber"), or by the key of what it is in and its own ("invoice": {"number"}). Lists are lines, not the invoice.
void find(Findings& findings, const Element& element, std::string_view parent) {
  for (const auto& child : element.children()) {
    if (!child.attribute(in_list).empty()) continue;
    auto label = invoice_label(child.name());
    if (!label) label = invoice_label(std::string(parent) + std::string(child.name()));
    const auto text = child.text();
    if (label && !text.empty()) {
      findings.take(*label, {.text = text, .kind = child.attribute(number).empty() ? Cell::Kind::text : Cell::Kind::number, .format_currency = {}});
    }
    find(findings, child, child.name());
  }
}

std::optional<Document> by_keys(const Element& root) {
  Findings findings;
  find(findings, root, {});
  if (findings.count(InvoiceLabel::invoice_no) == 0 || findings.fields() < 2) return std::nullopt;
  Document document;
  document.doc_type = "invoice";
  findings.raise_flags(document);
  findings.fill(document);
  return document;
}

Document fields_of(Tree& tree) {
  const auto root = tree.root();
  std::optional<Document> document;
  for (const auto& child : root.children()) {
    if (document = read_ubl(tree, child); document) break;
  }
  if (!document) document = by_keys(root);
  if (!document) document.emplace().doc_type = "document";
  document->syntax = "json";
  return std::move(*document);
}

}  // namespace

Result read_json(std::string_view bytes, const Limits& limits) {
  const auto text = unicode_to_utf8(bytes);
  if (!text) return parse_error(error_class::bad_encoding);
  Builder builder(limits);
  const bool whole = nlohmann::json::sax_parse(*text, &builder);
  if (builder.refusal) return std::move(*builder.refusal);
  if (!whole) return parse_error(error_class::damaged);
  auto document = fields_of(builder.tree);
  if (builder.duplicates) raise(document, flag::duplicate_keys);
  builder.tree.write_text(document, limits);
  return document;
}

}  // namespace extract
