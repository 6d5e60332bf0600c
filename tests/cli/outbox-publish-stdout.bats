#!/usr/bin/env bats
# outbox-publish with the stdout transport: the published line is the delivery.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  settings+=(PUBLISH_TRANSPORT=stdout)
}

untouched() { sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE attempt_count = 0 AND lease_token IS NULL AND lease_until IS NULL"; }
sent_ids() { sql "SELECT id FROM zero_admin.outbox_done WHERE status = 'sent' ORDER BY id"; }
published_ids() { jq -R -r 'fromjson? | select(.type == "published") | .event_id' "$out" | sort; }

@test "what is due is printed and marked sent, then the summary, exit 0" {
  enqueue 3 Demo
  expect 0 outbox-publish
  assert_lines outbox-publish/drain
  equal "$(states)" "sent:3"
  diff <(sent_ids) <(published_ids)
  expect 0 outbox-publish
  assert_lines outbox-publish/idle
}

@test "--transport goes before PUBLISH_TRANSPORT, and one of the two must be there" {
  enqueue 1 Demo
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run")
  expect 78 outbox-publish --exit-codes sysexits
  has "$(said error)" "PUBLISH_TRANSPORT is not set"
  equal "$(states)" "pending:1"
  settings+=(PUBLISH_TRANSPORT=webhook)
  expect 0 outbox-publish --transport stdout
  equal "$(states)" "sent:1"
}

@test "not yet due is left alone" {
  enqueue 2 Demo
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() + interval '1 hour' WHERE id = (SELECT id FROM zero_admin.outbox_queue LIMIT 1)"
  expect 0 outbox-publish
  equal "$(states)" "pending:1 sent:1"
}

@test "oldest due first, whatever the type, and OpsAlert before all" {
  enqueue 2 B
  enqueue 1 A
  enqueue 2 OpsAlert
  sql "UPDATE zero_admin.outbox_queue q SET due_at = now() - make_interval(mins => CASE e.event_type WHEN 'A' THEN 30 WHEN 'OpsAlert' THEN 1 ELSE 20 * (e.payload ->> 'n')::int END)
         FROM zero_admin.outbox_events e WHERE e.id = q.id"
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r .event_type | paste -sd' ')" "OpsAlert OpsAlert B A B"
  jq -s -e 'map(select(.type == "published" and .event_type != "OpsAlert").lag_ms) | . == (sort | reverse)' "$out" >/dev/null
}

@test "with batches of one OpsAlert is first, too" {
  enqueue 3 A
  enqueue 1 OpsAlert
  settings+=(PUBLISH_BATCH_SIZE=1)
  expect 0 outbox-publish --max-batches 1
  equal "$(lines_of published | jq -r .event_type)" OpsAlert
}

@test "--payload adds the payload to the byte" {
  local odd='{"b":1, "a" : 1.0,"a":2,  "u":"\u00e9é\/","n":12345678901234567890.123e+10,"what":"'"$canary"'"}'
  printf '%s\n' "$odd" >"$dir/lines"
  expect 0 outbox-add --tenant "$tenant" --type Demo <"$dir/lines"
  expect 0 outbox-publish --payload
  has "$(head -n 1 "$out")" "\"payload\":$odd}"
  [[ "$(head -n 1 "$out")" == *"$odd}" ]]
}

@test "a large payload arrives whole through a pipe" {
  printf '{"x":"%*s"}\n' 900000 "$canary" >"$dir/lines"
  expect 0 outbox-add --tenant "$tenant" --type Demo <"$dir/lines"
  keep outbox-publish --payload
  bare outbox-publish --payload 2>"$err" | cat >"$out"
  equal "$(head -n 1 "$out" | jq -c .payload | sha256sum)" "$(sha256sum <"$dir/lines")"
  equal "$(states)" "sent:1"
}

@test "without --payload the payload is in no line" {
  enqueue 1 Demo
  expect 0 outbox-publish
  has_not "$output$stderr" "$canary"
}

