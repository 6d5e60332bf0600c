// CSV by libcsv: any delimiter, any encoding, quotes as spreadsheets and banks write them.
#include <csv.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <memory>

#include "base/text.hpp"
#include "extract/encoding.hpp"
#include "extract/formats.hpp"
#include "extract/table.hpp"
#include "extract/value.hpp"

namespace extract {
namespace {

class Reader {
 public:
  Reader(char delimiter, const Limits& limits) : limits_(limits) {
    if (csv_init(&parser_, CSV_APPEND_NULL) != 0) throw std::bad_alloc();
    csv_set_delim(&parser_, static_cast<unsigned char>(delimiter));
  }
  ~Reader() { csv_free(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::optional<Refusal> read(std::string_view text) {
    constexpr std::size_t piece = 65536;
    while (!text.empty() && going_on()) {
      const auto part = text.substr(0, piece);
      if (csv_parse(&parser_, part.data(), part.size(), &Reader::on_field, &Reader::on_row, this) != part.size()) failed();
      text.remove_prefix(part.size());
    }
    if (going_on()) {
      // Quotes inside of a field are forgiven; one that never closes is not: it swallowed the rest of the file.
      csv_set_opts(&parser_, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI);
      if (csv_fini(&parser_, &Reader::on_field, &Reader::on_row, this) != 0) failed();
    }
    if (thrown_) std::rethrow_exception(thrown_);
    return refusal_;
  }

  Table table;
  std::vector<std::size_t> widths;  // of the rows, with their blank cells

 private:
  [[nodiscard]] bool going_on() const { return !refusal_ && !thrown_; }

  void failed() {
    if (csv_error(&parser_) == CSV_ENOMEM) throw std::bad_alloc();
    if (!refusal_) refusal_ = parse_error(error_class::damaged);
  }

  // No exception may pass through libcsv's frames.
  template <class Event>
  void guarded(const Event& event) {
    if (!going_on()) return;
    try {
      event();
    } catch (...) {
      thrown_ = std::current_exception();
    }
  }

  static void on_field(void* text, std::size_t size, void* self) {
    auto& reader = *static_cast<Reader*>(self);
    reader.guarded([&] { reader.field({static_cast<const char*>(text), text == nullptr ? 0 : size}); });
  }

  void field(std::string_view text) {
    if (column_ >= limits_.max_columns) {
      refusal_ = parse_error(error_class::too_many_columns);
    } else if (text.size() > limits_.max_field_bytes) {
      refusal_ = parse_error(error_class::field_size);
    } else if (++cells_ > limits_.max_cells) {
      refusal_ = parse_error(error_class::too_many_entries);
    } else if (!clean(text).empty()) {
      row_.push_back({.column = column_, .text = std::string(text), .format_currency = {}});
    }
    ++column_;
  }

  static void on_row(int /*end*/, void* self) {
    auto& reader = *static_cast<Reader*>(self);
    reader.guarded([&] { reader.row(); });
  }

  void row() {
    if (table.rows.size() >= limits_.max_rows) refusal_ = parse_error(error_class::too_many_rows);
    table.rows.push_back(std::move(row_));
    widths.push_back(column_);
    row_.clear();
    column_ = 0;
  }

  const Limits& limits_;
  csv_parser parser_{};
  TableRow row_;
  std::size_t column_ = 0;
  std::size_t cells_ = 0;
  std::optional<Refusal> refusal_;
  std::exception_ptr thrown_;
};

// How many delimiters stand in the rows of the beginning that have as many as most rows have. Not how many rows fit: decimal commas fit, too.
std::size_t fit(std::string_view beginning, char delimiter) {
  const Limits roomy{.max_columns = 1'000'000, .max_field_bytes = SIZE_MAX};
  Reader reader(delimiter, roomy);
  static_cast<void>(reader.read(beginning));  // it may end within quotes
  std::map<std::size_t, std::size_t> rows_of_width;
  for (const auto width : reader.widths) ++rows_of_width[width];
  std::size_t best = 0;
  for (const auto& [width, rows] : rows_of_width) best = std::max(best, (std::max<std::size_t>(width, 1) - 1) * rows);
  return best;
}

// "sep=;" in the first line is Excel's way to say it.
std::optional<char> told_delimiter(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  const auto told = base::trim(line);
  if (told.size() != 5 || !base::lower(told).starts_with("sep=")) return std::nullopt;
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return told[4];
}

char delimiter_of(std::string_view text) {
  constexpr std::size_t looked_at = 16384;
  auto beginning = text.substr(0, looked_at);
  if (beginning.size() < text.size()) beginning = beginning.substr(0, beginning.rfind('\n') + 1);
  char best = ';';
  std::size_t most = 0;
  for (const char delimiter : {';', ',', '\t', '|'}) {
    if (const auto delimiters = fit(beginning, delimiter); delimiters > most) {
      most = delimiters;
      best = delimiter;
    }
  }
  return best;
}

}  // namespace

Result read_csv(std::string_view bytes, const Limits& limits) {
  const auto decoded = text_to_utf8(bytes);
  if (!decoded) return parse_error(error_class::bad_encoding);
  std::string_view text = *decoded;
  const auto told = told_delimiter(text);
  Reader reader(told.value_or(delimiter_of(text)), limits);
  if (auto refusal = reader.read(text)) return std::move(*refusal);
  return read_tables(std::span(&reader.table, 1), "csv", limits);
}

}  // namespace extract
