#!/usr/bin/env bats
# alert-check: thresholds to the last unit, from every source; and who is told what, once.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  mkdir "$dir/state"
  alone
}

# Without the database, and with it.
alone() { settings=("STATE_DIR=$dir/state"); }
with_database() { settings=("STATE_DIR=$dir/state" "DATABASE_URL=$database_url"); }

# snapshot LAG DLQ FAILURES: as JSON.
snapshot() { printf '{"publisher_lag_ms":%s,"dlq_size":%s,"parse_failures_total":%s}' "$1" "$2" "$3"; }

rule() { jq -c --arg rule "$1" 'select(.type == "rule" and .rule == $rule)' "$out"; }
state_of() { rule "$1" | jq -r '"\(.state) \(.phase) \(.value) \(.reason)"'; }

# A run holds the lock. Read, not tried: whoever tries it holds it for a moment, and a run that begins just then is skipped.
busy() { grep -q ":$(stat -c %i "$dir/state/alert-check.lock") 0 EOF" /proc/locks; }

# What --notify changes said in the last call: "dlq_size:first …".
news() { lines_of rule | jq -r '"\(.rule):\(.notify_reason)"' | paste -sd ' '; }

# Moves what is remembered back in time, as if the last run had been so many seconds ago: in an earlier boot, because this one may be
# younger than that.
remembered_ago() {
  jq -c --argjson s "$1" 'walk(if type == "array" and length == 3 and (.[2] | type) == "string" then [.[0] - $s * 1000, 0, "earlier"] else . end)' \
    "$dir/state/alert-check.json" >"$dir/state/new"
  mv "$dir/state/new" "$dir/state/alert-check.json"
}

# ---- thresholds

@test "lag 300000 is ok and 300001 a warning, one dead letter is critical, all quiet is 0: from standard input" {
  expect 0 alert-check - < <(snapshot 300000 0 0)
  equal "$(state_of publisher_lag_ms)" "ok ok 300000 "
  equal "$(summary state)" ok
  expect 1 alert-check - < <(snapshot 300001 0 0)
  equal "$(state_of publisher_lag_ms)" "warning firing 300001 "
  equal "$(summary state)" warning
  expect 1 alert-check - < <(snapshot 0 1 0)
  equal "$(state_of dlq_size)" "critical firing 1 "
  equal "$(summary state)" critical
}

@test "the same from a file" {
  snapshot 300000 0 0 >"$dir/snapshot"
  expect 0 alert-check "$dir/snapshot"
  snapshot 300001 0 0 >"$dir/snapshot"
  expect 1 alert-check "$dir/snapshot"
  equal "$(state_of publisher_lag_ms)" "warning firing 300001 "
}

@test "the same from the database" {
  with_database
  expect 0 alert-check
  equal "$(state_of publisher_lag_ms)" "ok ok 0 "
  enqueue 1 Demo
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() - interval '301 seconds'"
  expect 1 alert-check
  equal "$(summary state)" warning
  [ "$(rule publisher_lag_ms | jq .value)" -ge 301000 ]
  sql "DELETE FROM zero_admin.outbox_queue"
  sql "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version, idempotency_key, reason, payload_json)
       VALUES (gen_random_uuid(), '$tenant', now(), 4, 0, 'Order', '1.0', 'k', 'http_500', '{}')"
  expect 1 alert-check
  equal "$(state_of dlq_size)" "critical firing 1 "
  equal "$(summary state)" critical
}

@test "ten more parse failures in five minutes are ok and eleven a warning: from the database" {
  with_database
  sql "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state, failures_total) VALUES (gen_random_uuid(), 'worker', 'h', 1, 'running', 100)"
  expect 0 alert-check
  equal "$(state_of parse_failures_total)" "ok pending null no_baseline"
  sql "UPDATE zero_admin.runner_heartbeats SET failures_total = 110"
  expect 0 alert-check
  equal "$(state_of parse_failures_total)" "ok ok 10 "
  sql "UPDATE zero_admin.runner_heartbeats SET failures_total = 111"
  remembered_ago 2  # of samples that are closer together than that only the first is kept
  expect 1 alert-check
  equal "$(state_of parse_failures_total)" "warning firing 11 "
  remembered_ago 300
  expect 0 alert-check
  equal "$(state_of parse_failures_total)" "ok firing 0 "
}

