// Invoices in tables: a list of invoices below headings, or one invoice a sheet, with labels before its values.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "extract/findings.hpp"
#include "extract/label.hpp"
#include "extract/table.hpp"
#include "extract/value.hpp"
#include "extract/written.hpp"

namespace extract {
namespace {

constexpr std::size_t heading_rows = 60;  // the headings of a list stand within them

// ---- a list

using Headings = std::vector<std::pair<std::size_t, InvoiceLabel>>;

Headings headings_of(const TableRow& row) {
  Headings headings;
  for (const auto& cell : row) {
    if (const auto label = invoice_label(cell.text)) headings.emplace_back(cell.column, *label);
  }
  const auto has = [&](const auto& test) { return std::any_of(headings.begin(), headings.end(), [&](const auto& h) { return test(h.second); }); };
  const bool list = has([](InvoiceLabel l) { return l == InvoiceLabel::invoice_no; }) && has([](InvoiceLabel l) { return is_amount(l) || is_date(l); });
  // With a label before each value there are as many other cells as labels.
  return list && headings.size() * 2 > row.size() ? headings : Headings{};
}

std::vector<std::string> texts_of(std::span<const TableRow> rows, std::size_t column) {
  std::vector<std::string> texts;
  for (const auto& row : rows) {
    if (const auto* cell = cell_at(row, column)) texts.push_back(cell->text);
  }
  return texts;
}

void read_list(Findings& findings, const Headings& headings, std::span<const TableRow> rows) {
  const auto number = std::find_if(headings.begin(), headings.end(), [](const auto& h) { return h.second == InvoiceLabel::invoice_no; })->first;
  std::vector<TableRow> entries;
  for (const auto& row : rows) {
    if (cell_at(row, number) != nullptr) entries.push_back(row);
  }
  for (const auto& [column, label] : headings) {
    const auto texts = texts_of(entries, column);
    const auto decimals = decimals_of(texts);
    const auto order = date_order_of(texts);
    for (const auto& row : entries) {
      if (const auto* cell = cell_at(row, column)) findings.take(label, *cell, decimals, order);
    }
  }
}

// ---- labels

// "An:" and the like are labels only with their colon, and what they name stands below.
bool is_addressee(std::string_view text) {
  constexpr auto words = std::to_array<std::string_view>({"an:", "to:", "bill to:", "rechnung an:", "kunde:", "customer:", "rechnungsempfänger:"});
  const auto word = base::lower(text);
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_label(const Cell& cell) { return cell.kind == Cell::Kind::text && (cell.text.ends_with(':') || invoice_label(cell.text)); }

// What a label names stands right of it, or for an address below it.
const Cell* value_beside(const TableRow& row, const Cell& label) {
  constexpr std::size_t near = 4;
  const auto after = std::find_if(row.begin(), row.end(), [&](const Cell& c) { return c.column > label.column; });
  return after == row.end() || after->column > label.column + near || is_label(*after) ? nullptr : &*after;
}

void read_label(Findings& findings, InvoiceLabel label, const TableRow& row, const Cell& cell, const TableRow* below) {
  if (label == InvoiceLabel::amount_plain) return;  // too common a word to name the one amount of an invoice
  const auto* value = value_beside(row, cell);
  if (value == nullptr && label == InvoiceLabel::buyer && below != nullptr) value = cell_at(*below, cell.column);
  if (value != nullptr) findings.take(label, *value);
}

// "Rechnungsnummer: RE-1" in one cell.
void read_labelled_cell(Findings& findings, const Cell& cell) {
  const auto colon = cell.text.find(':');
  if (colon == std::string::npos) return;
  const auto label = invoice_label(cell.text.substr(0, colon));
  Cell value = cell;
  value.text = clean(cell.text.substr(colon + 1));
  if (label && label != InvoiceLabel::amount_plain && !value.text.empty()) findings.take(*label, value);
}

void read_labels(Findings& findings, std::span<const TableRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto* below = i + 1 < rows.size() ? &rows[i + 1] : nullptr;
    for (const auto& cell : rows[i]) {
      if (cell.kind != Cell::Kind::text) continue;
      const auto label = is_addressee(clean(cell.text)) ? std::optional(InvoiceLabel::buyer) : invoice_label(cell.text);
      if (label) {
        read_label(findings, *label, rows[i], cell, below);
      } else {
        read_labelled_cell(findings, cell);
      }
    }
  }
}

void read_table(Findings& findings, const Table& table) {
  const std::span<const TableRow> rows(table.rows);
  for (std::size_t i = 0; i < std::min(rows.size(), heading_rows); ++i) {
    if (const auto headings = headings_of(rows[i]); !headings.empty()) return read_list(findings, headings, rows.subspan(i + 1));
  }
  read_labels(findings, rows);
}

}  // namespace

std::optional<Document> read_invoice_tables(std::span<const Table> tables) {
  Findings found;
  for (const auto& table : tables) {
    Findings own;
    read_table(own, table);
    // A sheet without a number is instructions, or anything else.
    if (own.count(InvoiceLabel::invoice_no) > 0) found.merge(own);
  }
  if (found.count(InvoiceLabel::invoice_no) == 0 || found.fields() < 2) return std::nullopt;
  Document document;
  found.raise_flags(document);
  const bool one_number = found.count(InvoiceLabel::invoice_no) == 1;
  if (!one_number || found.count(InvoiceLabel::amount_due) > 1 || found.count(InvoiceLabel::amount_total) > 1) raise(document, flag::several_invoices);
  document.doc_type = one_number ? "invoice" : "document";
  if (!one_number) return document;
  found.fill(document);
  return document;
}

}  // namespace extract