@test "--payload is refused with the webhook transport, and when stdout is the journal" {
  enqueue 1 Demo
  settings+=(WEBHOOK_URL=https://localhost:1/)
  expect 78 outbox-publish --exit-codes sysexits --payload --transport webhook
  one_error "--payload"
  keep outbox-publish
  : >"$out"
  settings+=("JOURNAL_STREAM=$(stat -c %d:%i "$out")")
  status=0
  bare outbox-publish --exit-codes sysexits --payload >"$out" 2>"$err" || status=$?
  equal "$status" 78
  has "$(said error)" "journal"
  equal "$(states)" "pending:1"
  status=0
  bare outbox-publish >"$out" 2>"$err" || status=$?
  equal "$status" 0
}

@test "InboxItemValidated is the worker's: it goes out only when PUBLISH_TYPES names it" {
  enqueue 1 InboxItemValidated
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r .event_type)" Demo
  equal "$(summary more)" false
  settings+=("PUBLISH_TYPES=Demo,InboxItemValidated")
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r .event_type)" InboxItemValidated
}

@test "PUBLISH_TYPES takes only what it names, PUBLISH_EXCLUDE_TYPES leaves alone what it names" {
  enqueue 1 A
  enqueue 1 B
  enqueue 1 C
  enqueue 1 OpsAlert
  settings+=("PUBLISH_TYPES=A,B" PUBLISH_EXCLUDE_TYPES=B)
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r .event_type)" A
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout "PUBLISH_EXCLUDE_TYPES= B , OpsAlert ")
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r .event_type)" C
  equal "$(states)" "pending:2 sent:2"
}

@test "--max-batches bounds a tick, and the summary says that work is left" {
  enqueue 25 Demo
  settings+=(PUBLISH_BATCH_SIZE=10)
  expect 0 outbox-publish --max-batches 2
  equal "$(summary sent) $(summary batches) $(summary more) $(summary stopped_by)" "20 2 true limit"
  equal "$(states)" "pending:5 sent:20"
  expect 0 outbox-publish --max-batches 2
  equal "$(summary sent) $(summary more) $(summary stopped_by)" "5 false idle"
}

@test "--max-batches and --max-seconds do not go with --service" {
  expect 64 outbox-publish --exit-codes sysexits --service --max-batches 1
  one_error
  expect 64 outbox-publish --exit-codes sysexits --service --max-seconds 1
}

@test "what becomes due while it drains is delivered by the same tick" {
  enqueue 2000 Demo
  keep outbox-publish
  # The reader adds events while the publisher waits for it.
  bare outbox-publish 2>"$err" | {
    IFS= read -r line
    printf '%s\n' "$line" >"$out"
    sql "SELECT count(zero_admin.enqueue_event('$tenant', 'Late', '{}'::text)) FROM generate_series(1, 10)" >/dev/null
    cat >>"$out"
  }
  equal "$(summary sent)" 2010
}

@test "a tenant that is not in TENANT_ALLOWLIST: dead letter tenant_unknown, and the others go out" {
  enqueue 2 Demo
  enqueue 2 Demo "$other_tenant"
  settings+=("TENANT_ALLOWLIST=$tenant,33333333-3333-4333-8333-33333333333A")
  expect 0 outbox-publish
  equal "$(states)" "dlq:2 sent:2"
  equal "$(sql "SELECT DISTINCT tenant_id, reason, attempt_count, payload_json ->> 'what' FROM zero_admin.dead_letters")" "$other_tenant|tenant_unknown|0|$canary"
  equal "$(lines_of publish_failed | jq -r '[.status, .reason, .next_attempt_at] | @csv' | sort -u)" '"dead","tenant_unknown",'
  equal "$(summary dead)" 2
}

@test "the allowlist from a file, with comments and empty lines" {
  enqueue 1 Demo
  enqueue 1 Demo "$other_tenant"
  printf '# ours\n\n  %s  \n' "${tenant^^}" >"$dir/tenants"
  settings+=("TENANT_ALLOWLIST_PATH=$dir/tenants")
  expect 0 outbox-publish
  equal "$(states)" "dlq:1 sent:1"
}

