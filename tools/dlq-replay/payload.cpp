#include "payload.hpp"

#include <nlohmann/json.hpp>

#include "base/digest.hpp"

namespace {

using nlohmann::json;

constexpr std::size_t most_keys = 50;
constexpr std::size_t longest_key = 64;

// Collects the keys at depth one without building the document.
class Keys : public nlohmann::json_sax<json> {
 public:
  std::vector<std::string> found;

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*count*/) override { return down(); }
  bool end_object() override { return up(); }
  bool start_array(std::size_t /*count*/) override { return down(); }
  bool end_array() override { return up(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const nlohmann::detail::exception& /*why*/) override { return false; }
  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    found.push_back(name.substr(0, longest_key));
    return found.size() < most_keys;
  }

 private:
  bool down() {
    ++depth_;
    return true;
  }
  bool up() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
};

std::string_view kind_of(char first) {
  switch (first) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "boolean";
    case 'n':
      return "null";
    default:
      return "number";
  }
}

}  // namespace

PayloadFacts facts_of(std::string_view payload) {
  PayloadFacts facts;
  const auto first = payload.find_first_not_of(" \t\r\n");
  facts.kind = kind_of(first == std::string_view::npos ? '0' : payload[first]);
  facts.bytes = static_cast<std::int64_t>(payload.size());
  facts.sha256 = base::hex(base::bytes_of(base::sha256(payload)));
  if (facts.kind == "object") {
    Keys keys;
    json::sax_parse(payload, &keys);
    facts.keys = std::move(keys.found);
  }
  return facts;
}