@test "a counter that began anew counts from zero, and a long gap is scaled" {
  expect 0 alert-check - < <(snapshot 0 0 100)
  expect 0 alert-check - < <(snapshot 0 0 5)
  equal "$(state_of parse_failures_total)" "ok ok 5 reset"
  remembered_ago 1200
  expect 1 alert-check - < <(snapshot 0 0 49)
  equal "$(state_of parse_failures_total | cut -d ' ' -f 1,2,4)" "warning firing scaled"
}

@test "outbox_stuck is a rule where the snapshot has it" {
  expect 1 alert-check - <<<'{"publisher_lag_ms":0,"dlq_size":0,"parse_failures_total":0,"outbox_stuck":1}'
  equal "$(state_of outbox_stuck)" "warning firing 1 "
  expect 0 alert-check - < <(snapshot 0 0 0)
  equal "$(rule outbox_stuck)" ''
}

# ---- sources

# serve FILE [TOKEN]: plain HTTP on a loopback port; the port is in $dir/http.port.
serve() {
  # shellcheck disable=SC2016 # the program is JavaScript
  node -e '
    const [file, token, ports] = process.argv.slice(1);
    const server = require("http").createServer((req, res) => {
      if (token && req.headers.authorization !== `Bearer ${token}`) return res.writeHead(401).end();
      res.end(require("fs").readFileSync(file));
    }).listen(0, "127.0.0.1", () => { require("fs").writeFileSync(ports + ".new", `${server.address().port}`); require("fs").renameSync(ports + ".new", ports); });
    setTimeout(() => process.exit(), 300000);' "$1" "${2:-}" "$dir/http.port" 3>&- &
  pids+=($!)
  wait_until 100 test -s "$dir/http.port"
}

@test "an https URL is asked with a Bearer token, a loopback http URL too, and a wrong token is unknown" {
  receiver metrics
  respond metrics "$(jq -cn --arg body "$(snapshot 300001 0 0)" '{default: {status: 200, body: $body}}')"
  settings+=("OPS_TOKEN=token-$canary")
  expect 1 alert-check --ca-file "$CLI_SUITE/certs/ca.pem" "https://localhost:$(port_of metrics)/api/v1/ops/metrics?x=$canary"
  equal "$(state_of publisher_lag_ms)" "warning firing 300001 "
  equal "$(received metrics | jq -r '"\(.method) \(.headers.authorization)"')" "GET Bearer token-$canary"
  snapshot 300000 0 0 >"$dir/snapshot"
  serve "$dir/snapshot" "token-$canary"
  expect 0 alert-check "http://127.0.0.1:$(cat "$dir/http.port")/metrics?x=$canary"
  equal "$(state_of publisher_lag_ms)" "ok firing 300000 "
  alone
  settings+=(OPS_TOKEN=another)
  expect 69 alert-check --exit-codes sysexits "http://127.0.0.1:$(cat "$dir/http.port")/metrics"
  equal "$(state_of dlq_size)" "unknown unknown null auth_failed"
  one_error OPS_TOKEN
}

