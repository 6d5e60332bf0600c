#!/usr/bin/env bats
# health-probe: each way of not being ready has its own reason, and one deadline covers everything.

# shellcheck disable=SC2030,SC2031,SC2317 # a test is a subshell, and means to be one; wait_until calls by name
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

# probe CODE ARG…: one probe, in the plugin view; tells its state and reason.
probe() {
  expect "$1" health-probe "${@:2}" --exit-codes plugin
  said=$(lines_of probe | jq -r '"\(.state) \(.reason)"')
}

# ready CODE ACTION: what the receiver answers, and what comes of it.
ready() {
  respond rx "{\"default\":$2}"
  probe "$1" ready "https://localhost:$(port_of rx)/health/ready?token=$canary" --ca-file "$CLI_SUITE/certs/ca.pem" "${@:3}"
}

@test "live touches nothing" {
  settings=(DATABASE_URL=postgresql://nowhere.invalid/)
  probe 0 live
  equal "$said" "ok running"
}

@test "ready: only 200 with status, database and version is ready" {
  receiver rx
  ready 0 '{"status":200,"body":"{\"status\":\"OK\",\"db\":\"OK\",\"version\":\"1.2\"}"}'
  equal "$said" "ok ready"
  equal "$(lines_of probe | jq -c '[.http_status, .version, .target]')" "[200,\"1.2\",\"localhost:$(port_of rx)\"]"
  ready 2 '{"status":200,"body":"{\"status\":\"DEGRADED\",\"db\":\"FAIL\",\"version\":\"1.2\"}"}'
  equal "$said" "critical status_not_ok"
  ready 2 '{"status":200,"body":"{\"status\":\"OK\",\"db\":\"FAIL\",\"version\":\"1.2\"}"}'
  equal "$said" "critical db_not_ok"
  ready 2 '{"status":200,"body":"{\"status\":\"OK\",\"db\":\"OK\"}"}'
  equal "$said" "critical version_missing"
  ready 2 '{"status":200,"body":"<html>log in</html>"}'
  equal "$said" "critical body_invalid"
  ready 2 '{"status":503,"body":"{\"status\":\"DEGRADED\"}"}'
  equal "$said" "critical http_503"
  equal "$(received rx | jq -r .method | sort -u)" GET
}

@test "ready: a redirect to a login page is not followed" {
  receiver rx
  ready 2 "{\"redirect\":\"https://localhost:$(port_of rx)/login\"}"
  equal "$said" "critical redirect"
  equal "$(requests rx)" 1
}

@test "ready: a slow drip, a hang, a reset, a body without end" {
  receiver rx --http1-only
  ready 2 '{"drip":{"bytes":1000,"interval_ms":100}}' --timeout 700ms
  equal "$said" "critical timeout"
  ready 2 '{"hang":true}' --timeout 700ms
  equal "$said" "critical timeout"
  ready 2 '{"reset":true}'
  equal "$said" "critical reset"
  ready 2 '{"huge":10000000}'
  equal "$said" "critical too_large"
}

@test "ready: refused, an unknown host, an untrusted certificate" {
  probe 2 ready https://localhost:1/
  equal "$said" "critical connect_refused"
  probe 2 ready "https://$unknown_host/"
  equal "$said" "critical dns"
  receiver rx
  probe 2 ready "https://localhost:$(port_of rx)/"
  equal "$said" "critical tls_untrusted"
  certificate=expired receiver old
  probe 2 ready "https://localhost:$(port_of old)/" --ca-file "$CLI_SUITE/certs/ca.pem"
  equal "$said" "critical tls_expired"
}

@test "db: writable" {
  probe 0 db
  equal "$said $(lines_of probe | jq .read_only)" "ok writable false"
}

@test "db: refused, no such database, login failed" {
  local url=$database_url
  settings=(DATABASE_URL=postgresql://127.0.0.1:1/app)
  probe 2 db
  equal "$said" "critical refused"
  settings=("DATABASE_URL=${url/$database/no_such_database}")
  probe 2 db
  equal "$said" "critical no_database"
  settings=("DATABASE_URL=${url/postgres:/nobody_at_all:}")
  probe 2 db
  equal "$said" "critical login_failed"
  equal "$(summary outcome)" critical
}

@test "db: TLS that the server does not speak" {
  settings=("DATABASE_URL=postgresql://postgres@127.0.0.1:$(silent_server)/app?sslmode=require")
  probe 2 db --timeout 2s
  equal "$said" "critical tls"
}

@test "db: a server that does not answer is a timeout" {
  settings=("DATABASE_URL=postgresql://postgres@127.0.0.1:$(silent_server hang)/app?sslmode=disable")
  probe 2 db --timeout 500ms
  equal "$said" "critical timeout"
}

@test "db: read-only, when the URI lets in at all" {
  sql "ALTER DATABASE $database SET default_transaction_read_only = on"
  probe 2 db
  equal "$said" "critical read_only"
  settings=("DATABASE_URL=$database_url&target_session_attrs=any")
  probe 2 db
  equal "$said $(lines_of probe | jq .read_only)" "critical read_only true"
}

@test "schema: at head, ahead, behind, diverged, missing" {
  probe 0 schema
  equal "$said" "ok at_head"
  sql "SELECT zero_admin.change_deployed('later')" >/dev/null
  probe 1 schema
  equal "$said $(lines_of probe | jq -r .version)" "warning ahead later"
  sql "UPDATE zero_admin.schema_version SET change = 'another' WHERE change = 'inbox'"
  probe 2 schema
  equal "$said" "critical diverged"
  use_database behind
  probe 2 schema
  equal "$said" "critical behind"
  use_database plain
  probe 2 schema
  equal "$said" "critical missing"
}

@test "schema: the application's alembic_version" {
  probe 2 schema --app-head 7f3e9c
  equal "$said" $'ok at_head\ncritical missing'
  sql "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"
  probe 2 schema --app-head 7f3e9c
  equal "$said" $'ok at_head\ncritical empty'
  sql "INSERT INTO alembic_version VALUES ('7f3e9c')"
  probe 0 schema --app-head 7f3e9c
  equal "$said" $'ok at_head\nok at_head'
  probe 2 schema --app-head 000000
  equal "$said" $'ok at_head\ncritical not_at_head'
}

@test "webhook: a handshake and the days of its certificate, and no request" {
  receiver rx
  deliver_to rx
  probe 0 webhook
  equal "$said" "ok certificate_valid"
  local days
  days=$(lines_of probe | jq .days_left)
  [ "$days" -gt 25 ] && [ "$days" -lt 4000 ]
  probe 0 webhook --warn-days "$days"
  probe 1 webhook --warn-days $((days + 1))
  equal "$said" "warning certificate_expires"
  equal "$(requests rx)" 0
}

@test "webhook: the rules of outbox-publish about certificates, hosts and addresses" {
  certificate=expired receiver old
  deliver_to old
  probe 2 webhook
  equal "$said" "critical tls_expired"
  receiver rx
  deliver_to rx
  settings+=("WEBHOOK_CA_FILE=$CLI_SUITE/certs/other-ca.pem")
  probe 2 webhook
  equal "$said" "critical tls_untrusted"
  deliver_to rx
  settings+=(WEBHOOK_ALLOW_PRIVATE=false)
  probe 2 webhook
  equal "$said" "critical address_blocked"
  deliver_to rx
  settings+=(WEBHOOK_DOMAIN_ALLOWLIST=example.com)
  probe 2 webhook
  equal "$said" "critical host_not_allowed"
  settings=()
  expect 78 health-probe webhook --exit-codes sysexits
  has "$(said error)" "WEBHOOK_URL is not set"
}

@test "secrets: the age of each file, and never what is in it" {
  mkdir "$dir/credentials"
  printf %s "$canary" >"$dir/credentials/webhook_secret"
  printf %s "$canary" >"$dir/token"
  touch -d '77 days ago' "$dir/token"
  chmod 000 "$dir/credentials/webhook_secret"
  settings=("WEBHOOK_SECRET_FILE=$dir/credentials/webhook_secret" "OPS_TOKEN_FILE=$dir/token" "AUDIT_HMAC_KEY=$canary")
  probe 1 secrets
  equal "$(lines_of probe | jq -c '[.target, .state, .reason, .age_days]' | sort)" \
    $'["OPS_TOKEN","warning","rotation_due",77]\n["WEBHOOK_SECRET","ok","fresh",0]'
  settings=("CREDENTIALS_DIRECTORY=$dir/credentials")
  probe 0 secrets
  equal "$said $(summary state)" "skipped systemd_copy ok"
  settings=("OPS_TOKEN_FILE=$dir/none")
  probe 3 secrets
  equal "$said" "unknown missing"
}

@test "all: every probe under one deadline, the worst of them is the outcome" {
  probe 0 all
  equal "$(lines_of probe | jq -r '"\(.probe) \(.state)"' | sort | paste -sd ,)" "db ok,live ok,schema ok,secrets skipped,webhook skipped"
  equal "$(summary probes) $(summary not_ok) $(summary state)" "5 0 ok"
  settings=("DATABASE_URL=postgresql://postgres@127.0.0.1:$(silent_server hang)/app?sslmode=disable")
  probe 2 all https://localhost:1/ --timeout 500ms
  equal "$(lines_of probe | jq -r '"\(.probe) \(.reason)"' | sort | paste -sd ,)" \
    "db timeout,live running,ready connect_refused,schema timeout,secrets no_files,webhook not_configured"
}

@test "--plugin prints one line with performance data" {
  expect 0 health-probe db --plugin
  [[ $output =~ ^'HEALTH-PROBE OK - db writable | '\'db\'=[0-9]+ms$ ]]
  settings=(DATABASE_URL=postgresql://127.0.0.1:1/app)
  expect 2 health-probe db --plugin
  [[ $output =~ ^'HEALTH-PROBE CRITICAL - db refused | '\'db\'=[0-9]+ms$ ]]
}

# A port where a server takes connections and answers N to a request for TLS, or nothing at all (hang).
silent_server() {
  node -e '
    const server = require("net").createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => { if (process.argv[1] !== "hang") socket.end("N"); });
    });
    server.listen(0, "127.0.0.1", () => require("fs").writeFileSync(process.argv[2], String(server.address().port)));
    setTimeout(() => process.exit(0), 60000);' "${1:-none}" "$dir/silent" >/dev/null 2>&1 3>&- &
  echo $! >>"$dir/silent.pids"
  wait_until 100 test -s "$dir/silent"
  cat "$dir/silent"
}

teardown() {
  local pid
  for pid in $(cat "$dir/silent.pids" 2>/dev/null || true); do kill "$pid" 2>/dev/null || true; done
  teardown_world
}
