// What is answered to what: the routes, who may use them, and the headers of every answer. Knows nothing of sockets.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "view.hpp"

enum class Route { live, ready, snapshot, prometheus, page, none };

struct RouteRow {
  std::string_view path;
  Route route;
  bool token;
};

const RouteRow& route_of(std::string_view path);

struct Response {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Whether the value of an Authorization header has one of the tokens: as Bearer, or as the password of Basic. RFC 6750, RFC 7617.
bool authorized(std::string_view header, const std::vector<std::string>& tokens);

Response not_found();
Response not_allowed();
Response unauthorized();
Response live(std::string_view version);
Response ready(const Readiness* readiness, std::string_view version);
Response snapshot(const View* view);
Response prometheus(const View* view);
// `languages` is the value of an Accept-Language header.
Response status_page(const View* view, std::string_view languages, std::string_view version, base::WallTime now);
