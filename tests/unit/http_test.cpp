#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <set>

#include "base/digest.hpp"
#include "http/client.hpp"
#include "http/signature.hpp"
#include "http/target.hpp"
#include "unit/support.hpp"

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::optional<std::string> target_problem(std::string_view url) {
  http::Target target;
  return http::parse_target(url, target);
}

http::Target target_of(std::string_view url) {
  http::Target target;
  const auto wrong = http::parse_target(url, target);
  EXPECT_EQ(wrong, std::nullopt) << url;
  return target;
}

bool is_private(const std::string& address) {
  sockaddr_in v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    return http::is_private(reinterpret_cast<const sockaddr*>(&v4));
  }
  sockaddr_in6 v6{};
  EXPECT_EQ(inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr), 1) << address;
  v6.sin6_family = AF_INET6;
  return http::is_private(reinterpret_cast<const sockaddr*>(&v6));
}

std::optional<std::string> header_problem(std::string_view text) {
  std::vector<http::Header> headers;
  return http::parse_headers(text, headers);
}

std::set<int> codes_of(std::string_view text) {
  http::Codes codes;
  EXPECT_EQ(http::parse_codes(text, codes), std::nullopt) << text;
  std::set<int> out;
  for (std::size_t code = 0; code < codes.size(); ++code) {
    if (codes.test(code)) out.insert(static_cast<int>(code));
  }
  return out;
}

constexpr auto key_text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

}  // namespace

TEST(Target, TakesAnHttpsUrlApart) {
  const auto plain = target_of("https://Example.COM/hook?token=abc");
  EXPECT_EQ(plain.url, "https://Example.COM/hook?token=abc");
  EXPECT_EQ(plain.host, "example.com");
  EXPECT_EQ(plain.label, "example.com:443");
  EXPECT_EQ(plain.label.find("token"), std::string::npos);
  EXPECT_EQ(target_of("https://example.com").host, "example.com");
  EXPECT_EQ(target_of("https://example.com?q").host, "example.com");
  EXPECT_EQ(target_of("https://example.com:8443/x").label, "example.com:8443");
  EXPECT_EQ(target_of("HTTPS://example.com/").host, "example.com");
  EXPECT_EQ(target_of("https://example.com./").host, "example.com") << "a trailing dot must not slip by the allowlist";
  EXPECT_EQ(target_of("https://127.0.0.1:1/").label, "127.0.0.1:1");
}

TEST(Target, TakesAnIpv6AddressInBrackets) {
  const auto v6 = target_of("https://[2001:DB8::1]:8443/hook");
  EXPECT_EQ(v6.host, "2001:db8::1");
  EXPECT_EQ(v6.label, "[2001:db8::1]:8443");
  EXPECT_EQ(target_of("https://[::1]/").label, "[::1]:443");
  for (const auto bad : {"https://[::1", "https://[::1]x/", "https://[::1]:/", "https://[::g]/", "https://[]/", "https://::1/", "https://[::1%25eth0]/",
                         "https://[::1]:70000/"}) {
    EXPECT_NE(target_problem(bad), std::nullopt) << bad;
  }
}

TEST(Target, RefusesWhatIsNotHttps) {
  for (const auto bad : {"http://example.com/", "HTTP://example.com/", "ftp://example.com/", "example.com", "//example.com/", "", "https:/example.com",
                         "https:example.com", " https://example.com/"}) {
    EXPECT_NE(target_problem(bad), std::nullopt) << bad;
  }
  EXPECT_NE(target_problem("http://example.com/")->find("http"), std::string::npos);
}