@test "a bad allowlist is a config error: not a UUID, no file, both at once" {
  enqueue 1 Demo
  settings+=("TENANT_ALLOWLIST=$tenant,x")
  expect 78 outbox-publish --exit-codes sysexits
  has "$(said error)" "TENANT_ALLOWLIST item 2 is not a UUID"
  settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=stdout "TENANT_ALLOWLIST_PATH=$dir/none")
  expect 78 outbox-publish --exit-codes sysexits
  has "$(said error)" TENANT_ALLOWLIST_PATH
  echo nonsense >"$dir/tenants"
  settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=stdout "TENANT_ALLOWLIST_PATH=$dir/tenants")
  expect 78 outbox-publish --exit-codes sysexits
  echo "$tenant" >"$dir/tenants"
  settings+=("TENANT_ALLOWLIST=$tenant")
  expect 78 outbox-publish --exit-codes sysexits
  equal "$(states)" "pending:1"
}

@test "the allowlist file is read again when it changes; one that cannot be read again is said once and the list stays" {
  echo "$tenant" >"$dir/tenants"
  settings+=("TENANT_ALLOWLIST_PATH=$dir/tenants" PUBLISH_POLL_INTERVAL_MS=50)
  start service outbox-publish --service
  enqueue 1 A
  wait_until 100 is 'sent:1' states
  printf '%s\n%s\n' "$tenant" "$other_tenant" >"$dir/tenants.new"
  mv "$dir/tenants.new" "$dir/tenants"
  enqueue 1 B "$other_tenant"
  wait_until 100 is 'sent:2' states
  echo broken >"$dir/tenants"
  enqueue 1 C "$other_tenant"
  wait_until 100 is 'sent:3' states
  enqueue 1 D "$other_tenant"
  wait_until 100 is 'sent:4' states
  equal "$(said warning "$dir/service.err" | grep -c TENANT_ALLOWLIST_PATH)" 1
  kill -TERM "$pid"
  ends "$pid" 0
}

# ---- output that cannot be written

@test "a full disk: nothing is marked sent, everything stays pending and uncharged" {
  enqueue 20 Demo
  keep outbox-publish
  status=0
  bare outbox-publish >/dev/full 2>"$err" || status=$?
  : >"$out"
  equal "$status" 1
  equal "$(states)" "pending:20"
  equal "$(untouched)" 20
  expect 0 outbox-publish
  equal "$(states)" "sent:20"
}

@test "stdout closed: nothing is marked sent" {
  enqueue 20 Demo
  keep outbox-publish
  : >"$out"
  status=0
  bare outbox-publish >&- 2>"$err" || status=$?
  equal "$status" 1
  equal "$(untouched)" 20
}

@test "a disk that fills: sent is exactly what has a whole line, the rest is pending and uncharged" {
  enqueue 100 Demo
  keep outbox-publish
  status=0
  (
    trap '' XFSZ
    ulimit -f 8
    bare outbox-publish >"$out" 2>"$dir/err"
  ) || status=$?
  cp "$dir/err" "$err"
  equal "$status" 1
  # A line that was cut is none.
  tail -c 1 "$out" | read -r || sed -i '$ d' "$out"
  local written
  written=$(published_ids | wc -l)
  [ "$written" -ge 1 ] && [ "$written" -lt 100 ]
  diff <(sent_ids) <(published_ids)
  equal "$(untouched)" $((100 - written))
}

@test "a reader that leaves after three lines: only what was written counts as sent, the rest is pending and uncharged" {
  enqueue 1500 Demo
  keep outbox-publish
  { bare outbox-publish 2>"$err" || echo "$?" >"$dir/code"; } | head -n 3 >"$out"
  equal "$(cat "$dir/code")" 1
  equal "$(published_ids | wc -l)" 3
  equal "$(comm -13 <(sent_ids) <(published_ids))" ""
  # What a pipe and the reader's buffer hold counts as delivered: far less than all of it.
  local sent
  sent=$(sent_ids | wc -l)
  [ "$sent" -lt 1000 ]
  equal "$(untouched)" $((1500 - sent))
}

