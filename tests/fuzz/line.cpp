// Lines that other programs write: of outbox-add, chosen by the first byte to be payloads, payloads with a key, or envelopes.
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "item.hpp"

void fuzz(std::string_view input) {
  if (input.empty()) return;
  Config config;
  config.tenant = "11111111-1111-4111-8111-111111111111";
  config.event_type = "Demo";
  config.max_payload_bytes = 4096;
  config.envelope = input[0] == 'e';
  if (input[0] == 'k') config.key_field = "id";
  const auto read = read_item(input.substr(1), 1, config, "run:1");
  const auto* item = std::get_if<Item>(&read);
  if (item == nullptr) return;
  promise(nlohmann::json::accept(item->payload) && base::is_utf8(item->payload));
  promise(base::is_uuid(item->tenant) && !item->event_type.empty() && !item->key.empty());
  promise(item->payload.size() <= 4096 && input.find(item->payload) != std::string_view::npos);  // kept to the byte
}