@test "an answer that is no snapshot is unknown, never ok" {
  receiver metrics
  local url answer reason
  url=https://localhost:$(port_of metrics)/m
  while read -r reason answer; do
    respond metrics "{\"default\": $answer}"
    expect 1 alert-check --timeout 5s --ca-file "$CLI_SUITE/certs/ca.pem" "$url"
    equal "$(summary state)" unknown
    equal "$(lines_of rule | jq -r .reason | sort -u)" "$reason"
  done <<'ROWS'
http_404 {"status": 404}
http_503 {"status": 503, "body": "{}"}
http_302 {"redirect": "https://localhost:1/"}
empty {"status": 200}
json_invalid {"status": 200, "body": "<html>login</html>"}
json_invalid {"status": 200, "body": "{\"dlq_size\":0"}
metrics_disabled {"status": 200, "body": "{\"note\":\"metrics disabled\"}"}
stale {"status": 200, "body": "{\"dlq_size\":0,\"ts\":\"2020-01-01T00:00:00Z\"}"}
clock_skew {"status": 200, "body": "{\"dlq_size\":0,\"ts\":\"2120-01-01T00:00:00Z\"}"}
ROWS
  expect 1 alert-check "$url"
  equal "$(lines_of rule | jq -r .reason | sort -u)" tls_untrusted
  expect 1 alert-check http://127.0.0.1:1/
  equal "$(lines_of rule | jq -r .reason | sort -u)" connect_refused
}

@test "a body that is too large, cut, or never ends is unknown within --timeout" {
  receiver metrics
  local url
  url=https://localhost:$(port_of metrics)/m
  respond metrics "$(jq -cn '{default: {status: 200, body: ("{\"a\":\"" + ("x" * 1100000) + "\"}")}}')"
  expect 1 alert-check --ca-file "$CLI_SUITE/certs/ca.pem" "$url"
  equal "$(lines_of rule | jq -r .reason | sort -u)" too_large
  respond metrics '{"default": {"hang": true}}'
  expect 1 alert-check --timeout 500ms --ca-file "$CLI_SUITE/certs/ca.pem" "$url"
  equal "$(lines_of rule | jq -r .reason | sort -u)" timeout
}

@test "http to anywhere but loopback is a wrong command line" {
  expect 64 alert-check --exit-codes sysexits http://example.com/metrics
  has "$(said error)" "for loopback only"
}

@test "files: stale, from the future, missing, unreadable, no regular file, empty, huge" {
  local file=$dir/snapshot reason
  reason_of() { expect 1 alert-check "$@"; equal "$(summary state)" unknown; lines_of rule | jq -r .reason | sort -u; }
  snapshot 0 0 0 >"$file"
  touch -d '-3 minutes' "$file"
  equal "$(reason_of "$file")" stale
  expect 0 alert-check --max-age 10m "$file"
  touch -d '+1 minute' "$file"
  equal "$(reason_of "$file")" clock_skew
  equal "$(reason_of "$dir/missing")" unreadable
  equal "$(reason_of "$file/below")" unreadable
  mkfifo "$dir/fifo"
  equal "$(reason_of "$dir/fifo")" not_regular
  equal "$(reason_of "$dir")" not_regular
  : >"$file"
  equal "$(reason_of "$file")" empty
  head -c 1100000 /dev/zero >"$file"
  equal "$(reason_of "$file")" too_large
  snapshot 0 0 0 >"$file"
  ln -s "$file" "$dir/link"
  expect 0 alert-check "$dir/link"
}

@test "standard input that never ends is unknown within --timeout, SIGTERM ends it with 0, and a terminal is refused" {
  mkfifo "$dir/wait.in"
  exec 7<>"$dir/wait.in"
  expect 1 alert-check --timeout 300ms - <"$dir/wait.in"
  equal "$(lines_of rule | jq -r .reason | sort -u)" timeout
  start wait alert-check --timeout 60s -
  wait_until 100 test -e "$dir/state/alert-check.lock"
  wait_until 100 busy
  kill -TERM "$pid"
  ends "$pid" 0
  equal "$(summary exit "$dir/wait.out")" 0
  local command
  compose alert-check -
  keep alert-check
  : >"$err"
  script -qec "$(printf '%q ' "${command[@]}")" /dev/null >"$out" </dev/null || true
  has "$(<"$out")" "standard input is a terminal"
}