TEST(Target, RefusesUserInfoFragmentsAndBrokenHostsAndPorts) {
  for (const auto bad : {"https://user@example.com/",
                         "https://user:password@example.com/",
                         "https://@example.com/",
                         "https://example.com/#part",
                         "https://example.com#",
                         "https:///path",
                         "https://",
                         "https://:443/",
                         "https://./",
                         "https://..:443/",
                         "https://example.com:/",
                         "https://example.com:0/",
                         "https://example.com:65536/",
                         "https://example.com:-1/",
                         "https://example.com:1x/",
                         "https://example.com:443:443/",
                         "https://exa mple.com/",
                         "https://exam%70le.com/",
                         "https://ex*mple.com/",
                         "https://example.com\\@evil.example/"}) {
    EXPECT_NE(target_problem(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(target_problem("https://example.com:65535/"), std::nullopt);
  EXPECT_EQ(target_problem("https://example.com:1/"), std::nullopt);
}

TEST(Target, RefusesControlCharactersAndOthersThatMustBeEncoded) {
  for (int c = 0; c < 256; ++c) {
    const std::string url = "https://example.com/a"s + static_cast<char>(c) + "b";
    const bool bad = c <= 0x20 || c >= 0x7F || "\\\"<>#"sv.find(static_cast<char>(c)) != std::string_view::npos;
    EXPECT_EQ(target_problem(url) != std::nullopt, bad) << c;
  }
  EXPECT_NE(target_problem("https://example.com/" + std::string(3000, 'a')), std::nullopt);
}

TEST(Target, ProblemsDoNotQuoteTheUrl) {
  for (const auto bad : {"http://s3cret.example/", "https://s3cret@example.com/", "https://example.com/#s3cret", "https://example.com:s3cret/",
                         "https://s3cret host/", "s3cret"}) {
    EXPECT_EQ(target_problem(bad)->find("s3cret"), std::string::npos) << bad;
  }
}

TEST(Source, IsHttpsOrPlainHttpToLoopback) {
  http::Target target;
  for (const auto url : {"http://localhost:8470/m", "http://127.0.0.1:8470/m", "http://127.1.2.3/m", "http://[::1]:8470/m", "HTTP://LOCALHOST/"}) {
    EXPECT_EQ(http::parse_source(url, target), std::nullopt) << url;
    EXPECT_TRUE(target.plain) << url;
  }
  EXPECT_EQ(http::parse_source("https://ops.example.com/api/v1/ops/metrics", target), std::nullopt);
  EXPECT_FALSE(target.plain);
  for (const auto url : {"http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://[fe80::1]/",
                         "http://128.0.0.1/", "http://user@localhost/", "ftp://localhost/", "http://"}) {
    EXPECT_NE(http::parse_source(url, target), std::nullopt) << url;
  }
}

TEST(Target, AnEndpointIsToldByItsWholeUrl) {
  EXPECT_EQ(target_of("https://example.com/a").endpoint, target_of("https://example.com/a").endpoint);
  EXPECT_NE(target_of("https://example.com/a").endpoint, target_of("https://example.com/b").endpoint);
  const auto digest = base::sha256("https://example.com/a");
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < 8; ++i) first = first << 8U | digest[i];
  EXPECT_EQ(static_cast<std::uint64_t>(target_of("https://example.com/a").endpoint), first);
}

TEST(HostAllowed, IsASuffixOfWholeLabels) {
  const std::vector<std::string> list{"example.com", ".example.org", "Example.NET"};
  for (const auto good : {"example.com", "a.example.com", "a.b.example.com", "example.org", "a.example.org", "example.net", "x.example.net"})
    EXPECT_TRUE(http::host_allowed(good, list)) << good;
  for (const auto bad : {"evilexample.com", "example.com.evil.example", "example.co", "com", "", "evilexample.org", "example", "a.example.comx"})
    EXPECT_FALSE(http::host_allowed(bad, list)) << bad;
}

TEST(HostAllowed, EveryHostIsWhenTheListIsEmptyAndNoneByAnEmptyItem) {
  EXPECT_TRUE(http::host_allowed("anything.example", {}));
  EXPECT_FALSE(http::host_allowed("anything.example", {"."}));
  EXPECT_FALSE(http::host_allowed("anything.example", {""}));
}

TEST(IsPrivate, NothingThatIsNotOnTheInternetPasses) {
  for (const auto address : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "10.255.255.255",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.0.1",
                             "192.168.255.255",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.9",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::7f00:1",
                             "::ffff:7f00:1",
                             "::ffff:10.0.0.1",
                             "::ffff:169.254.169.254",
                             "64:ff9b::7f00:1",
                             "64:ff9b::10.0.0.1",
                             "64:ff9b::c0a8:1",
                             "64:ff9b:1::1",
                             "100::1",
                             "2001::1",
                             "2001:1ff::1",
                             "2001:db8::1",
                             "2002::1",
                             "2002:7f00:1::",
                             "2002:a00:1::1",
                             "3fff::1",
                             "3fff:fff::1",
                             "fc00::1",
                             "fd12:3456::1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "ff02::1",
                             "ff0e::1"}) {
    EXPECT_TRUE(is_private(address)) << address;
  }
}

TEST(IsPrivate, PublicAddressesPass) {
  for (const auto address : {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",  "11.0.0.0",       "100.63.255.255",  "100.128.0.0",    "126.255.255.255",
                             "128.0.0.1",       "169.253.255.255", "169.255.0.1",    "172.15.255.255", "172.32.0.0",      "192.0.1.1",      "192.0.3.1",
                             "192.167.255.255", "192.169.0.0",     "198.17.255.255", "198.20.0.0",     "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
                             "2606:4700::1111", "2001:200::1",     "2a00::1",        "2003::1",        "4000::1"}) {
    EXPECT_FALSE(is_private(address)) << address;
  }
}

TEST(IsPrivate, AnAddressOfAnotherFamilyIs) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_TRUE(http::is_private(&other));
}