@test "a reader that was never there: nothing is marked sent" {
  enqueue 20 Demo
  open_broken_pipe
  keep outbox-publish
  : >"$out"
  status=0
  bare outbox-publish >&6 2>"$err" || status=$?
  equal "$status" 1
  equal "$(untouched)" 20
}

@test "SIGTERM while the reader reads nothing: it ends, and what was not written is pending and uncharged" {
  enqueue 1500 Demo
  mkfifo "$dir/pipe"
  exec 5<>"$dir/pipe"
  settings+=(SHUTDOWN_GRACE_MS=500)
  local command
  keep outbox-publish
  compose outbox-publish
  "${command[@]}" </dev/null >"$dir/pipe" 2>"$err" 3>&- 5>&- &
  pid=$!
  pids+=("$pid")
  some_sent() { [ "$(sent_ids | wc -l)" -gt 50 ]; }
  wait_until 100 some_sent
  kill -TERM "$pid"
  ends "$pid" 0
  timeout 1 cat <&5 >"$out" || true
  exec 5>&-
  [ "$(published_ids | wc -l)" -lt 1500 ]
  diff <(sent_ids) <(published_ids)
  equal "$(untouched)" $((1500 - $(sent_ids | wc -l)))
}

# ---- service

@test "--service delivers what comes, tells each pass that found work, and ends on SIGTERM with exit 0" {
  settings+=(PUBLISH_POLL_INTERVAL_MS=50)
  start service outbox-publish --service
  enqueue 3 Demo
  wait_until 100 is 'sent:3' states
  wait_until 100 grep -q '"type":"pass","claimed":3' "$dir/service.out"
  kill -TERM "$pid"
  ends "$pid" 0
  equal "$(summary sent "$dir/service.out") $(summary stopped_by "$dir/service.out") $(summary exit "$dir/service.out")" "3 SIGTERM 0"
  equal "$(lines_of pass "$dir/service.out" | jq -s 'map(.sent) | add')" 3
}

@test "--service with PostgreSQL down says so once, goes on trying, and ends on SIGINT with exit 0" {
  settings=("DATABASE_URL=postgresql://postgres:$canary@127.0.0.1:1/app" PUBLISH_TRANSPORT=stdout "RUN_DIR=$dir/run")
  start service outbox-publish --service
  wait_until 100 grep -q 'cannot reach PostgreSQL' "$dir/service.err"
  sleep 1
  equal "$(said error "$dir/service.err" | wc -l)" 1
  kill -INT "$pid"
  ends "$pid" 0
  equal "$(summary stopped_by "$dir/service.out")" SIGINT
}

# ---- heartbeats and counters

@test "RUN_DIR/publisher.last has the promised fields and mode 0640, whatever the umask" {
  enqueue 3 Demo
  umask 000
  expect 0 outbox-publish
  local file=$dir/run/publisher.last
  equal "$(stat -c %a "$file")" 640
  equal "$(find "$dir/run" -type f -printf '%f\n')" publisher.last
  [ "$(stat -c %s "$file")" -le 4096 ]
  equal "$(wc -l <"$file")" 1
  equal "$(jq -c 'keys_unsorted' "$file")" \
    '["v","name","state","loop_ts","last_success_ts","started_ts","loops","done","backlog","pid","boot_id","boottime_ns"]'
  equal "$(jq -c '[.v, .name, .state, .done, .backlog, .boot_id]' "$file")" "[1,\"publisher\",\"stopped\",3,0,\"$(cat /proc/sys/kernel/random/boot_id)\"]"
  jq -e '[.loop_ts, .last_success_ts, .started_ts] | all(test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"))' "$file" >/dev/null
  jq -e '[.loops, .pid, .boottime_ns] | all(type == "number" and . > 0)' "$file" >/dev/null
  umask 077
  expect 0 outbox-publish
  equal "$(stat -c %a "$file")" 640
}