@test "a snapshot without dlq_size takes it from the flag, else from the database, else it is unknown" {
  local without='{"publisher_lag_ms":0,"parse_failures_total":0}'
  expect 1 alert-check - <<<"$without"
  equal "$(state_of dlq_size)" "unknown unknown null absent"
  expect 1 alert-check --dlq-size 2 - <<<"$without"
  equal "$(state_of dlq_size)" "critical firing 2 "
  with_database
  expect 0 alert-check - <<<"$without"
  equal "$(rule dlq_size | jq .value)" 0
  settings=("STATE_DIR=$dir/state" "DATABASE_URL=postgresql://postgres@/app?host=/nonexistent")
  expect 1 alert-check - <<<"$without"
  equal "$(state_of dlq_size | cut -d ' ' -f 1)" unknown
  one_error
}

@test "PostgreSQL down: every rule is unknown, none is ok, and what fired goes on" {
  settings=("STATE_DIR=$dir/state" "DATABASE_URL=postgresql://postgres@/app?host=/nonexistent")
  expect 3 alert-check --exit-codes plugin
  equal "$(lines_of rule | jq -r '"\(.state) \(.reason)"' | sort -u)" "unknown database"
  equal "$(summary unknown)" 4
}

# ---- the state

@test "a state that cannot be written is unknown, and what needs none is judged" {
  settings=("STATE_DIR=$dir/missing")
  expect 69 alert-check --exit-codes sysexits - < <(snapshot 0 0 0)
  equal "$(state_of parse_failures_total)" "unknown unknown null no_state"
  equal "$(state_of publisher_lag_ms)" "ok ok 0 "
  equal "$(summary state_saved)" false
  one_error STATE_DIR
  expect 2 alert-check --exit-codes plugin - < <(snapshot 0 1 0)
}

@test "a state that was damaged is said, set aside, and the run is unknown; the next begins anew" {
  expect 1 alert-check --notify changes - < <(snapshot 0 1 0)
  truncate -s 100 "$dir/state/alert-check.json"
  expect 69 alert-check --exit-codes sysexits --notify changes - < <(snapshot 0 0 0)
  one_error damaged
  [ -e "$dir/state/alert-check.json.damaged" ]
  expect 0 alert-check --notify changes - < <(snapshot 0 0 0)
}

@test "two at once: the second is skipped with 0" {
  mkfifo "$dir/first.in"
  start first alert-check -
  exec 7>"$dir/first.in"
  wait_until 100 test -e "$dir/state/alert-check.lock"
  wait_until 100 busy
  expect 0 alert-check - < <(snapshot 0 9 0)
  equal "$(summary state)" skipped
  expect 0 alert-check --notify changes - < <(snapshot 0 9 0)
  equal "$output" ''
  settings+=(INSTANCE=other)
  expect 1 alert-check - < <(snapshot 0 9 0)
  snapshot 0 0 0 >"$dir/first.in"
  exec 7>&-
  ends "$pid" 0
}

@test "counters of another source begin anew" {
  expect 0 alert-check - < <(snapshot 0 0 100)
  snapshot 0 0 500 >"$dir/snapshot"
  expect 0 alert-check "$dir/snapshot"
  equal "$(state_of parse_failures_total)" "ok pending null no_baseline"
}

# ---- views

