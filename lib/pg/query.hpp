// Statements with their parameters, and results.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pg {

// A statement of one .sql file, or one line of transaction control. `name` goes into errors, the text never does.
struct Statement {
  std::string_view name;
  const char* text;
  bool one_plan = false;  // leaves the planner no choice: a plan made on empty tables is as good on full ones
};

// Parameters, in order of $1, $2 … In text format, but for arrays of UUIDs.
class Params {
 public:
  // As libpq takes them. Valid as long as the parameters.
  struct Arguments {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
  };

  Params& add(std::string_view text);
  Params& add(std::int64_t number);
  Params& add_null();
  Params& add_optional(const std::optional<std::string>& text);
  Params& add_array(const std::vector<std::string>& items);                 // text[] or uuid[]
  Params& add_array(const std::vector<std::optional<std::string>>& items);  // with nulls
  Params& add_array(const std::vector<std::int64_t>& items);
  // uuid[], in binary format: reading the text was a thirtieth of what an event cost the server.
  Params& add_uuids(const std::vector<std::string_view>& uuids);

  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  [[nodiscard]] Arguments arguments() const;

 private:
  std::vector<std::optional<std::string>> values_;
  std::vector<std::size_t> binary_;  // places
};

// Owns a PGresult.
class Result {
 public:
  explicit Result(PGresult* result) : result_(result, PQclear) {}

  [[nodiscard]] int rows() const { return PQntuples(result_.get()); }
  [[nodiscard]] int columns() const { return PQnfields(result_.get()); }
  [[nodiscard]] bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) == 1; }
  // Empty for null. Valid as long as the result.
  [[nodiscard]] std::string_view text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  [[nodiscard]] std::int64_t integer(int row, int column) const;  // 0 for null
  [[nodiscard]] bool boolean(int row, int column) const { return text(row, column) == "t"; }
  [[nodiscard]] bool ok() const;
  [[nodiscard]] const PGresult* get() const { return result_.get(); }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

// Statements that make one round trip.
struct Batch {
  struct Item {
    Statement statement;
    Params params;
  };
  std::vector<Item> items;

  Batch& add(Statement statement, Params params = {}) {
    items.push_back({statement, std::move(params)});
    return *this;
  }
  [[nodiscard]] bool empty() const { return items.empty(); }
};

}  // namespace pg
