// The lines of health-probe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emit/event.hpp"

struct Probe {
  static constexpr std::string_view type = "probe";
  static constexpr std::string_view about = "What a probe found. Fields that do not belong to it are null.";
  std::string probe;
  std::string_view state;
  std::string reason;
  std::int64_t duration_ms = 0;
  std::optional<std::string> target;
  std::optional<int> http_status;
  std::optional<std::string> version;
  std::optional<bool> read_only;
  std::optional<std::int64_t> days_left;
  std::optional<std::int64_t> age_days;
  std::string hint;
  static constexpr auto fields = emit::fields(
      emit::field("probe", &Probe::probe, "live, ready, db, schema, app_schema, webhook or secrets."),
      emit::field("state", &Probe::state, "ok, warning, critical, unknown or skipped."),
      emit::field("reason", &Probe::reason, "Which way of being so; see NOTES."), emit::field("duration_ms", &Probe::duration_ms, "How long it took."),
      emit::field("target", &Probe::target, "ready, webhook: host and port. secrets: name of the setting."),
      emit::field("http_status", &Probe::http_status, "ready: the status of the answer."),
      emit::field("version", &Probe::version, "ready: the version in the answer. schema: the last change that is deployed. app_schema: the revision."),
      emit::field("read_only", &Probe::read_only, "db: whether the session may only read."),
      emit::field("days_left", &Probe::days_left, "webhook: days until the first certificate of its chain runs out."),
      emit::field("age_days", &Probe::age_days, "secrets: days since the file was written."),
      emit::field("hint", &Probe::hint, "What to do; empty when there is nothing."));
};

struct Summary {
  static constexpr std::string_view type = "summary";
  static constexpr std::string_view about = "The last line.";
  std::string_view state;
  std::string_view outcome;
  std::int64_t probes = 0;
  std::int64_t not_ok = 0;
  std::int64_t duration_ms = 0;
  int exit = 0;
  static constexpr auto fields =
      emit::fields(emit::field("state", &Summary::state, "The worst of all: critical, warning, unknown or ok."),
                   emit::field("outcome", &Summary::outcome, "The row of EXIT STATUS."), emit::field("probes", &Summary::probes, "Lines before this one."),
                   emit::field("not_ok", &Summary::not_ok, "Those of them that are neither ok nor skipped."),
                   emit::field("duration_ms", &Summary::duration_ms, "How long everything took."), emit::field("exit", &Summary::exit, "The exit status."));
};