@test "the exit of the process is the one in the summary, in every view and format" {
  local input exits view row
  while read -r input exits; do
    read -ra row <<<"$exits"
    for view in simple plugin sysexits; do
      rm -f "$dir"/state/*
      expect "${row[0]}" alert-check --exit-codes "$view" --format jsonl - <<<"$input"
      equal "$(summary exit)" "${row[0]}"
      rm -f "$dir"/state/*
      expect "${row[0]}" alert-check --exit-codes "$view" --format text - <<<"$input"
      has "$output" "exit=${row[0]}"
      rm -f "$dir"/state/*
      [ "$view" != plugin ] || expect "${row[0]}" alert-check --plugin - <<<"$input"
      row=("${row[@]:1}")
    done
  done <<'ROWS'
{"publisher_lag_ms":0,"dlq_size":0,"parse_failures_total":0} 0 0 0
{"publisher_lag_ms":300001,"dlq_size":0,"parse_failures_total":0} 1 1 1
{"publisher_lag_ms":0,"dlq_size":1,"parse_failures_total":0} 1 2 1
{"dlq_size":0,"parse_failures_total":0} 1 3 69
{"dlq_size":1,"parse_failures_total":0} 1 2 1
{"publisher_lag_ms":300001,"parse_failures_total":0} 1 1 1
ROWS
}

@test "--plugin prints one line with performance data in the format" {
  local pattern="^ALERT-CHECK (OK|WARNING|CRITICAL|UNKNOWN) - [^|]+ \|( '[^'=]+'=(U|-?[0-9.]+(ms|s|B|c|%)?)(;[~0-9.:-]*){0,4})+$" input
  for input in "$(snapshot 0 0 0)" "$(snapshot 300001 1 0)" '{}' '{'; do
    expect "$( (settings=("STATE_DIR=$dir/state") && bare alert-check --exit-codes plugin - <<<"$input" >/dev/null 2>&1) && echo 0 || echo $?)" alert-check --plugin - <<<"$input"
    equal "$(wc -l <"$out")" 1
    [[ $output =~ $pattern ]] || { echo "$output"; return 1; }
  done
  expect 2 alert-check --plugin - < <(snapshot 300001 1 0)
  has "$output" "CRITICAL - dlq_size 1 is > 0, publisher_lag_ms 300001 is > 300000 |"
  has "$output" "'publisher_lag_ms'=300001ms;~:300000;;0"
  has "$output" "'dlq_size'=1;;~:0;0"
}

@test "text is worst first, with what to do" {
  expect 1 alert-check --format text - < <(snapshot 300001 1 0)
  equal "$(head -n 4 <<<"$output" | sed -E 's/ for [0-9a-z]+$//')" \
    "CRITICAL dlq_size              1 is > 0            firing
         -> look at them: dlq-replay list --all-tenants
WARNING  publisher_lag_ms      300001 is > 300000  firing
         -> is a publisher running, and does the endpoint answer? health-probe all; heartbeat-watch"
}

@test "rules are added and replaced by --rule and ALERT_RULES_FILE, and a wrong one is named by its column" {
  printf '# ours\nextra critical x > 1 for 5m\n' >"$dir/rules"
  settings+=("ALERT_RULES_FILE=$dir/rules")
  expect 0 alert-check --rule 'dlq_size critical dlq_size > 5' - <<<'{"publisher_lag_ms":0,"dlq_size":5,"parse_failures_total":0,"x":2}'
  equal "$(state_of extra)" "ok pending 2 "
  expect 64 alert-check --exit-codes sysexits --rule 'a warning b >> 5' - <<<'{}'
  has "$(said error)" "--rule column 14: expected a number without a unit"
  printf 'a fatal b > 5\n' >"$dir/rules"
  expect 78 alert-check --exit-codes sysexits - <<<'{}'
  has "$(said error)" "ALERT_RULES_FILE line 1, column 3: expected warning or critical"
}

# ---- who is told what

@test "--notify changes says what begins, worsens, repeats and is resolved, and nothing else" {
  changes() { expect "$1" alert-check --notify changes "${@:5}" - < <(snapshot "$2" "$3" "$4"); }
  changes 0 0 0 0
  equal "$output" ''
  changes 1 300001 0 0
  equal "$(news)" publisher_lag_ms:first
  changes 1 300001 0 0
  equal "$output" ''
  changes 1 300001 1 0
  equal "$(news)" dlq_size:first
  changes 1 300001 1 0 --rule 'publisher_lag_ms critical publisher_lag_ms > 300000'
  equal "$(news)" publisher_lag_ms:worse
  remembered_ago 14400
  changes 1 300001 1 0
  equal "$(news)" "publisher_lag_ms:repeat dlq_size:repeat"
  changes 1 0 1 0
  equal "$output" ''
  changes 1 0 1 0
  equal "$(news)" publisher_lag_ms:resolved
  equal "$(rule publisher_lag_ms | jq -r .phase)" resolved
  changes 0 0 0 0
  changes 0 0 0 0
  equal "$(news)" dlq_size:resolved
  changes 0 0 0 0
  equal "$output" ''
}

@test "a rule that is taken away while it fires is resolved once" {
  expect 1 alert-check --notify changes --rule 'mine critical x > 0' - <<<'{"publisher_lag_ms":0,"dlq_size":0,"parse_failures_total":0,"x":1}'
  equal "$(news)" mine:first
  expect 0 alert-check --notify changes - < <(snapshot 0 0 0)
  equal "$(rule mine | jq -r '"\(.notify_reason) \(.reason) \(.state)"')" "resolved rule_removed ok"
  expect 0 alert-check --notify changes - < <(snapshot 0 0 0)
  equal "$output" ''
}

@test "a run by hand takes no news away" {
  expect 1 alert-check - < <(snapshot 0 1 0)
  expect 1 alert-check --notify firing - < <(snapshot 0 1 0)
  equal "$(lines_of rule | jq -r .rule)" dlq_size
  expect 1 alert-check --plugin - < <(snapshot 300001 0 0)
  expect 1 alert-check --notify changes - < <(snapshot 0 1 0)
  equal "$(news)" dlq_size:first
}

@test "a command is told on its standard input, only when there is news, and what it could not take is said again" {
  cat >"$dir/sender" <<'SH'
#!/bin/sh
cat >>"$1/told"
[ ! -e "$1/broken" ]
SH
  chmod +x "$dir/sender"
  tells() { expect "$1" alert-check --notify changes - -- "$dir/sender" "$dir" < <(snapshot 0 "$2" 0); }
  tells 0 0
  [ ! -e "$dir/told" ]
  equal "$output" ''
  touch "$dir/broken"
  tells 1 1
  has "$(said error)" "did not take what it was told | it exited with 1"
  equal "$(summary state)" critical
  tells 1 1
  rm "$dir/broken"
  tells 1 1
  tells 1 1
  equal "$(jq -r '"\(.tool) \(.rule) \(.notify_reason)"' "$dir/told" | uniq -c | sed 's/^ *//')" "3 alert-check dlq_size first"
  : >"$dir/told"
  touch "$dir/broken"
  tells 0 0
  expect 70 alert-check --exit-codes sysexits --notify changes - -- "$dir/sender" "$dir" < <(snapshot 0 0 0)
  rm "$dir/broken"
  tells 0 0
  tells 0 0
  equal "$(jq -r '"\(.rule) \(.notify_reason) \(.phase)"' "$dir/told" | uniq -c | sed 's/^ *//')" "2 dlq_size resolved resolved"
}