@test "an idle tick is a success, and a failing one keeps the last success" {
  local file=$dir/run/publisher.last before
  expect 0 outbox-publish
  before=$(jq -r .last_success_ts "$file")
  [ "$before" != null ]
  enqueue 1 Demo
  settings+=(PUBLISH_TRANSPORT=webhook WEBHOOK_URL=https://127.0.0.1:1/ WEBHOOK_ALLOW_PRIVATE=true)
  expect 0 outbox-publish
  equal "$(jq -r .last_success_ts "$file")" "$before"
}

@test "a running service moves its file while idle" {
  settings+=(PUBLISH_POLL_INTERVAL_MS=50)
  start service outbox-publish --service
  local file=$dir/run/publisher.last first
  wait_until 100 grep -q '"state":"running"' "$file"
  first=$(jq .boottime_ns "$file")
  moved() { [ "$(jq .boottime_ns "$file")" -gt "$first" ]; }
  wait_until 100 moved
  equal "$(jq .pid "$file")" "$pid"
  kill -TERM "$pid"
  ends "$pid" 0
  equal "$(jq -r .state "$file")" stopped
}

@test "INSTANCE names a file and a row of its own" {
  expect 0 outbox-publish
  settings+=(INSTANCE=b)
  expect 0 outbox-publish
  equal "$(find "$dir/run" -type f -printf '%f\n' | sort | paste -sd' ')" "publisher.last publisher@b.last"
  equal "$(sql "SELECT string_agg(name || '@' || instance, ' ' ORDER BY instance) FROM zero_admin.runner_heartbeats")" "publisher@ publisher@b"
  settings+=(INSTANCE=../b)
  expect 78 outbox-publish --exit-codes sysexits
  has "$(said error)" INSTANCE
}

@test "a missing RUN_DIR is said once, and the work goes on" {
  settings+=("RUN_DIR=$dir/none" PUBLISH_POLL_INTERVAL_MS=50)
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(said warning | wc -l)" 1
  has "$(said warning)" RUN_DIR
  start service outbox-publish --service
  local n
  for n in 1 2 3; do
    enqueue 1 Demo
    wait_until 100 is "sent:$((n + 1))" states
  done
  kill -TERM "$pid"
  ends "$pid" 0
  equal "$(said warning "$dir/service.err" | grep -c RUN_DIR)" 1
}

@test "one row in runner_heartbeats for ticks that follow each other; its counters equal the tables" {
  settings+=("TENANT_ALLOWLIST=$tenant")
  enqueue 30 Demo
  enqueue 4 Demo "$other_tenant"
  expect 0 outbox-publish
  enqueue 12 Demo
  expect 0 outbox-publish
  equal "$(sql "SELECT count(*), sum(done_total), sum(dead_total), sum(attempts_total), sum(failures_total) FROM zero_admin.runner_heartbeats")" "1|42|4|42|0"
  equal "$(sql "SELECT count(*) FILTER (WHERE status = 'sent'), (SELECT count(*) FROM zero_admin.dead_letters) FROM zero_admin.outbox_done")" "42|4"
}

@test "two at once deliver everything once, and their counters add up" {
  enqueue 2000 Demo
  local first
  settings+=(PUBLISH_BATCH_SIZE=7)
  start a outbox-publish
  first=$pid
  start b outbox-publish
  ends "$first" 0
  ends "$pid" 0
  equal "$(cat "$dir/a.out" "$dir/b.out" | jq -r 'select(.type == "published") | .event_id' | sort | uniq -d | wc -l)" 0
  equal "$(($(summary sent "$dir/a.out") + $(summary sent "$dir/b.out")))" 2000
  equal "$(sql "SELECT sum(done_total), sum(attempts_total) FROM zero_admin.runner_heartbeats")" "2000|2000"
}
