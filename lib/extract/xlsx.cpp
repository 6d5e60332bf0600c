// Workbooks (ISO/IEC 29500-1, SpreadsheetML): values of the cells as they were saved. Formulas are never calculated.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "extract/formats.hpp"
#include "extract/package.hpp"
#include "extract/table.hpp"
#include "extract/value.hpp"
#include "extract/written.hpp"

namespace extract {
namespace {

constexpr std::size_t last_column = 16384;
constexpr std::size_t last_row = 1048576;

std::string_view attribute(const xml::Attributes& attributes, std::string_view name) {
  for (const auto& [key, value] : attributes) {
    if (key == name) return value;
  }
  return {};
}

// Nothing for what is no index: a sign, too many digits, anything else.
std::optional<std::size_t> index_of(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

struct Sheet {
  std::string relation;
  bool hidden = false;
};

class WorkbookHandler : public xml::Handler {
 public:
  void open(std::string_view ns, std::string_view name, const xml::Attributes& attributes) override {
    if (name == "workbook") is_workbook = ns.find("spreadsheetml") != std::string_view::npos;
    if (name == "workbookPr") {
      const auto value = attribute(attributes, "date1904");
      from_1904 = value == "1" || value == "true";
    }
    if (name == "sheet") sheets.push_back({std::string(attribute(attributes, "id")), attribute(attributes, "state").find("idden") != std::string_view::npos});
  }
  void close(std::string_view /*ns*/, std::string_view /*name*/) override {}
  void text(std::string_view /*piece*/) override {}

  bool is_workbook = false;
  bool from_1904 = false;
  std::vector<Sheet> sheets;
};

// Shared strings: the text of each item, without what tells how it is pronounced.
class StringHandler : public xml::Handler {
 public:
  void open(std::string_view /*ns*/, std::string_view name, const xml::Attributes& /*attributes*/) override {
    if (name == "si") strings.emplace_back();
    if (name == "rPh") ++aside_;
    if (name == "t") ++inside_;
  }
  void close(std::string_view /*ns*/, std::string_view name) override {
    if (name == "rPh") --aside_;
    if (name == "t") --inside_;
  }
  void text(std::string_view piece) override {
    if (inside_ > 0 && aside_ == 0 && !strings.empty()) strings.back() += piece;
  }

  std::vector<std::string> strings;

 private:
  int inside_ = 0;
  int aside_ = 0;
};

struct Style {
  bool date = false;
  std::string currency;
};

// A format of days: with a y or a d that is neither quoted, escaped nor in brackets (18.8.31).
bool is_date_code(std::string_view code) {
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size());
    } else if (c == '[') {
      i = std::min(code.find(']', i), code.size());
    } else if (c == 'y' || c == 'Y' || c == 'd' || c == 'D') {
      return true;
    }
  }
  return false;
}

bool is_date_id(std::size_t id) { return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || (id >= 34 && id <= 36) || (id >= 50 && id <= 58); }

class StyleHandler : public xml::Handler {
 public:
  void open(std::string_view /*ns*/, std::string_view name, const xml::Attributes& attributes) override {
    if (name == "numFmt") codes_[std::string(attribute(attributes, "numFmtId"))] = attribute(attributes, "formatCode");
    if (name == "cellXfs") inside_ = true;
    if (name == "xf" && inside_) styles.push_back(style_of(attribute(attributes, "numFmtId")));
  }
  void close(std::string_view /*ns*/, std::string_view name) override {
    if (name == "cellXfs") inside_ = false;
  }
  void text(std::string_view /*piece*/) override {}

  std::vector<Style> styles;

 private:
  [[nodiscard]] Style style_of(std::string_view id) const {
    const auto code = codes_.find(id);
    if (code == codes_.end()) return {is_date_id(index_of(id).value_or(0)), {}};
    return {is_date_code(code->second), currency_in(code->second).value_or("")};
  }

  std::map<std::string, std::string, std::less<>> codes_;
  bool inside_ = false;
};

// A number as a spreadsheet shows it at most: fifteen digits, as that is what a double holds for sure.
std::string plain_number(double value) {
  auto text = fmt::format("{:.15g}", value);
  return text.find('e') == std::string::npos ? text : fmt::format("{:.12f}", value);
}