TEST(Codes, AreNumbersAndRanges) {
  EXPECT_EQ(codes_of("410,413"), (std::set<int>{410, 413}));
  EXPECT_EQ(codes_of("200-203, 304"), (std::set<int>{200, 201, 202, 203, 304}));
  EXPECT_EQ(codes_of("599"), std::set<int>{599});
  EXPECT_EQ(codes_of("200-599").size(), 400U);
  http::Codes codes;
  for (const auto bad : {"199", "600", "299-200", "2xx", "200-", "-299", "200--299", "200,", ",", "200;204", "200-299-300", "0200x", "99999999999999999999"}) {
    EXPECT_NE(http::parse_codes(bad, codes), std::nullopt) << bad;
  }
}

TEST(Headers, ArePairsInOrder) {
  std::vector<http::Header> headers;
  ASSERT_EQ(http::parse_headers("X-Api-Key=a=b, X-Empty=,x_under=v w", headers), std::nullopt);
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, "X-Api-Key");
  EXPECT_EQ(headers[0].value, "a=b");
  EXPECT_EQ(headers[1].name, "X-Empty");
  EXPECT_EQ(headers[1].value, "");
  EXPECT_EQ(headers[2].name, "x_under");
  EXPECT_EQ(headers[2].value, "v w");
}

TEST(Headers, OfARequestAreSeenOneByOneAndAsLines) {
  http::Headers headers;
  EXPECT_EQ(headers.lines(), "");
  headers.add("Content-Type", "application/json", true);
  headers.add("X-Empty", "");
  headers.add("webhook-id", std::string(2000, 'i'));
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name, "Content-Type");
  EXPECT_EQ(headers[0].value, "application/json");
  EXPECT_TRUE(headers[0].repeats);
  EXPECT_EQ(headers[1].name, "X-Empty");
  EXPECT_EQ(headers[1].value, "");
  EXPECT_FALSE(headers[1].repeats);
  EXPECT_EQ(headers[2].name, "webhook-id");
  EXPECT_EQ(headers[2].value, std::string(2000, 'i'));
  EXPECT_EQ(headers.lines(), "Content-Type: application/json\r\nX-Empty: \r\nwebhook-id: " + std::string(2000, 'i') + "\r\n");
}

TEST(Headers, ForbiddenNamesAreRefusedInAnyCase) {
  for (const auto name : {"Authorization",
                          "Cookie",
                          "Set-Cookie",
                          "Host",
                          "Connection",
                          "Keep-Alive",
                          "Proxy-Authenticate",
                          "Proxy-Authorization",
                          "Proxy-Connection",
                          "TE",
                          "Trailer",
                          "Transfer-Encoding",
                          "Upgrade",
                          "Content-Length",
                          "Content-Type",
                          "User-Agent",
                          "X-Trace-ID",
                          "Expect",
                          "webhook-id",
                          "webhook-timestamp",
                          "webhook-signature",
                          "Webhook-Anything",
                          "ce-id",
                          "ce-anything",
                          "HTTP2-Settings"}) {
    std::string lower(name);
    std::string upper(name);
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    for (const auto& spelled : {std::string(name), lower, upper, " " + std::string(name) + " "}) {
      EXPECT_NE(header_problem(spelled + "=v"), std::nullopt) << spelled;
      EXPECT_NE(header_problem("X-Ok=v," + spelled + "=v"), std::nullopt) << spelled;
    }
  }
  EXPECT_EQ(header_problem("X-Authorization=v"), std::nullopt);
  EXPECT_EQ(header_problem("X-Host=v"), std::nullopt);
}

TEST(Headers, ControlCharactersAreRefusedWherever) {
  for (const auto c : {'\r', '\n', '\0', '\x01', '\x7f'}) {
    const std::string one(1, c);
    for (const auto& text : {"X-A=" + one + "v", "X-A=v" + one, "X-A=v" + one + "w", one + "X-A=v", "X-A" + one + "=v", "X-A=v," + one + "X-B=w"}) {
      const auto wrong = header_problem(text);
      ASSERT_NE(wrong, std::nullopt) << static_cast<int>(c);
    }
  }
}

TEST(Headers, NamesMustBeTokensAndPairsMustHaveAnEqualsSign) {
  for (const auto bad : {"X-A", "=v", " =v", "X A=v", "X:A=v", "X\"A=v", "X-A=v,,X-B=w", "X-A=v,", "X-(A)=v", "X-Ä=v"})
    EXPECT_NE(header_problem(bad), std::nullopt) << bad;
}

