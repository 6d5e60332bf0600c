// What is found for the fields of an invoice where labels, not a standard, say what is what.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extract/extract.hpp"
#include "extract/label.hpp"
#include "extract/table.hpp"
#include "extract/written.hpp"

namespace extract {

bool is_amount(InvoiceLabel label);
bool is_date(InvoiceLabel label);

// Keeps every different value of a field once. A field for which two were found has none.
class Findings {
 public:
  // Takes what stands at a label, if it is a value for that field.
  void take(InvoiceLabel label, const Cell& cell, Decimals decimals = Decimals::unknown, DateOrder order = DateOrder::unknown);

  void merge(const Findings& other);

  [[nodiscard]] std::optional<std::string> one(InvoiceLabel label) const;
  [[nodiscard]] std::size_t count(InvoiceLabel label) const;  // of different values
  [[nodiscard]] std::size_t fields() const { return values_.size(); }

  void raise_flags(Document& document) const;
  void fill(Document& document) const;

 private:
  void add(InvoiceLabel label, std::string value);
  void add(InvoiceLabel label, const Reading& reading, std::string_view flag);

  std::map<InvoiceLabel, std::vector<std::string>> values_;
  std::vector<std::string_view> flags_;
};

}  // namespace extract
