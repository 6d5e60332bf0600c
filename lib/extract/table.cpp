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

}  // namespace

const Cell* cell_at(const TableRow& row, std::size_t column) {
  const auto cell = std::lower_bound(row.begin(), row.end(), column, [](const Cell& c, std::size_t wanted) { return c.column < wanted; });
  return cell == row.end() || cell->column != column ? nullptr : &*cell;
}

std::string plain_text(std::span<const Table> tables, std::size_t limit) {
  std::string out;
  for (const auto& table : tables) {
    for (const auto& row : table.rows) {
      std::string line;
      for (const auto& cell : row) {
        if (!line.empty()) line += '\t';
        line += clean(cell.text);
      }
      line += '\n';
      if (out.size() + line.size() > limit) return out;
      out += line;
    }
  }
  return out;
}

void flag_formulas(Document& document, std::span<const Table> tables) {
  const auto runs = [](const Cell& cell) {
    return cell.kind == Cell::Kind::text && (cell.text[0] == '=' || cell.text[0] == '@' ||
                                             ((cell.text[0] == '+' || cell.text[0] == '-') && cell.text.find_first_of("(!|") != std::string::npos));
  };
  for (const auto& table : tables) {
    for (const auto& row : table.rows) {
      if (std::any_of(row.begin(), row.end(), runs)) {
        raise(document, flag::formulas);
        return;
      }
    }
  }
}

Document read_tables(std::span<const Table> tables, std::string_view syntax, const Limits& limits) {
  auto document = read_fields(tables, limits).value_or(Document{});
  if (document.doc_type.empty()) document.doc_type = "document";
  document.syntax = syntax;
  document.text = plain_text(tables, limits.max_text_bytes);
  flag_formulas(document, tables);
  return document;
}

}  // namespace extract
