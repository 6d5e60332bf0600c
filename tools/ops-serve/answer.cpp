#include "answer.hpp"

#include <fmt/format.h>

#include <array>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "emit/json.hpp"
#include "page.hpp"
#include "style.hpp"

namespace {

constexpr auto routes = std::to_array<RouteRow>({
    {"/health/live", Route::live, false},
    {"/health/ready", Route::ready, false},
    {"/api/v1/ops/metrics", Route::snapshot, true},
    {"/metrics", Route::prometheus, true},
    {"/", Route::page, true},
});

constexpr RouteRow no_route{"", Route::none, false};

constexpr std::string_view json_type = "application/json";

// `allowed` is what Content-Security-Policy lets in besides nothing.
Response make(int status, std::string_view type, std::string body, std::string_view allowed = "") {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers = {
      {"Content-Type", std::string(type)},
      {"Content-Security-Policy", fmt::format("default-src 'none'; {}base-uri 'none'; form-action 'none'; frame-ancestors 'none'", allowed)},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
  };
  return response;
}

Response problem(int status, std::string_view error) {
  std::string body = R"({"error":)";
  emit::append_string(body, error);
  return make(status, json_type, body + "}\n");
}

Response no_database(const View* view) { return problem(503, view == nullptr ? "stopping" : view->error); }

// The scheme is compared without regard to case (RFC 9110 §11.1).
std::optional<std::string_view> credentials(std::string_view header, std::string_view scheme) {
  const auto blank = header.find(' ');
  if (blank == std::string_view::npos || base::lower(header.substr(0, blank)) != scheme) return std::nullopt;
  return base::trim(header.substr(blank));
}

}  // namespace

const RouteRow& route_of(std::string_view path) {
  for (const auto& row : routes) {
    if (row.path == path) return row;
  }
  return no_route;
}

bool authorized(std::string_view header, const std::vector<std::string>& tokens) {
  if (const auto token = credentials(header, "bearer")) return base::is_one_of(*token, tokens);
  if (const auto encoded = credentials(header, "basic")) {
    const auto pair = base::base64_decode(*encoded);
    const auto colon = pair ? pair->find(':') : std::string::npos;
    return colon != std::string::npos && base::is_one_of(std::string_view(*pair).substr(colon + 1), tokens);
  }
  return false;
}

Response not_found() { return problem(404, "not found"); }

Response not_allowed() {
  auto response = problem(405, "only GET and HEAD are allowed");
  response.headers.emplace_back("Allow", "GET, HEAD");
  return response;
}

Response unauthorized() {
  auto response = problem(401, "a token is needed");
  response.headers.emplace_back("WWW-Authenticate", R"(Basic realm="0admin-ops", charset="UTF-8")");
  response.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="0admin-ops")");
  return response;
}

Response live(std::string_view version) { return make(200, json_type, fmt::format("{{\"status\":\"OK\",\"version\":\"{}\"}}\n", version)); }

Response ready(const Readiness* readiness, std::string_view version) {
  const bool ok = readiness != nullptr && readiness->ok;
  return make(ok ? 200 : 503, json_type,
              fmt::format("{{\"status\":\"{}\",\"version\":\"{}\",\"db\":\"{}\"}}\n", ok ? "OK" : "DEGRADED", version, ok ? "OK" : "FAIL"));
}

Response snapshot(const View* view) {
  if (view == nullptr || !view->ok) return no_database(view);
  return make(200, json_type, metrics::json(view->snapshot) + "\n");
}

Response prometheus(const View* view) {
  if (view == nullptr || !view->ok) return no_database(view);
  return make(200, "text/plain; version=0.0.4; charset=utf-8", metrics::prometheus(view->snapshot));
}

Response status_page(const View* view, std::string_view languages, std::string_view version, base::WallTime now) {
  static const View stopping;
  const auto& shown = view == nullptr ? stopping : *view;
  const auto& words = words_for(languages);
  // The style sheet and the icon stand in the page; the digest lets the former in.
  const auto allowed = fmt::format("img-src data:; style-src 'sha256-{}'; ", base::base64(base::bytes_of(base::sha256(style_sheet()))));
  auto response = make(shown.ok ? 200 : 503, "text/html; charset=utf-8", render_page(shown, words, version, now), allowed);
  response.headers.emplace_back("Content-Language", std::string(words.language));
  response.headers.emplace_back("Vary", "Accept-Language");
  return response;
}