// Day 60 of the years from 1900 is one that there never was (18.17.4.1).
std::optional<std::string> day_of(double serial, bool from_1904) {
  constexpr double last_day = 2958465;
  if (!(serial >= 1) || serial > last_day) return std::nullopt;
  const auto days = std::chrono::days(static_cast<int>(serial));
  using namespace std::chrono_literals;
  const auto begin = from_1904 ? std::chrono::sys_days(1904y / 1 / 1) : std::chrono::sys_days(serial < 60 ? 1899y / 12 / 31 : 1899y / 12 / 30);
  const std::chrono::year_month_day day(begin + days);
  return date(static_cast<int>(day.year()), static_cast<int>(static_cast<unsigned>(day.month())), static_cast<int>(static_cast<unsigned>(day.day())));
}

struct Book {
  std::vector<std::string> strings;
  std::vector<Style> styles;
  bool from_1904 = false;
  std::size_t text_left;  // a shared string costs little in the file and much in every cell
  std::size_t cells_left;
};

class SheetHandler : public xml::Handler {
 public:
  SheetHandler(Book& book, const Limits& limits) : book_(book), limits_(limits) {}

  void open(std::string_view /*ns*/, std::string_view name, const xml::Attributes& attributes) override {
    if (name == "row") {
      const auto number = index_of(attribute(attributes, "r"));
      row_ = number ? *number : row_ + 1;
      column_ = 0;
    } else if (name == "c") {
      begin_cell(attributes);
    } else if (name == "rPh") {
      ++aside_;
    } else if (name == "v" || name == "t") {
      taking_ = aside_ == 0;
    }
  }

  void close(std::string_view /*ns*/, std::string_view name) override {
    if (name == "v" || name == "t") taking_ = false;
    if (name == "rPh") --aside_;
    if (name == "c") end_cell();
  }

  void text(std::string_view piece) override {
    if (taking_) value_ += piece;
  }

  std::optional<Refusal> refused() override { return refusal_; }

  // Rows in their order; one blank row stands for any number of them.
  Table table() {
    Table out;
    std::size_t before = 0;
    for (auto& [number, cells] : rows_) {
      if (number > before + 1 && before > 0) out.rows.emplace_back();
      before = number;
      TableRow row;
      for (auto& [column, cell] : cells) row.push_back(std::move(cell));
      out.rows.push_back(std::move(row));
    }
    return out;
  }

 private:
  void begin_cell(const xml::Attributes& attributes) {
    type_ = attribute(attributes, "t");
    style_ = index_of(attribute(attributes, "s"));
    value_.clear();
    const auto reference = attribute(attributes, "r");
    if (!reference.empty()) place(reference);
    ++column_;
  }

  // "B12": the column that the reference names. One beyond the last puts the cell nowhere.
  void place(std::string_view reference) {
    constexpr std::size_t letters = 26;
    std::size_t column = 0;
    std::size_t i = 0;
    for (; i < reference.size() && reference[i] >= 'A' && reference[i] <= 'Z' && column <= last_column; ++i) {
      column = column * letters + static_cast<std::size_t>(reference[i] - 'A') + 1;
    }
    const auto row = index_of(reference.substr(i));
    column_ = column == 0 || column > last_column || row != row_ ? last_column : column - 1;
  }

  void end_cell() {
    if (row_ == 0 || row_ > last_row || column_ > last_column) return;
    auto cell = cell_of_value();
    if (!cell || clean(cell->text).empty()) return;
    if (cell->text.size() > limits_.max_field_bytes) return refuse(error_class::field_size);
    if (cell->text.size() > book_.text_left) return refuse(error_class::unpacked_size);
    if (book_.cells_left == 0) return refuse(error_class::too_many_entries);
    book_.text_left -= cell->text.size();
    --book_.cells_left;
    cell->column = column_ - 1;
    rows_[row_].emplace(cell->column, std::move(*cell));
    if (rows_.size() > limits_.max_rows) refuse(error_class::too_many_rows);
  }

  void refuse(std::string_view why) {
    if (!refusal_) refusal_ = parse_error(why);
  }

