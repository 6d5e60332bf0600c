#include "pg/error.hpp"

#include <fmt/format.h>

#include <array>

namespace pg {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

bool ends_connection(std::string_view sqlstate) {
  return sqlstate == "25006" || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" || sqlstate.starts_with("08");
}

constexpr std::string_view deploy_hint = "deploy the schema: sqitch deploy --chdir SCHEMA_FOLDER db:pg:DATABASE (see 0admin-ops(7))";

struct ConnectKind {
  std::string_view sign;  // as it stands in libpq's untranslated message, or the SQLSTATE
  std::string_view reason;
  std::string_view kind;
  std::string_view hint;
};

constexpr auto connect_kinds = std::to_array<ConnectKind>({
    {"28P01", "login_failed", "login failed", "check user and password in DATABASE_URL"},
    {"28000", "login_failed", "login refused", "check user in DATABASE_URL and pg_hba.conf of the server"},
    {"3D000", "no_database", "no such database", "check the database name in DATABASE_URL"},
    {"53300", "too_many_connections", "too many connections", "raise max_connections or use a pooler"},
    {"57P03", "starting_up", "the server is starting up or shutting down", "wait for the server, or look into its log"},
    {"session is read-only", "read_only", "the server is read-only", "name the primary in DATABASE_URL, or all hosts of the cluster"},
    {"server is in hot standby", "read_only", "the server is a standby", "name the primary in DATABASE_URL, or all hosts of the cluster"},
    {"could not translate host name", "dns", "the host name cannot be resolved", "check the host in DATABASE_URL and the resolver"},
    {"Connection refused", "refused", "connection refused", "check that PostgreSQL runs and that DATABASE_URL names its host and port"},
    {"No such file or directory", "refused", "no socket there", "check that PostgreSQL runs and that DATABASE_URL names its socket directory"},
    {"timeout expired", "timeout", "timed out", "check the network and DATABASE_CONNECT_TIMEOUT_MS"},
    {"certificate", "tls", "TLS certificate refused", "check sslmode and sslrootcert in DATABASE_URL"},
    {"SSL", "tls", "TLS failed", "check sslmode in DATABASE_URL and ssl on the server"},
    {"no password supplied", "login_failed", "a password is needed", "add the password to DATABASE_URL, or use a passfile"},
    {"server closed the connection", "closed", "the server closed the connection", "look into the server's log"},
});

}  // namespace

Failure failure_of(const PGresult* result, std::string_view statement) {
  const auto sqlstate = field(result, PG_DIAG_SQLSTATE);
  if (sqlstate.empty()) return lost_connection(statement);
  const auto severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const auto constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  auto detail = fmt::format("SQLSTATE {}, {}, statement {}", sqlstate, severity, statement);
  if (!constraint.empty()) detail += fmt::format(", constraint {}", constraint);
  if (sqlstate == "ZA002") {
    return {
        base::Outcome::config_error, "the schema zero_admin has diverged", detail, "compare 'sqitch status' with the installed schema folder", sqlstate, false};
  }
  if (sqlstate == "ZA001" || sqlstate == "3F000" || sqlstate == "42P01" || sqlstate == "42883" || sqlstate == "42703") {
    return {base::Outcome::config_error, "the schema zero_admin is missing or behind", detail, std::string(deploy_hint), sqlstate, false};
  }
  if (sqlstate == "42501") {
    return {base::Outcome::config_error,
            "the database role may not do this",
            detail,
            "grant it the group role of this tool: zero_admin_application, _runner or _operator, see 0admin-ops(7)",
            sqlstate,
            false};
  }
  if (sqlstate == "57014") {
    return {base::Outcome::runtime_error,
            "a database statement took too long",
            detail,
            "look for locks and load, or raise DATABASE_STATEMENT_TIMEOUT_MS",
            sqlstate,
            false};
  }
  return {base::Outcome::runtime_error, "the database refused a statement", detail, "look up the SQLSTATE in the server's log", sqlstate,
          ends_connection(sqlstate)};
}

Failure connect_failure(std::string_view message, std::string_view where) {
  for (const auto& row : connect_kinds) {
    if (message.find(row.sign) == std::string_view::npos) continue;
    const bool is_state = row.sign.size() == 5 && row.sign.find(' ') == std::string_view::npos && row.sign != "SSL";
    Failure failure(base::Outcome::runtime_error, "cannot reach PostgreSQL", fmt::format("{}: {}", where, row.kind), std::string(row.hint),
                    is_state ? std::string(row.sign) : std::string(), true);
    failure.reason = row.reason;
    return failure;
  }
  Failure failure(base::Outcome::runtime_error, "cannot reach PostgreSQL", fmt::format("{}: connection failed", where), "try psql with the same DATABASE_URL",
                  "", true);
  failure.reason = "connect";
  return failure;
}

Failure lost_connection(std::string_view during) {
  return {
      base::Outcome::runtime_error, "the connection to PostgreSQL was lost", fmt::format("during {}", during), "check the server and the network", "", true};
}

}  // namespace pg
