// Where requests go, checked before anything is sent.
#pragma once

#include <sys/socket.h>

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http {

struct Target {
  std::string url;
  std::string host;           // without brackets, lower case
  std::string label;          // host:port, fit to be shown
  std::int64_t endpoint = 0;  // first eight bytes of the SHA-256 of the URL
  bool plain = false;         // http: to a loopback address only
};

// Parses an https URL. Returns what is wrong instead, in words that do not quote it.
std::optional<std::string> parse_target(std::string_view url, Target& into);

// The same for what is read from: https, or http where the host is localhost or a loopback address.
std::optional<std::string> parse_source(std::string_view url, Target& into);

// True when `host` is one of the suffixes or a subdomain of one; true for an empty list.
bool host_allowed(std::string_view host, const std::vector<std::string>& suffixes);

// True for an address that is not out on the internet: loopback, private, link-local, multicast, documentation and
// the like, also when wrapped into IPv6 (mapped, compatible, NAT64, 6to4). IANA special-purpose registries.
bool is_private(const sockaddr* address);

bool is_loopback(const sockaddr* address);

// HTTP status codes as a set.
using Codes = std::bitset<600>;
std::optional<std::string> parse_codes(std::string_view text, Codes& into);  // "200-299,304"

struct Header {
  std::string name;
  std::string value;
  bool repeats = false;  // the same in many requests, and no secret: HPACK may remember it
};

// Parses "Key=Value,Key=Value" and refuses names that belong to the transport, to authentication or to us.
std::optional<std::string> parse_headers(std::string_view text, std::vector<Header>& into);

// Escapes a CloudEvents attribute for a header (HTTP protocol binding 1.0.2, §3.1.3.2): everything outside of
// U+0021 to U+007E and the characters " and % as %XX of the UTF-8 bytes.
std::string percent_encode(std::string_view text);

}  // namespace http