@test "a command that hangs, and one that is not there, are failures within --timeout" {
  expect 1 alert-check --timeout 500ms --notify changes - -- sleep 300 < <(snapshot 0 1 0)
  has "$(said error)" "it took too long"
  expect 1 alert-check --notify changes - -- /no/such/sender < <(snapshot 0 1 0)
  has "$(said error)" "it cannot be started"
}

@test "a reader of the pipe that went away is told again in the next run" {
  open_broken_pipe
  bare alert-check --notify changes - < <(snapshot 0 1 0) >&6 2>"$dir/err" || true
  has "$(<"$dir/err")" "standard output could not be written"
  expect 1 alert-check --notify changes - < <(snapshot 0 1 0)
  equal "$(news)" dlq_size:first
}

# ---- through the outbox

add=(outbox-add --tenant "$tenant" --type OpsAlert)

# What the publisher delivers in one batch of 50, as "type rule reason" of the alerts, after the number of lines before the first.
delivered_first() {
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout)
  bare outbox-publish --payload --max-batches 1 >"$dir/delivered" 2>"$dir/delivered.err"
  with_database
  jq -r 'select(.type == "published") | "\(.event_type) \(.payload.rule // "") \(.payload.notify_reason // "")"' "$dir/delivered" |
    awk '$1 == "OpsAlert" { printf "%d %s %s\n", NR, $2, $3 }'
}

