// The statements of the lease protocol as functions, run by a session of the test's choice.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "outbox/queue.hpp"
#include "outbox/sql.hpp"
#include "pg/cluster.hpp"

namespace protocol {

using cluster::Answer;
using cluster::Session;

struct Claimed {
  std::string id;
  std::string token;
  std::int64_t attempts = 0;
  bool charged = false;
  std::int64_t lag_us = 0;
  std::string tenant;
  std::string type;
  std::string payload;
  std::int64_t due_us = 0;
};

inline std::vector<Claimed> claimed(const Answer& answer) {
  std::vector<Claimed> out;
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    out.push_back({answer.text(row, 0), answer.text(row, 1), answer.number(row, 2), answer.text(row, 4) == "t", answer.number(row, 5), answer.text(row, 6),
                   answer.text(row, 7), answer.text(row, 11), answer.number(row, 12)});
  }
  return out;
}

// Every type, no endpoint.
inline const outbox::Scope& everything() {
  static const outbox::Scope scope;
  return scope;
}

inline outbox::Scope at_endpoint(std::int64_t endpoint) {
  outbox::Scope scope;
  scope.endpoint = endpoint;
  return scope;
}

// What a claim is told of types: none is known, it begins at the beginning of each, and passes over nothing.
struct Known {
  std::vector<std::string> types = {};
  std::vector<std::optional<std::string>> floors = {};
  std::optional<std::string> suspect = std::nullopt;
};

inline pg::Params claim_params(std::int64_t count, const outbox::Scope& scope = everything(), const Known& known = {}) {
  pg::Params params;
  params.add(count).add(std::int64_t{90}).add("test");
  scope.add_types(params);
  scope.add_endpoint(params);
  params.add_array(known.types).add_array(known.floors).add_null();
  return params;
}

inline pg::Params probe_params(const outbox::Scope& scope, std::int64_t probe_ms) {
  pg::Params params;
  params.add(std::int64_t{90}).add("test");
  scope.add_types(params);
  scope.add_endpoint(params);
  params.add(probe_ms);
  return params;
}

inline pg::Params suspect_params(const outbox::Scope& scope = everything(), const Known& known = {}) {
  pg::Params params;
  params.add(std::int64_t{90}).add("test");
  scope.add_types(params);
  scope.add_endpoint(params);
  params.add_array(known.types).add_optional(known.suspect);
  return params;
}

inline pg::Params look_params(const outbox::Scope& scope = everything(), const Known& known = {}) {
  pg::Params params;
  scope.add_types(params);
  scope.add_endpoint(params);
  params.add_array(known.types).add_optional(known.suspect);
  return params;
}

inline std::vector<Claimed> claim(const Session& session, std::int64_t count, const outbox::Scope& scope = everything(), const Known& known = {}) {
  return claimed(session.run(outbox::sql::claim, claim_params(count, scope, known)));
}
inline std::vector<Claimed> claim_suspect(const Session& session, const outbox::Scope& scope = everything(), const Known& known = {}) {
  return claimed(session.run(outbox::sql::claim_suspect, suspect_params(scope, known)));
}
inline std::vector<Claimed> claim_probe(const Session& session, const outbox::Scope& scope, std::int64_t probe_ms = 60000) {
  return claimed(session.run(outbox::sql::claim_probe, probe_params(scope, probe_ms)));
}

inline pg::Params keys(const std::vector<Claimed>& events) {
  std::vector<std::string_view> ids;
  std::vector<std::string_view> tokens;
  for (const auto& event : events) {
    ids.emplace_back(event.id);
    tokens.emplace_back(event.token);
  }
  pg::Params params;
  params.add_uuids(ids).add_uuids(tokens);
  return params;
}

// The ids for which it was so.
inline std::vector<std::string> renew(const Session& session, const std::vector<Claimed>& events) {
  return session.run(outbox::sql::renew, keys(events).add(std::int64_t{90})).column(0);
}
inline std::vector<std::string> release(const Session& session, const std::vector<Claimed>& events) {
  return session.run(outbox::sql::release, keys(events)).column(0);
}

