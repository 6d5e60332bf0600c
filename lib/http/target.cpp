#include "http/target.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace http {
namespace {

struct Network4 {
  std::uint32_t prefix;
  unsigned bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d) { return (a << 24U) | (b << 16U) | (c << 8U) | d; }

constexpr auto private4 = std::to_array<Network4>({
    {v4(0, 0, 0, 0), 8},
    {v4(10, 0, 0, 0), 8},
    {v4(100, 64, 0, 0), 10},
    {v4(127, 0, 0, 0), 8},
    {v4(169, 254, 0, 0), 16},
    {v4(172, 16, 0, 0), 12},
    {v4(192, 0, 0, 0), 24},
    {v4(192, 0, 2, 0), 24},
    {v4(192, 88, 99, 0), 24},
    {v4(192, 168, 0, 0), 16},
    {v4(198, 18, 0, 0), 15},
    {v4(198, 51, 100, 0), 24},
    {v4(203, 0, 113, 0), 24},
    {v4(224, 0, 0, 0), 4},
    {v4(240, 0, 0, 0), 4},
});

bool is_private4(std::uint32_t address) {
  return std::ranges::any_of(private4, [&](const Network4& n) { return (address >> (32 - n.bits)) == (n.prefix >> (32 - n.bits)); });
}

struct Network6 {
  std::array<unsigned char, 8> prefix;
  unsigned bits;
};

constexpr auto private6 = std::to_array<Network6>({
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48},  // 64:ff9b:1::/48, local NAT64
    {{0x01, 0x00}, 64},                          // 100::/64, discard
    {{0x20, 0x01, 0x00}, 23},                    // 2001::/23, Teredo and other protocols
    {{0x20, 0x01, 0x0d, 0xb8}, 32},              // 2001:db8::/32, documentation
    {{0x20, 0x02}, 16},                          // 2002::/16, 6to4
    {{0x3f, 0xff}, 20},                          // 3fff::/20, documentation
    {{0xfc}, 7},                                 // fc00::/7, unique local
    {{0xfe, 0x80}, 10},                          // fe80::/10, link-local
    {{0xfe, 0xc0}, 10},                          // fec0::/10, site-local
    {{0xff}, 8},                                 // ff00::/8, multicast
});

bool in_network(const unsigned char* address, const Network6& network) {
  const unsigned whole = network.bits / 8;
  const unsigned rest = network.bits % 8;
  if (std::memcmp(address, network.prefix.data(), whole) != 0) return false;
  return rest == 0 || (address[whole] >> (8 - rest)) == (network.prefix.at(whole) >> (8 - rest));
}

std::uint32_t embedded4(const unsigned char* address) { return v4(address[12], address[13], address[14], address[15]); }

bool is_private6(const unsigned char* a) {
  static constexpr std::array<unsigned char, 12> zero{};
  static constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::array<unsigned char, 12> nat64{0x00, 0x64, 0xff, 0x9b};
  if (std::memcmp(a, zero.data(), 12) == 0) return true;  // ::, ::1 and the IPv4-compatible addresses
  if (std::memcmp(a, mapped.data(), 12) == 0 || std::memcmp(a, nat64.data(), 12) == 0) return is_private4(embedded4(a));
  return std::ranges::any_of(private6, [&](const Network6& n) { return in_network(a, n); });
}

