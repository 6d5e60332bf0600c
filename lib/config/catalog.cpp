#include "config/catalog.hpp"

#include <array>
#include <cstdlib>

namespace config {
namespace {

constexpr auto text = Kind::text;
constexpr auto integer = Kind::integer;
constexpr auto boolean = Kind::boolean;

constexpr std::string_view seconds_list = "1 to 10 numbers of seconds from 0 to 86400, separated by commas";

constexpr auto rows = std::to_array<Row>({
    {"DATABASE_URL", "URL", "", text, true, 0, 0, "a libpq connection URI (postgresql://…)",
     "PostgreSQL, as a libpq connection URI; several hosts are allowed, and a writable one is looked for unless the URI says otherwise."},
    {"DATABASE_LISTEN_URL", "URL", "", text, true, 0, 0, "a libpq connection URI (postgresql://…)",
     "Direct connection for wake-ups, where DATABASE_URL goes through a transaction pooler; DATABASE_URL when unset."},
    {"DATABASE_CONNECT_TIMEOUT_MS", "MS", "5000", integer, false, 100, 60000, "", "Longest wait for a connection to one database host, in milliseconds."},
    {"DATABASE_STATEMENT_TIMEOUT_MS", "MS", "30000", integer, false, 100, 600000, "", "Longest time for one statement, in milliseconds."},
    {"INSTANCE", "NAME", "", text, false, 0, 0, "up to 64 letters, digits, '-', '_' or '.'",
     "Names a second copy on one host, with a heartbeat file and row of its own."},
    {"PUBLISH_TRANSPORT", "NAME", "", text, false, 0, 0, "stdout or webhook",
     "Where events go; there is no default, so that a forgotten variable marks nothing as sent."},
    {"PUBLISH_BATCH_SIZE", "N", "50", integer, false, 1, 10000, "", "Events claimed in one transaction."},
    {"PUBLISH_POLL_INTERVAL_MS", "MS", "1000", integer, false, 10, 60000, "", "Longest sleep between two looks for work, in milliseconds."},
    {"PUBLISH_CONCURRENCY", "N", "16", integer, false, 1, 1000, "", "Requests in flight at once."},
    {"PUBLISH_RETRY_MAX", "N", "3", integer, false, 0, 100, "", "Retries after the first attempt; after the last the event becomes a dead letter."},
    {"PUBLISH_BACKOFF_STEPS", "SECONDS,…", "5,30,300", text, false, 0, 0, seconds_list, "Waits before the retries; the last one repeats."},
    {"PUBLISH_BREAKER_FAILURES", "N", "5", integer, false, 1, 1000, "",
     "Distinct events that must fail at the endpoint, with no success between, to open its breaker."},
    {"PUBLISH_BREAKER_PROBE_MS", "MS", "1000", integer, false, 10, 600000, "",
     "Wait before the first probe of an open breaker, in milliseconds; doubles to ten times that."},
    {"PUBLISH_TYPES", "TYPE,…", "", text, false, 0, 0, "event types, separated by commas", "Event types to deliver; all but InboxItemValidated when unset."},
    {"PUBLISH_EXCLUDE_TYPES", "TYPE,…", "", text, false, 0, 0, "event types, separated by commas", "Event types to leave alone."},
    {"OUTBOX_MAX_PAYLOAD_BYTES", "BYTES", "1048576", integer, false, 1, 104857600, "", "Largest payload that is enqueued, in bytes."},
    {"WEBHOOK_URL", "URL", "", text, false, 0, 0, "an https:// URL with a host and without user info or fragment", "Where events are posted."},
    {"WEBHOOK_TIMEOUT_MS", "MS", "3000", integer, false, 10, 60000, "", "Longest time for a whole request, in milliseconds."},
    {"WEBHOOK_SUCCESS_CODES", "CODES", "200-299", text, false, 0, 0, "HTTP status codes and ranges from 200 to 599, separated by commas",
     "Answers that mean: delivered."},
    {"WEBHOOK_PERMANENT_CODES", "CODES", "410,413,415,422", text, false, 0, 0, "HTTP status codes and ranges from 200 to 599, separated by commas",
     "Answers that make an event a dead letter at once."},
    {"WEBHOOK_HEADERS_ALLOWLIST", "KEY=VALUE,…", "", text, true, 0, 0,
     "Key=Value pairs, separated by commas; no Authorization, Cookie, Set-Cookie, Host, hop-by-hop or reserved name, no control character",
     "Extra headers of every request."},
    {"WEBHOOK_DOMAIN_ALLOWLIST", "HOST,…", "", text, false, 0, 0, "host names, separated by commas",
     "Hosts that may be posted to, each with its subdomains; all when unset."},
    {"WEBHOOK_ALLOW_PRIVATE", "BOOL", "false", boolean, false, 0, 0, "", "Allow loopback, private and link-local addresses."},
    {"WEBHOOK_CA_FILE", "FILE", "", text, false, 0, 0, "a readable PEM file", "Certificates to trust instead of the system's."},
    {"WEBHOOK_CE_SOURCE", "URI", "/0admin/outbox", text, false, 0, 0, "a URI reference of at most 1024 printable ASCII characters",
     "CloudEvents source of every event."},
    {"WEBHOOK_SECRET", "SECRET", "", text, true, 0, 0, "whsec_ and the base64 of 24 to 64 bytes",
     "Key of the Standard Webhooks signature; unsigned when unset."},
    {"WEBHOOK_SECRET_PREVIOUS", "SECRET", "", text, true, 0, 0, "whsec_ and the base64 of 24 to 64 bytes",
     "The previous key: while set, every request is signed with both."},
    {"TENANT_ALLOWLIST", "UUID,…", "", text, false, 0, 0, "UUIDs, separated by commas", "Tenants that are served; all when unset."},
    {"TENANT_ALLOWLIST_PATH", "FILE", "", text, false, 0, 0, "a readable file with one UUID a line",
     "The same from a file that is read again when it changes; not together with TENANT_ALLOWLIST."},
    {"OUTBOX_RETENTION_DAYS", "DAYS", "30", integer, false, 0, 36500, "", "Age at which sent events and resolved dead events are removed, in days."},
    {"DLQ_RETENTION_DAYS", "DAYS", "90", integer, false, 0, 36500, "", "Age at which resolved dead letters are removed, in days."},
    {"AUDIT_RETENTION_DAYS", "DAYS", "730", integer, false, 0, 36500, "", "Age at which audit rows are removed, in days."},
    {"LEASE_SECONDS", "S", "90", integer, false, 1, 3600, "", "How long a claimed event belongs to its claimer, in seconds; renewed while work goes on."},
    {"SHUTDOWN_GRACE_MS", "MS", "8000", integer, false, 0, 9000, "", "Time for work in flight to finish after SIGTERM, in milliseconds."},
    {"RUN_DIR", "DIR", "/run/0admin", text, false, 0, 0, "an absolute path", "Directory of the heartbeat files."},
    {"STATE_DIR", "DIR", "/var/lib/0admin", text, false, 0, 0, "an absolute path",
     "Directory of what a watcher remembers from run to run; the first of STATE_DIRECTORY when that is set, as systemd does."},
    {"ALERT_RULES_FILE", "FILE", "", text, false, 0, 0, "a readable file of at most 1 MiB with one rule a line",
     "Rules that add to and replace the default ones."},
    {"OPS_TOKEN", "TOKEN", "", text, true, 0, 0, "a token", "Who acts: one of ADMIN_TOKENS; sent as Bearer to a metrics URL."},
    {"ADMIN_TOKENS", "TOKEN,…", "", text, true, 0, 0, "tokens, separated by commas",
     "Tokens that are accepted: while one is rotated, the new one and the old one."},
    {"AUDIT_HMAC_KEY", "KEY", "", text, true, 0, 0, "at least 32 bytes", "Hashes tokens in audit rows."},
    {"AUDIT_HMAC_KEY_PREVIOUS", "KEY", "", text, true, 0, 0, "at least 32 bytes", "The previous key, by which hashes from before a rotation are attributed."},
    {"OPS_LISTEN", "ADDRESS:PORT", "127.0.0.1:8470", text, false, 0, 0, "a numeric address and a port, for example 127.0.0.1:8470 or [::1]:8470",
     "Where ops-serve listens, unless systemd passes a socket; another than a loopback address needs ADMIN_TOKENS."},
    {"LOG_LEVEL", "LEVEL", "info", text, false, 0, 0, "error, warning, info or debug", "Least severe diagnostics to print."},
});

}  // namespace

std::span<const Row> catalog() { return rows; }

const Row& row(std::string_view name) {
  for (const auto& candidate : rows) {
    if (candidate.name == name) return candidate;
  }
  std::abort();
}

}  // namespace config