constexpr auto no_runner = "00000000-0000-0000-0000-000000000000";

struct Delivered {
  std::optional<std::int64_t> endpoint = std::nullopt;
  std::string runner = no_runner;
  bool resubmitted = false;
  std::int64_t took_ms = 10;
};

inline pg::Params sent_params(const std::vector<Claimed>& events, const Delivered& how = {}) {
  auto params = keys(events);
  params.add_array(std::vector<std::int64_t>(events.size(), how.took_ms)).add(how.resubmitted ? "true" : "false");
  params.add_optional(how.endpoint ? std::optional(std::to_string(*how.endpoint)) : std::nullopt).add(how.runner);
  return params;
}
inline std::vector<std::string> complete_sent(const Session& session, const std::vector<Claimed>& events, const Delivered& how = {}) {
  return session.run(outbox::sql::complete_sent, sent_params(events, how)).column(0);
}

struct Failed {
  std::string reason = "http_500";
  bool final = false;
  bool endpoint_fault = false;
  std::int64_t began_ms = 1;
  std::int64_t wait_ms = 60000;
  std::optional<std::int64_t> took_ms = 10;
  std::int64_t retry_max = 3;
  std::optional<std::int64_t> endpoint = std::nullopt;
  std::string runner = no_runner;
};

struct Verdict {
  std::string id;
  std::string verdict;
  cluster::Cell next;
};

inline pg::Params failed_params(const std::vector<Claimed>& events, const Failed& how = {}) {
  auto params = keys(events);
  const auto count = events.size();
  params.add_array(std::vector<std::string>(count, how.reason)).add_array(std::vector<std::string>(count, how.final ? "true" : "false"));
  params.add_array(std::vector<std::string>(count, how.endpoint_fault ? "true" : "false")).add_array(std::vector<std::int64_t>(count, how.began_ms));
  params.add_array(std::vector<std::int64_t>(count, how.wait_ms));
  params.add_array(std::vector<std::optional<std::string>>(count, how.took_ms ? std::optional(std::to_string(*how.took_ms)) : std::nullopt)).add(how.retry_max);
  params.add_optional(how.endpoint ? std::optional(std::to_string(*how.endpoint)) : std::nullopt).add(how.runner);
  return params;
}
inline std::vector<Verdict> complete_failed(const Session& session, const std::vector<Claimed>& events, const Failed& how = {}) {
  const auto answer = session.run(outbox::sql::complete_failed, failed_params(events, how));
  std::vector<Verdict> verdicts;
  for (const auto& row : answer.rows) verdicts.push_back({*row.at(0), *row.at(1), row.at(2)});
  return verdicts;
}

inline std::string verdict_of(const Session& session, const Claimed& event, const Failed& how = {}) {
  const auto verdicts = complete_failed(session, {event}, how);
  return verdicts.size() == 1 && verdicts[0].id == event.id ? verdicts[0].verdict : "stale";
}

struct Trouble {
  std::int64_t endpoint = 7;
  std::int64_t threshold = 5;
  std::int64_t probe_ms = 1000;
  bool probe = false;
  std::int64_t asked_ms = 0;
};

inline pg::Params trouble_params(const std::vector<std::string>& ids, const Trouble& how, const outbox::Scope& scope) {
  pg::Params params;
  params.add(how.endpoint).add("hooks.example:443").add_array(ids).add(how.threshold).add(how.probe_ms);
  params.add("http_503").add(how.probe ? "true" : "false").add(how.asked_ms);
  scope.add_types(params);
  return params;
}

inline std::vector<std::string> ids_of(const std::vector<Claimed>& events) {
  std::vector<std::string> ids;
  for (const auto& event : events) ids.push_back(event.id);
  return ids;
}
inline std::vector<std::string> sorted(std::vector<std::string> list) {
  std::ranges::sort(list);
  return list;
}

}  // namespace protocol
