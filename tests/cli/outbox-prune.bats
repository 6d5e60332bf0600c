#!/usr/bin/env bats
# outbox-prune: what is old and finished goes, in bounded batches; nothing else does.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

# finished STATUS DAYS COUNT [TYPE]: events that were finished that many days ago, with their marks in processed_events.
finished() {
  sql "WITH e AS (
         INSERT INTO zero_admin.outbox_events (id, tenant_id, event_type, schema_version, idempotency_key, payload)
         SELECT zero_admin.uuid_v7(), '$tenant', '${4:-Demo}', '1.0', '$1-$2-' || n, '{\"what\":\"$canary\"}' FROM generate_series(1, $3) n
         RETURNING id, tenant_id, event_type, idempotency_key
       ), p AS (INSERT INTO zero_admin.processed_events SELECT tenant_id, event_type, idempotency_key FROM e)
       INSERT INTO zero_admin.outbox_done (id, status, done_at, attempt_count, replay_count)
       SELECT id, '$1', now() - interval '$2 days', 1, 0 FROM e"
}

# dead_letter DAYS RESOLVED_DAYS|never: of an event that died that many days ago.
dead_letter() {
  local resolved="now() - interval '$2 days', 'discarded'"
  [ "$2" != never ] || resolved="NULL, NULL"
  finished dlq "$1" 1 "Dead$1-$2"
  sql "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, failed_at, event_created_at, attempt_count, generation, event_type, schema_version,
                                            idempotency_key, reason, payload_json, resolved_at, resolution)
       SELECT id, tenant_id, now() - interval '$1 days', created_at, 4, 0, event_type, schema_version, idempotency_key, 'http_500', payload, $resolved
         FROM zero_admin.outbox_events WHERE event_type = 'Dead$1-$2'"
}

audit() { sql "INSERT INTO zero_admin.ops_audit (run_id, at, kind, actor_hash, key_id, host, action, cause) VALUES (gen_random_uuid(), now() - interval '$1 days', 'run', 'x', 'x', 'h', 'list', 'test')"; }

left() { sql "SELECT count(*) FROM zero_admin.$1"; }
keys() { sql "SELECT string_agg(idempotency_key, ' ' ORDER BY idempotency_key) FROM zero_admin.event_outbox"; }

everything() {
  finished sent 31 3
  finished sent 29 2
  dead_letter 200 never
  dead_letter 200 91
  dead_letter 199 89
  dead_letter 10 9
  audit 731
  audit 729
  enqueue 2 Waiting
}

@test "what is older than its retention goes, and nothing else" {
  everything
  expect 0 outbox-prune
  assert_lines outbox-prune/pruned
  equal "$(sql "SELECT string_agg(event_type || ':' || status, ' ' ORDER BY event_type, created_at) FROM zero_admin.event_outbox")" \
    "Dead10-9:dlq Dead200-never:dlq Demo:sent Demo:sent Waiting:pending Waiting:pending"
  equal "$(sql "SELECT string_agg(event_type, ' ' ORDER BY event_type) FROM zero_admin.dead_letters")" "Dead10-9 Dead199-89 Dead200-never"
  equal "$(left ops_audit)" 1
  expect 0 outbox-prune
  equal "$(summary rows)" 0
}

@test "--dry-run counts what would go, and removes nothing" {
  everything
  expect 0 outbox-prune --dry-run
  assert_lines outbox-prune/dry-run
  local before
  before="$(left outbox_events) $(left outbox_done) $(left outbox_queue) $(left dead_letters) $(left processed_events) $(left ops_audit)"
  equal "$before" "11 9 2 4 9 2"
  expect 0 outbox-prune --dry-run
  local counted
  counted=$(lines_of pruned | jq -c '[.kind, .rows]')
  expect 0 outbox-prune
  equal "$(lines_of pruned | jq -c '[.kind, .rows]')" "$counted"
}

@test "an unresolved dead letter stays however old, and so does its event" {
  dead_letter 3000 never
  settings+=(OUTBOX_RETENTION_DAYS=0 DLQ_RETENTION_DAYS=0)
  expect 0 outbox-prune
  equal "$(summary rows)" 0
  equal "$(left dead_letters) $(left outbox_done) $(left outbox_events) $(left processed_events)" "1 1 1 1"
}

@test "pending events are never touched, however old" {
  enqueue 3 Waiting
  sql "UPDATE zero_admin.outbox_events SET created_at = now() - interval '10 years'; UPDATE zero_admin.outbox_queue SET due_at = now() - interval '10 years', updated_at = due_at"
  sql "UPDATE zero_admin.outbox_queue SET lease_until = now() - interval '1 year', lease_token = gen_random_uuid() WHERE id = (SELECT min(id::text)::uuid FROM zero_admin.outbox_queue)"
  settings+=(OUTBOX_RETENTION_DAYS=0 DLQ_RETENTION_DAYS=0 AUDIT_RETENTION_DAYS=0)
  expect 0 outbox-prune
  equal "$(left outbox_queue) $(left outbox_events)" "3 3"
}

@test "each retention is its own setting, and a longer one keeps more" {
  finished sent 31 1
  dead_letter 200 91
  audit 731
  settings+=(OUTBOX_RETENTION_DAYS=400 DLQ_RETENTION_DAYS=100 AUDIT_RETENTION_DAYS=800)
  expect 0 outbox-prune
  equal "$(summary rows)" 0
  settings+=(AUDIT_RETENTION_DAYS=730)
  expect 0 outbox-prune
  equal "$(lines_of pruned | jq -c '[.kind, .rows, .days]' | paste -sd' ')" '["events",0,400] ["dead_letters",0,100] ["audit",1,730]'
}

