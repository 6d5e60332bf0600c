#include "extract/table.hpp"

#include <algorithm>

#include "extract/value.hpp"

namespace extract {
namespace {

// The booking lists of German accounting software, which look like bank statements and are not: their amounts are not signed that way.
bool is_datev(std::span<const Table> tables) {
  if (tables.empty() || tables[0].rows.empty() || tables[0].rows[0].empty()) return false;
  const auto& first = tables[0].rows[0][0].text;
  return first == "EXTF" || first == "DTVF";
}

std::optional<Document> read_fields(std::span<const Table> tables, const Limits& limits) {
  if (is_datev(tables)) return std::nullopt;
  if (auto invoice = read_invoice_tables(tables)) return invoice;
  for (const auto& table : tables) {
    if (auto statement = read_bank_statement(table, limits)) return statement;
  }
  return std::nullopt;
}

// A line for every row, its cells separated by tabs.
void write_text(Document& document, std::span<const Table> tables, const Limits& limits) {
  for (const auto& table : tables) {
    for (const auto& row : table.rows) {
      std::string line;
      for (const auto& cell : row) {
        if (!line.empty()) line += '\t';
        line += clean(cell.text);
      }
      if (!append_line(document, line, limits)) return;
    }
  }
}

// Whether a spreadsheet would run the text as a formula. "-" alone is a dash or a number, unless it calls or computes something.
bool is_formula(const Cell& cell) {
  if (cell.kind != Cell::Kind::text) return false;
  const char first = cell.text[0];
  if (first == '=' || first == '@') return true;
  return (first == '+' || first == '-') && cell.text.find_first_of("(!|") != std::string::npos;
}

void flag_formulas(Document& document, std::span<const Table> tables) {
  for (const auto& table : tables) {
    for (const auto& row : table.rows) {
      if (std::any_of(row.begin(), row.end(), is_formula)) return raise(document, flag::formulas);
    }
  }
}

}  // namespace

const Cell* cell_at(const TableRow& row, std::size_t column) {
  const auto cell = std::lower_bound(row.begin(), row.end(), column, [](const Cell& c, std::size_t wanted) { return c.column < wanted; });
  return cell == row.end() || cell->column != column ? nullptr : &*cell;
}

Document read_tables(std::span<const Table> tables, std::string_view syntax, const Limits& limits) {
  auto document = read_fields(tables, limits).value_or(Document{});
  if (document.doc_type.empty()) document.doc_type = "document";
  document.syntax = syntax;
  write_text(document, tables, limits);
  flag_formulas(document, tables);
  return document;
}

}  // namespace extract