bool is_token(std::string_view text) {
  return !text.empty() && text.find_first_not_of("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

// Authentication and cookies would be secrets without rotation, hop-by-hop names belong to the transport (RFC 9110 §7.6.1), the rest is ours.
constexpr auto forbidden_headers = std::to_array<std::string_view>({
    "authorization",
    "cookie",
    "set-cookie",
    "host",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "content-length",
    "content-type",
    "user-agent",
    "x-trace-id",
    "http2-settings",
});

constexpr std::string_view secure = "https://";
constexpr std::string_view plain = "http://";

// Behind the scheme, which is right.
std::optional<std::string> parse_rest(std::string_view url, std::string_view scheme, std::string_view default_port, Target& into) {
  if (url.size() > 2048) return "is longer than 2048 characters";
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '\\' || c == '"' || c == '<' || c == '>') {
      return "has a character that must be percent-encoded";
    }
  }
  if (url.find('#') != std::string_view::npos) return "has a fragment";
  auto authority = url.substr(scheme.size());
  authority = authority.substr(0, authority.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return "has user info, which ends up in logs";
  std::string_view host = authority;
  std::string_view port = default_port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return "has an IPv6 address without its bracket";
    host = authority.substr(1, end - 1);
    in6_addr parsed{};
    if (inet_pton(AF_INET6, std::string(host).c_str(), &parsed) != 1) return "has a broken IPv6 address";
    if (end + 1 < authority.size()) {
      if (authority[end + 1] != ':') return "has a broken port";
      port = authority.substr(end + 2);
    }
  } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  const auto number = base::parse_integer(port);
  if (!number || *number < 1 || *number > 65535) return "has a broken port";
  if (host.find_first_not_of('.') == std::string_view::npos) return "has no host";
  if (!authority.starts_with('[') && host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != std::string_view::npos) {
    return "has a broken host name";
  }
  into.url = url;
  into.host = base::lower(host);
  while (into.host.ends_with('.')) into.host.pop_back();
  into.label = fmt::format("{}:{}", authority.starts_with('[') ? fmt::format("[{}]", into.host) : into.host, *number);
  const auto digest = base::sha256(url);
  std::uint64_t first = 0;
  for (unsigned i = 0; i < 8; ++i) first = (first << 8U) | digest.at(i);
  into.endpoint = static_cast<std::int64_t>(first);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> parse_target(std::string_view url, Target& into) {
  if (base::lower(url.substr(0, plain.size())) == plain) return "is http, which sends payloads and signatures in the clear";
  if (base::lower(url.substr(0, secure.size())) != secure) return "is not an https URL";
  return parse_rest(url, secure, "443", into);
}

std::optional<std::string> parse_source(std::string_view url, Target& into) {
  into.plain = base::lower(url.substr(0, plain.size())) == plain;
  if (!into.plain) return parse_target(url, into);
  if (auto wrong = parse_rest(url, plain, "80", into)) return wrong;
  in_addr v4{};
  const bool loopback = into.host == "localhost" || into.host == "::1" || (inet_pton(AF_INET, into.host.c_str(), &v4) == 1 && ntohl(v4.s_addr) >> 24U == 127);
  if (!loopback) return "is http, which is for loopback only";
  return std::nullopt;
}

bool host_allowed(std::string_view host, const std::vector<std::string>& suffixes) {
  if (suffixes.empty()) return true;
  return std::ranges::any_of(suffixes, [&](const std::string& entry) {
    auto suffix = base::lower(entry);
    if (suffix.starts_with('.')) suffix.erase(0, 1);
    return !suffix.empty() && (host == suffix || host.ends_with("." + suffix));
  });
}

bool is_private(const sockaddr* address) {
  if (address->sa_family == AF_INET) return is_private4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
  if (address->sa_family == AF_INET6) return is_private6(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr);
  return true;
}

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr) >> 24U == 127;
  if (address->sa_family == AF_INET6) return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return false;
}

std::optional<std::string> parse_codes(std::string_view text, Codes& into) {
  into.reset();
  for (const auto part : base::split(text, ',')) {
    const auto item = base::trim(part);
    const auto dash = item.find('-');
    const auto first = base::parse_integer(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : base::parse_integer(item.substr(dash + 1));
    if (!first || !last || *first < 200 || *last > 599 || *first > *last) return "has an item that is no status code or range of them";
    for (auto code = *first; code <= *last; ++code) into.set(static_cast<std::size_t>(code));
  }
  return std::nullopt;
}

std::optional<std::string> parse_headers(std::string_view text, std::vector<Header>& into) {
  into.clear();
  for (const auto part : base::split(text, ',')) {
    const auto nth = into.size() + 1;
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return fmt::format("header {} has no '='", nth);
    const auto name = part.substr(0, equals);
    const auto value = part.substr(equals + 1);
    // Before any trimming: a control character at either end is as wrong as one in the middle.
    if (base::has_control(part)) return fmt::format("header {} has a control character", nth);
    const auto trimmed = base::trim(name);
    if (!is_token(trimmed)) return fmt::format("header {} has a name that is none", nth);
    const auto known = base::lower(trimmed);
    if (std::ranges::find(forbidden_headers, known) != forbidden_headers.end() || known.starts_with("proxy-") || known.starts_with("webhook-") ||
        known.starts_with("ce-")) {
      return fmt::format("header {} has a name that is not allowed", nth);
    }
    into.push_back({std::string(trimmed), std::string(base::trim(value))});
  }
  return std::nullopt;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || c == '"' || c == '%') {
      fmt::format_to(std::back_inserter(out), "%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace http
