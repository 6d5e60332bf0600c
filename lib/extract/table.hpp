// Tables, from CSV or from the sheets of a workbook, and what can be read from them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extract/extract.hpp"

namespace extract {

struct Cell {
  enum class Kind : std::uint8_t { text, number, date };

  std::size_t column = 0;
  std::string text;  // never blank; a number as decimal() gives it, a date as ISO 8601
  Kind kind = Kind::text;
  std::string format_currency;  // that the format of a number shows; empty when none
};

using TableRow = std::vector<Cell>;  // by ascending column; what is blank is not there

struct Table {
  std::vector<TableRow> rows;
};

const Cell* cell_at(const TableRow& row, std::size_t column);

// A bank statement with a line of headings, German or English, below any preamble, or without headings.
std::optional<Document> read_bank_statement(const Table& table, const Limits& limits);

// Invoices as a list below a line of headings, or one invoice a sheet with labels before or above its values. A field is given where all that
// is found agrees on it; several invoices are flagged.
std::optional<Document> read_invoice_tables(std::span<const Table> tables);

// The document of tables: what is read from them, or none but their text.
Document read_tables(std::span<const Table> tables, std::string_view syntax, const Limits& limits);

}  // namespace extract