@test "0 days removes what is finished at once" {
  finished sent 0 2
  settings+=(OUTBOX_RETENTION_DAYS=0)
  expect 0 outbox-prune
  equal "$(left outbox_events)" 0
}

@test "the mark in processed_events goes with its event, and only that" {
  finished sent 31 2
  finished sent 1 1
  sql "INSERT INTO zero_admin.processed_events VALUES ('$other_tenant', 'Demo', 'sent-31-1')" 
  expect 0 outbox-prune
  equal "$(sql "SELECT string_agg(tenant_id || ' ' || idempotency_key, ',' ORDER BY tenant_id) FROM zero_admin.processed_events")" \
    "$tenant sent-1-1,$other_tenant sent-31-1"
}

@test "a pruned key is free again" {
  payload 1 | sed 's/^{/{"k":"same",/' >"$dir/lines"
  expect 0 outbox-add --tenant "$tenant" --type Demo --key-field k <"$dir/lines"
  settings+=(PUBLISH_TRANSPORT=stdout OUTBOX_RETENTION_DAYS=0)
  expect 0 outbox-publish
  expect 0 outbox-add --tenant "$tenant" --type Demo --key-field k <"$dir/lines"
  equal "$(summary duplicates)" 1
  expect 0 outbox-prune
  expect 0 outbox-add --tenant "$tenant" --type Demo --key-field k <"$dir/lines"
  equal "$(summary enqueued)" 1
}

# Notes how many rows each statement deletes.
note_deletes() {
  sql "CREATE TABLE public.deletes (rows bigint);
       CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
         INSERT INTO public.deletes SELECT count(*) FROM gone; $1 RETURN NULL; END \$\$;
       CREATE TRIGGER note AFTER DELETE ON zero_admin.outbox_done REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.note()"
}

@test "no transaction removes more than --batch rows" {
  finished sent 31 95
  note_deletes ''
  expect 0 outbox-prune --batch 10
  equal "$(summary rows)" 95
  equal "$(left outbox_events)" 0
  equal "$(sql "SELECT max(rows), count(*) FILTER (WHERE rows > 0) FROM public.deletes")" "10|10"
}

@test "the oldest go first, and --max-seconds leaves the rest to the next run" {
  finished sent 40 20
  finished sent 50 20
  note_deletes "PERFORM pg_sleep(0.2);"
  expect 0 outbox-prune --batch 1 --max-seconds 1
  equal "$(summary more)" true
  equal "$(summary stopped_by)" limit
  local removed
  removed=$(summary rows)
  [ "$removed" -ge 1 ]
  equal "$(left outbox_events)" $((40 - removed))
  equal "$(sql "SELECT count(*) FROM zero_admin.outbox_events WHERE idempotency_key LIKE 'sent-40-%'")" 20
}

@test "SIGTERM ends it between two batches: the summary says so, exit 0, and the next run goes on" {
  finished sent 31 300
  note_deletes "PERFORM pg_sleep(0.05);"
  start slow outbox-prune --batch 1
  some_gone() { [ "$(left outbox_events)" -lt 299 ]; }
  wait_until 300 some_gone
  kill -TERM "$pid"
  ends "$pid" 0
  equal "$(summary stopped_by "$dir/slow.out")" SIGTERM
  equal "$(summary more "$dir/slow.out")" true
  equal "$(left outbox_events)" $((300 - $(summary rows "$dir/slow.out")))
  equal "$(left outbox_events)" "$(left outbox_done)"
  sql "DROP TRIGGER note ON zero_admin.outbox_done"
  expect 0 outbox-prune
  equal "$(left outbox_events)" 0
}

@test "two at once remove everything once" {
  finished sent 31 3000
  local first
  start a outbox-prune --batch 7
  first=$pid
  start b outbox-prune --batch 11
  ends "$first" 0
  ends "$pid" 0
  equal "$(($(summary rows "$dir/a.out") + $(summary rows "$dir/b.out")))" 3000
  equal "$(left outbox_events) $(left outbox_done) $(left processed_events)" "0 0 0"
}

@test "counters of runners that are gone are kept when their rows are folded" {
  sql "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state, loop_at, attempts_total, done_total, failures_total, dead_total, duration_ms_sum, loops)
       SELECT gen_random_uuid(), 'publisher', 'gone', n, 'stopped', now() - interval '2 days', n, n, n, n, n, n FROM generate_series(1, 10) n"
  sql "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state, attempts_total) VALUES (gen_random_uuid(), 'publisher', 'here', 1, 'running', 5)"
  expect 0 outbox-prune
  equal "$(sql "SELECT sum(attempts_total), sum(done_total), sum(failures_total), sum(dead_total), sum(duration_ms_sum), sum(loops), count(*) FROM zero_admin.runner_heartbeats")" \
    "60|55|55|55|55|55|2"
}

@test "a wrong --batch is named with its range" {
  expect 64 outbox-prune --exit-codes sysexits --batch 0 --max-seconds x
  one_error "--batch takes a whole number from 1 to 100000" "--max-seconds takes a whole number from 1 to 86400"
}