  [[nodiscard]] std::optional<Cell> cell_of_value() const {
    const auto text = [](std::string content) { return Cell{.text = std::move(content), .format_currency = {}}; };
    if (type_ == "s") {
      const auto index = index_of(clean(value_));
      if (!index || *index >= book_.strings.size()) return std::nullopt;
      return text(book_.strings[*index]);
    }
    if (type_ == "str" || type_ == "inlineStr") return text(value_);
    if (type_ == "b") return text(value_ == "1" ? "TRUE" : "FALSE");
    if (type_ == "e") return std::nullopt;
    if (type_ == "d") return day(iso_date(clean(value_)));
    return number();
  }

  static std::optional<Cell> day(const std::optional<std::string>& iso) {
    if (!iso) return std::nullopt;
    return Cell{.text = *iso, .kind = Cell::Kind::date, .format_currency = {}};
  }

  [[nodiscard]] std::optional<Cell> number() const {
    const auto digits = clean(value_);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
    const Style none;
    const auto& style = style_ && *style_ < book_.styles.size() ? book_.styles[*style_] : none;
    if (style.date) return day(day_of(value, book_.from_1904));
    return Cell{.text = plain_number(value), .kind = Cell::Kind::number, .format_currency = style.currency};
  }

  Book& book_;
  const Limits& limits_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;  // of the next cell
  std::string type_;
  std::optional<std::size_t> style_;
  std::string value_;
  bool taking_ = false;
  int aside_ = 0;
  std::map<std::size_t, std::map<std::size_t, Cell>> rows_;
  std::optional<Refusal> refusal_;
};

std::string part_of_type(const Relations& relations, std::string_view type) {
  for (const auto& [id, relation] : relations) {
    if (relation.type == type) return relation.part;
  }
  return {};
}

class Workbook {
 public:
  Workbook(Package& package, const Limits& limits)
      : package_(package), limits_(limits), book_{.strings = {}, .styles = {}, .text_left = limits.max_unpacked_bytes, .cells_left = limits.max_cells} {}

  std::optional<Refusal> read() {
    auto roots = package_.relations_of("");
    if (auto* refusal = std::get_if<Refusal>(&roots)) return std::move(*refusal);
    const auto main = part_of_type(std::get<Relations>(roots), "officeDocument");
    if (main.empty()) return unsupported();
    WorkbookHandler workbook;
    if (auto refusal = package_.read(main, workbook)) return refusal;
    if (!workbook.is_workbook) return unsupported();
    auto relations = package_.relations_of(main);
    if (auto* refusal = std::get_if<Refusal>(&relations)) return std::move(*refusal);
    book_.from_1904 = workbook.from_1904;
    return read_parts(workbook.sheets, std::get<Relations>(relations));
  }

  std::vector<Table> tables;

 private:
  std::optional<Refusal> read_parts(const std::vector<Sheet>& sheets, const Relations& relations) {
    StringHandler strings;
    if (const auto part = part_of_type(relations, "sharedStrings"); !part.empty() && package_.has(part)) {
      if (auto refusal = package_.read(part, strings)) return refusal;
    }
    book_.strings = std::move(strings.strings);
    StyleHandler styles;
    if (const auto part = part_of_type(relations, "styles"); !part.empty() && package_.has(part)) {
      if (auto refusal = package_.read(part, styles)) return refusal;
    }
    book_.styles = std::move(styles.styles);
    for (const auto& sheet : sheets) {
      if (auto refusal = read_sheet(sheet, relations)) return refusal;
    }
    return std::nullopt;
  }

  // What is hidden is not what the document says to its reader.
  std::optional<Refusal> read_sheet(const Sheet& sheet, const Relations& relations) {
    const auto relation = relations.find(sheet.relation);
    if (sheet.hidden || relation == relations.end() || relation->second.type != "worksheet" || relation->second.part.empty()) return std::nullopt;
    SheetHandler handler(book_, limits_);
    if (auto refusal = package_.read(relation->second.part, handler)) return refusal;
    tables.push_back(handler.table());
    return std::nullopt;
  }

  Package& package_;
  const Limits& limits_;
  Book book_;
};

}  // namespace

Result read_xlsx(std::string_view bytes, const Limits& limits) {
  auto package = Package::open(bytes, limits);
  if (auto* refusal = std::get_if<Refusal>(&package)) return std::move(*refusal);
  Workbook workbook(std::get<Package>(package), limits);
  if (auto refusal = workbook.read()) return std::move(*refusal);
  return read_tables(workbook.tables, "xlsx", limits);
}

}  // namespace extract
