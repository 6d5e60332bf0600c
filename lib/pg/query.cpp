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

constexpr std::uint32_t uuid_type = 2950;  // UUIDOID, of PostgreSQL's catalog/pg_type.dat

void append_word(std::string& out, std::uint32_t word) {
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(word >> shift & 0xff);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// False unless it is written as PostgreSQL writes it.
bool append_uuid(std::string& out, std::string_view uuid) {
  if (uuid.size() != 36) return false;
  for (std::size_t at = 0; at < uuid.size();) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (uuid[at++] != '-') return false;
      continue;
    }
    const int high = hex_digit(uuid[at]);
    const int low = hex_digit(uuid[at + 1]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high << 4 | low);
    at += 2;
  }
  return true;
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

Params& Params::add_uuids(const std::vector<std::string>& uuids) {
  // Dimensions, whether there are nulls, type of the elements, their number, index of the first; then length and value of each.
  std::string out;
  out.reserve(20 + uuids.size() * 20);
  for (const auto word : {std::uint32_t{1}, std::uint32_t{0}, uuid_type, static_cast<std::uint32_t>(uuids.size()), std::uint32_t{1}}) append_word(out, word);
  for (const auto& uuid : uuids) {
    append_word(out, 16);
    // The server is to say what is wrong with it.
    if (!append_uuid(out, uuid)) return add_array(uuids);
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
