#include "pg/query.hpp"

#include "base/text.hpp"

namespace pg {
namespace {

void append_element(std::string& out, std::string_view item) {
  out += '"';
  for (const char c : item) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

Params& Params::add(std::string_view text) {
  values_.emplace_back(text);
  return *this;
}

Params& Params::add(std::int64_t number) {
  values_.emplace_back(std::to_string(number));
  return *this;
}

Params& Params::add_null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

Params& Params::add_optional(const std::optional<std::string>& text) {
  values_.push_back(text);
  return *this;
}

Params& Params::add_array(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    append_element(out, item);
  }
  values_.emplace_back(out + '}');
  return *this;
}

Params& Params::add_array(const std::vector<std::optional<std::string>>& items) {
  std::string out = "{";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    if (item) {
      append_element(out, *item);
    } else {
      out += "NULL";
    }
  }
  values_.emplace_back(out + '}');
  return *this;
}

Params& Params::add_array(const std::vector<std::int64_t>& items) {
  std::string out = "{";
  for (const auto item : items) {
    if (out.size() > 1) out += ',';
    out += std::to_string(item);
  }
  values_.emplace_back(out + '}');
  return *this;
}

std::vector<const char*> Params::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(values_.size());
  for (const auto& value : values_) pointers.push_back(value ? value->c_str() : nullptr);
  return pointers;
}

std::int64_t Result::integer(int row, int column) const { return base::parse_integer(text(row, column)).value_or(0); }

bool Result::ok() const {
  const auto status = PQresultStatus(result_.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

}  // namespace pg