TEST(Headers, ProblemsDoNotQuoteValues) {
  const auto wrong = header_problem("X-Ok=1,Cookie=s3cret");
  ASSERT_NE(wrong, std::nullopt);
  EXPECT_EQ(wrong->find("s3cret"), std::string::npos);
  EXPECT_NE(wrong->find("header 2"), std::string::npos) << *wrong;
}

TEST(PercentEncode, EscapesWhatTheCloudEventsBindingDemands) {
  EXPECT_EQ(http::percent_encode("Invoice.Created-1_0"), "Invoice.Created-1_0");
  EXPECT_EQ(http::percent_encode("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80") << "the example of the binding, §3.1.3.2";
  EXPECT_EQ(http::percent_encode("100%\""), "100%25%22");
  EXPECT_EQ(http::percent_encode("\r\n\0\x7f"sv), "%0D%0A%00%7F");
  EXPECT_EQ(http::percent_encode(""), "");
}

TEST(RetryAfter, IsSecondsOrADate) {
  const base::WallTime now{base::Milliseconds(1795485600000)};  // 2026-11-24T02:00:00Z
  const auto parse = [&](std::string_view text) { return http::parse_retry_after(text, now); };
  EXPECT_EQ(parse("120"), 120s);
  EXPECT_EQ(parse("0"), 0s);
  EXPECT_EQ(parse("Tue, 24 Nov 2026 02:00:30 GMT"), 30s);
  EXPECT_EQ(parse("Tue, 24 Nov 2026 01:59:00 GMT"), 0s) << "a date that is over asks for nothing";
  EXPECT_EQ(parse("-1"), std::nullopt);
  EXPECT_EQ(parse(""), std::nullopt);
  EXPECT_EQ(parse("soon"), std::nullopt);
  EXPECT_EQ(parse("1.5"), std::nullopt);
  EXPECT_EQ(parse("Tue, 24 Nov 2026 02:00:30 GMT and more"), std::nullopt);
  EXPECT_EQ(parse("2026-11-24T02:00:30Z"), std::nullopt);
}

TEST(RetryAfter, AnAbsurdWaitIsBounded) {
  const base::WallTime now{base::Milliseconds(1795485600000)};
  for (const auto text : {"99999999999", "9223372036854775807", "Fri, 01 Jan 2100 00:00:00 GMT"}) {
    const auto wait = http::parse_retry_after(text, now);
    ASSERT_NE(wait, std::nullopt) << text;
    EXPECT_GT(*wait, 1h) << text;
    EXPECT_LE(*wait, 24h) << text;
  }
}

TEST(Signature, AgreesWithThePublishedVector) {
  std::string key;
  ASSERT_EQ(http::parse_signing_key(key_text, key), std::nullopt);
  EXPECT_EQ(key.size(), 24U);
  EXPECT_EQ(http::sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, CoversIdTimeAndEveryByteOfTheBody) {
  std::string key;
  ASSERT_EQ(http::parse_signing_key(key_text, key), std::nullopt);
  const auto signature = http::sign(key, "id", 1, "body");
  EXPECT_EQ(signature, "v1," + base::base64(base::bytes_of(base::hmac_sha256(key, "id.1.body"))));
  for (const auto& other : {http::sign(key, "ie", 1, "body"), http::sign(key, "id", 2, "body"), http::sign(key, "id", 1, "body "),
                            http::sign(key + "x", "id", 1, "body"), http::sign(key, "id", 1, "body\0"sv)}) {
    EXPECT_NE(signature, other);
  }
}

TEST(SigningKey, IsBase64Of24To64BytesWithItsPrefix) {
  std::string key;
  for (const std::size_t size : {24U, 25U, 64U}) {
    const std::string raw(size, '\xfe');
    ASSERT_EQ(http::parse_signing_key("whsec_" + base::base64(raw), key), std::nullopt) << size;
    EXPECT_EQ(key, raw);
  }
  for (const auto& bad :
       {base::base64(std::string(24, 'k')), "whsec_" + base::base64(std::string(23, 'k')), "whsec_" + base::base64(std::string(65, 'k')), "whsec_"s,
        "whsec_!!!!"s, ""s, "whsec_"s + base::base64(std::string(24, 'k')) + "\n", "WHSEC_" + base::base64(std::string(24, 'k'))}) {
    const auto wrong = http::parse_signing_key(bad, key);
    ASSERT_NE(wrong, std::nullopt) << bad;
    if (!bad.empty()) {
      EXPECT_EQ(wrong->find(bad), std::string::npos);
    }
  }
}
