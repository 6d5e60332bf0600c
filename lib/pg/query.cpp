#include "pg/query.hpp"

#include <algorithm>

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

constexpr std::uint32_t uuid_type = 2950;  // UUIDOID, of PostgreSQL's catalog/pg_type.dat

char* put_word(char* out, std::uint32_t word) {
  for (const int shift : {24, 16, 8, 0}) *out++ = static_cast<char>(word >> shift & 0xff);
  return out;
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

Params& Params::add_uuids(const std::vector<std::string_view>& uuids) {
  constexpr std::size_t head = 20;
  constexpr std::size_t element = 20;
  std::string out(head + uuids.size() * element, '\0');
  char* at = out.data();
  // Dimensions, whether there are nulls, type of the elements, their number, index of the first; then length and value of each.
  for (const auto word : {std::uint32_t{1}, std::uint32_t{0}, uuid_type, static_cast<std::uint32_t>(uuids.size()), std::uint32_t{1}}) at = put_word(at, word);
  for (const auto& uuid : uuids) {
    const auto bytes = base::parse_uuid(uuid);
    // The server is to say what is wrong with it.
    if (!bytes) return add_array(std::vector<std::string>(uuids.begin(), uuids.end()));
    at = std::ranges::copy(*bytes, put_word(at, static_cast<std::uint32_t>(bytes->size()))).out;
  }
  binary_.push_back(values_.size());
  values_.emplace_back(std::move(out));
  return *this;
}

Params::Arguments Params::arguments() const {
  Arguments arguments;
  arguments.values.reserve(values_.size());
  arguments.lengths.reserve(values_.size());
  for (const auto& value : values_) {
    arguments.values.push_back(value ? value->c_str() : nullptr);
    arguments.lengths.push_back(value ? static_cast<int>(value->size()) : 0);
  }
  arguments.formats.resize(values_.size());
  for (const auto place : binary_) arguments.formats[place] = 1;
  return arguments;
}

std::int64_t Result::integer(int row, int column) const { return base::parse_integer(text(row, column)).value_or(0); }

bool Result::ok() const {
  const auto status = PQresultStatus(result_.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

}  // namespace pg
