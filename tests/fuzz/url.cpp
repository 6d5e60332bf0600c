// URLs, headers, status codes and signing keys: what passes can be put into a request.
#include <string>

#include "base/text.hpp"
#include "fuzz.hpp"
#include "http/signature.hpp"
#include "http/target.hpp"

void fuzz(std::string_view input) {
  http::Target target;
  if (!http::parse_target(input, target)) promise(!target.host.empty() && !target.plain && target.label.find_first_of("@?# \r\n") == std::string::npos);
  http::Target source;
  if (!http::parse_source(input, source)) promise(!source.host.empty() && source.label.find_first_of("@?# \r\n") == std::string::npos);
  std::vector<http::Header> headers;
  if (!http::parse_headers(input, headers)) {
    for (const auto& header : headers) {
      promise(!header.name.empty() && !base::has_control(header.value));
      promise(base::lower(header.name) != "authorization" && base::lower(header.name) != "host" && base::lower(header.name) != "cookie");
    }
  }
  http::Codes codes;
  http::parse_codes(input, codes);
  std::string key;
  if (!http::parse_signing_key(input, key)) promise(key.size() >= 24 && key.size() <= 64);
  const auto encoded = http::percent_encode(input);
  for (const char c : encoded) promise(c > ' ' && c < 0x7f && c != '"');
}
