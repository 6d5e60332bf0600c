#include "item.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace {

using nlohmann::json;

constexpr std::size_t longest_type = 128;
constexpr std::size_t longest_key = 128;
constexpr std::size_t longest_version = 16;
constexpr std::size_t longest_trace = 64;

// The same limits as the CHECKs of outbox_events, told by name here.
std::optional<std::string> check_text(std::string_view what, std::string_view text, std::size_t longest) {
  if (text.empty()) return fmt::format("{} is empty", what);
  if (base::has_control(text)) return fmt::format("{} has a control character", what);
  std::size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  if (characters > longest) return fmt::format("{} is longer than {} characters", what, longest);
  return std::nullopt;
}

bool is_summary(const json& object) {
  return object.is_object() && object.contains("v") && object.contains("tool") && object.contains("type") && object["type"] == "summary";
}

// A member that must be a string if it is there. False when it is something else.
bool read_text(const json& object, const char* name, std::optional<std::string>& into) {
  const auto at = object.find(name);
  if (at == object.end() || at->is_null()) return true;
  if (!at->is_string()) return false;
  into = at->get<std::string>();
  return true;
}

std::optional<std::string> key_of(const json& payload, const std::string& field) {
  if (!payload.is_object()) return std::nullopt;
  const auto at = payload.find(field);
  if (at == payload.end()) return std::nullopt;
  if (at->is_string()) return at->get<std::string>();
  if (at->is_number_integer()) return at->dump();
  return std::nullopt;
}

std::optional<std::string> check_item(const Item& item, std::int64_t max_payload_bytes) {
  if (!base::is_utf8(item.event_type) || !base::is_utf8(item.schema_version)) return "type or schema version is not UTF-8";
  if (auto wrong = check_text("the type", item.event_type, longest_type)) return wrong;
  if (auto wrong = check_text("the idempotency key", item.key, longest_key)) return wrong;
  if (auto wrong = check_text("the schema version", item.schema_version, longest_version)) return wrong;
  if (item.trace_id) {
    if (auto wrong = check_text("the trace id", *item.trace_id, longest_trace)) return wrong;
  }
  if (static_cast<std::int64_t>(item.payload.size()) > max_payload_bytes) {
    return fmt::format("the payload has {} bytes, more than the {} of OUTBOX_MAX_PAYLOAD_BYTES", item.payload.size(), max_payload_bytes);
  }
  return std::nullopt;
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

// The end of the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth == 0) return at;  // the end of what a bare word stands in
      if (--depth == 0) return at + 1;
    }
    if (c == ',' && depth == 0) return at;
    ++at;
  }
  return at;
}

}  // namespace

std::optional<std::string_view> raw_member(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  auto at = object.find('{');
  if (at == std::string_view::npos) return std::nullopt;
  ++at;
  while (true) {
    at = object.find_first_of("\"}", at);
    if (at == std::string_view::npos || object[at] == '}') return found;
    const auto key_end = end_of_string(object, at);
    const auto key = object.substr(at + 1, key_end - at - 2);
    const auto value = object.find_first_not_of(" \t\r\n", object.find(':', key_end) + 1);
    const auto value_end = end_of_value(object, value);
    if (key == name || (key.find('\\') != std::string_view::npos && json::parse(object.substr(at, key_end - at)) == name))
      found = base::trim(object.substr(value, value_end - value));
    at = value_end;
  }
}

std::variant<Item, Skip, Refuse> read_item(std::string_view line, std::int64_t number, const Config& config, std::string_view default_key) {
  const auto text = base::trim(line);
  if (text.empty()) return Skip{};
  // The parser takes a NUL for the end of the text, and what is behind it for nothing.
  const auto parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded() || text.find('\0') != std::string_view::npos) return Refuse{"it is not JSON"};
  if (is_summary(parsed)) return Skip{};

  Item item;
  item.line = number;
  item.tenant = config.tenant;
  item.event_type = config.event_type;
  item.schema_version = config.schema_version.empty() ? "1.0" : config.schema_version;
  item.key = default_key;
  const json* payload = &parsed;
  if (config.envelope) {
    if (!parsed.is_object()) return Refuse{"it is not an object"};
    std::optional<std::string> tenant;
    std::optional<std::string> type;
    std::optional<std::string> version;
    std::optional<std::string> key;
    if (!read_text(parsed, "tenant_id", tenant) || !read_text(parsed, "event_type", type) || !read_text(parsed, "schema_version", version) ||
        !read_text(parsed, "idempotency_key", key) || !read_text(parsed, "trace_id", item.trace_id)) {
      return Refuse{"tenant_id, event_type, idempotency_key, schema_version and trace_id must be strings"};
    }
    const auto raw = raw_member(text, "payload");
    if (!raw) return Refuse{"it has no payload"};
    item.payload = *raw;
    payload = &parsed["payload"];
    if (tenant) item.tenant = *tenant;
    if (type) item.event_type = *type;
    if (version) item.schema_version = *version;
    if (key) item.key = *key;
  } else {
    item.payload = text;
  }
  if (!config.key_field.empty()) {
    const auto key = key_of(*payload, config.key_field);
    if (!key) return Refuse{"the field of --key-field is missing, or neither a string nor a whole number"};
    item.key = *key;
  }
  if (!base::is_uuid(item.tenant)) return Refuse{"it has no tenant_id that is a UUID, and --tenant is not given"};
  if (item.event_type.empty()) return Refuse{"it has no event_type, and --type is not given"};
  if (auto wrong = check_item(item, config.max_payload_bytes)) return Refuse{*wrong};
  return item;
}