@test "an alert is delivered once when a rule begins and once when it is resolved, ahead of a backlog of 100000" {
  with_database
  sql "SELECT count(*) FROM (SELECT zero_admin.enqueue_events(array_agg('$tenant'::uuid), array_agg('Bulk'::text), array_agg('{}'::text), array_agg(NULL::text), array_agg(NULL::text), array_agg(NULL::text))
         FROM generate_series(1, 100000)) x" >/dev/null
  sql "ANALYZE zero_admin.outbox_queue"
  tick() {
    local exit=0
    compose alert-check --notify changes --rule 'publisher_lag_ms warning publisher_lag_ms > 1e12' -- "${add[@]}"
    command[2]="PATH=$build/tools/outbox-add:/usr/bin:/bin"
    "${command[@]}" >"$dir/tick.out" 2>"$dir/tick.err" || exit=$?
    equal "$exit" "$1"
  }
  tick 0
  equal "$(delivered_first)" ''
  sql "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version, idempotency_key, reason, payload_json)
       VALUES (gen_random_uuid(), '$tenant', now(), 4, 0, 'Order', '1.0', 'k', 'http_500', '{}')"
  tick 1
  equal "$(delivered_first)" "1 dlq_size first"
  tick 1
  tick 1
  equal "$(delivered_first)" ''
  sql "UPDATE zero_admin.dead_letters SET resolved_at = now(), resolution = 'discarded'"
  tick 0
  equal "$(delivered_first)" ''
  tick 0
  equal "$(delivered_first)" "1 dlq_size resolved"
  tick 0
  equal "$(delivered_first)" ''
}

@test "the pipe and the line of cron that the man page shows do the same" {
  with_database
  sql "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version, idempotency_key, reason, payload_json)
       VALUES (gen_random_uuid(), '$tenant', now(), 4, 0, 'Order', '1.0', 'k', 'http_500', '{}')"
  printf '%s\n' "${settings[@]}" | sed -E "s/=(.*)/='\1'/" >"$dir/env"
  local line path=$build/tools/alert-check:$build/tools/outbox-add:/usr/bin:/bin
  line=$(sed -n 's/^\* \* \* \* \* _zeroadmin //p' "$repository/man/alert-check.1")
  [ -n "$line" ]
  alerts() { sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = 'OpsAlert'"; }
  env -i PATH="$path" sh -c "${line//\/etc\/0admin\/env/$dir/env}" >"$dir/cron.out" 2>"$dir/cron.err" || true
  equal "$(alerts)" 1
  env -i PATH="$path" sh -c "${line//\/etc\/0admin\/env/$dir/env}" >"$dir/again.out" 2>"$dir/again.err" || true
  equal "$(alerts)" 1
  equal "$(cat "$dir/again.out" "$dir/again.err")" ''
  rm "$dir"/state/*
  env -i PATH="$path" "${settings[@]}" sh -c "alert-check --notify changes | outbox-add --tenant $tenant --type OpsAlert" >"$dir/pipe.out" 2>"$dir/pipe.err"
  equal "$(alerts)" 2
  env -i PATH="$path" "${settings[@]}" sh -c "alert-check --notify changes | outbox-add --tenant $tenant --type OpsAlert" >"$dir/pipe.out" 2>"$dir/pipe.err"
  equal "$(alerts)" 2
}
