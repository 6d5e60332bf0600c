#!/usr/bin/env bats
# dlq-replay: looks without touching, changes only what was announced, each letter wholly or not at all, and keeps account of it.

# shellcheck disable=SC2030,SC2031,SC2317 # a test is a subshell, and means to be one; wait_until calls by name
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

token=token-$canary-carol
other_token=token-$canary-alice
key=key-of-the-audit-$canary-32-bytes-long
new_key=another-key-of-the-audit-$canary-32-bytes

setup() {
  setup_world
  settings=("DATABASE_URL=$database_url" "OPS_TOKEN=$token" "ADMIN_TOKENS=$other_token,$token" "AUDIT_HMAC_KEY=$key")
}

# dead COUNT [TYPE] [TENANT]: events that died, a second apart, the first one first, with the canary in their payloads.
dead() {
  enqueue "$1" "${2:-Order}" "${3:-$tenant}"
  sql "WITH gone AS (DELETE FROM zero_admin.outbox_queue WHERE event_type = '${2:-Order}' RETURNING id, replay_count), done AS (
         INSERT INTO zero_admin.outbox_done (id, status, attempt_count, replay_count) SELECT id, 'dlq', 4, replay_count FROM gone)
       INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_type, schema_version, idempotency_key, trace_id, payload_json, event_created_at,
                                            failed_at, attempt_count, generation, reason, last_error)
       SELECT e.id, e.tenant_id, e.event_type, e.schema_version, e.idempotency_key, e.trace_id, e.payload, e.created_at,
              now() - interval '1 hour' + make_interval(secs => row_number() OVER (ORDER BY e.id)), 4, g.replay_count, 'http_500', 'http_500'
         FROM gone g JOIN zero_admin.outbox_events e USING (id)"
}

commit() { expect 0 dlq-replay "$1" --all-tenants --commit --expect "$2" --cause "receiver repaired" "${@:3}"; }

# All that the schema holds.
everything() {
  local table
  for table in outbox_events outbox_queue outbox_done dead_letters processed_events ops_audit replay_state inbox_items runner_heartbeats; do
    sql "SELECT '$table', md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM zero_admin.$table t"
  done
}

outcomes() { lines_of item | jq -r .outcome | sort | uniq -c | awk '{ printf "%s%s:%s", sep, $2, $1; sep = " " }'; }
resolved() { sql "SELECT count(*) FROM zero_admin.dead_letters WHERE resolution = '$1'"; }
queued_again() { sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE replay_count = 1"; }
audited() { sql "SELECT count(*) FROM zero_admin.ops_audit WHERE kind = 'item' AND outcome = '$1'"; }
end_lease() { sql "UPDATE zero_admin.replay_state SET lease_until = now() - interval '1 second'"; }

# Every letter is either replayed, with its event queued once, or as it was.
whole() { # REPLAYED
  equal "$(resolved replayed)" "$1"
  equal "$(queued_again)" "$1"
  equal "$(audited replayed)" "$1"
  equal "$(sql "SELECT count(*) FROM zero_admin.dead_letters l LEFT JOIN zero_admin.outbox_queue q ON q.id = l.event_id
                 WHERE (l.resolution = 'replayed') IS DISTINCT FROM CASE WHEN q.id IS NULL THEN NULL ELSE true END")" 0
}

# ---- looking

@test "list: open letters, oldest first, 50 unless said otherwise" {
  dead 60
  expect 0 dlq-replay list --all-tenants
  equal "$(lines_of item | wc -l)" 50
  equal "$(summary more)" true
  equal "$(lines_of item | jq -r .id)" "$(sql "SELECT id FROM zero_admin.dead_letters ORDER BY failed_at LIMIT 50")"
  equal "$(lines_of item | head -n 1 | jq -c 'keys_unsorted[5:]')" '["id","event_id","tenant_id","event_type","reason","age_s","replay_count","outcome"]'
  expect 0 dlq-replay list --all-tenants --limit 60
  equal "$(lines_of item | wc -l) $(summary more)" "60 false"
}

@test "the scope must be said, and reaches no further" {
  dead 2 Order "$tenant"
  dead 1 Invoice "$other_tenant"
  for action in list show replay discard; do
    expect 64 dlq-replay "$action" --exit-codes sysexits
    one_error "--all-tenants"
  done
  expect 0 dlq-replay list --tenant "$other_tenant"
  equal "$(lines_of item | jq -r .tenant_id)" "$other_tenant"
  expect 0 dlq-replay replay --tenant "$other_tenant" --id "$(sql "SELECT id FROM zero_admin.dead_letters WHERE tenant_id = '$tenant' LIMIT 1")"
  equal "$(summary expect) $(summary not_found)" "0 1"
}

@test "filters: type, reason, age, id" {
  dead 3 Order
  dead 2 Invoice
  sql "UPDATE zero_admin.dead_letters SET reason = 'http_410' WHERE id = (SELECT id FROM zero_admin.dead_letters WHERE event_type = 'Invoice' LIMIT 1)"
  sql "UPDATE zero_admin.dead_letters SET failed_at = now() - interval '3 days' WHERE reason = 'http_410'"
  local call
  for call in "--type Order:3" "--type Invoice:2" "--type Order --type Invoice:5" "--reason http_410:1" "--type Order --reason http_410:0" \
    "--older-than 2d:1" "--newer-than 2d:4" "--older-than 30m --newer-than 1d12h:4" "--newer-than 1s:0"; do
    # shellcheck disable=SC2086 # a list of options
    expect 0 dlq-replay list --all-tenants ${call%:*}
    equal "$call $(summary selected)" "$call ${call##*:}"
  done
  expect 64 dlq-replay list --all-tenants --older-than 5 --exit-codes sysexits
  has "$(said error)" "1h30m"
}

@test "show tells size, keys and digest of a payload, and nothing of what is in it" {
  dead 1
  expect 0 dlq-replay show --all-tenants
  equal "$(lines_of dead_letter | jq -c '[.payload_kind, .payload_keys, .resolution]')" '["object",["n","what"],null]'
  equal "$(lines_of dead_letter | jq -r .payload_bytes)" "$(payload 1 | wc -c)"
  equal "$(lines_of dead_letter | jq -r .payload_sha256)" "$(payload 1 | sha256sum | cut -d ' ' -f 1)"
  has_not "$output" "$canary"
}

@test "a hundred thousand are listed in constant memory" {
  sql "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, failed_at, event_created_at, attempt_count, generation, event_type, schema_version,
                                            idempotency_key, reason, payload_json)
       SELECT gen_random_uuid(), '$tenant', now() - make_interval(secs => n % 1000), now(), 4, 0, 'Order', '1.0', n::text, 'http_500', '{}'
         FROM generate_series(1, 100000) n"
  local command
  keep dlq-replay
  compose dlq-replay list --all-tenants --limit 1000000
  (
    limit_memory dlq-replay 60000
    exec "${command[@]}"
  ) >"$out" 2>"$err"
  equal "$(lines_of item | jq -r .id | sort -u | wc -l) $(summary selected) $(summary more)" "100000 100000 false"
}

# ---- announcing

@test "a dry run says what would be done and changes no row" {
  dead 3
  local before
  before=$(everything)
  expect 0 dlq-replay replay --all-tenants
  equal "$(outcomes)" would_replay:3
  equal "$(summary dry_run) $(summary expect)" "true 3"
  expect 0 dlq-replay discard --all-tenants
  equal "$(outcomes)" would_discard:3
  equal "$(everything)" "$before"
}

@test "with another number than expected nothing is changed, and the right one is told" {
  dead 3
  local before number
  before=$(everything)
  for number in 0 2 4; do
    expect 1 dlq-replay replay --all-tenants --commit --expect "$number" --cause "receiver repaired"
    one_error "expected $number, found 3"
    equal "$(lines_of item)" ''
  done
  equal "$(everything)" "$before"
}

@test "--commit without a number or a cause, and a number or a cause without --commit, are wrong calls" {
  local options
  for options in "--commit" "--commit --expect 1" "--commit --cause why" "--expect 1" "--cause why"; do
    # shellcheck disable=SC2086 # a list of options
    expect 64 dlq-replay replay --all-tenants $options --exit-codes sysexits
    one_error
  done
  expect 64 dlq-replay list --all-tenants --commit --expect 1 --cause why --exit-codes sysexits
  expect 64 dlq-replay replay --all-tenants --commit --expect 1 --cause $'two\nlines' --exit-codes sysexits
}

# ---- who

refused() { # PART
  expect 78 dlq-replay replay --all-tenants --commit --expect 1 --cause why --exit-codes sysexits
  one_error "$1"
}

@test "without a token, with one that is not accepted, and without a key, a change is refused" {
  dead 1
  local before
  before=$(everything)
  settings=("DATABASE_URL=$database_url" "ADMIN_TOKENS=$token" "AUDIT_HMAC_KEY=$key")
  refused "OPS_TOKEN is not set"
  settings=("DATABASE_URL=$database_url" "ADMIN_TOKENS=$token" "AUDIT_HMAC_KEY=$key" "OPS_TOKEN=$canary-mallory")
  refused "OPS_TOKEN is none of ADMIN_TOKENS"
  settings=("DATABASE_URL=$database_url" "OPS_TOKEN=$token" "AUDIT_HMAC_KEY=$key")
  refused "OPS_TOKEN is none of ADMIN_TOKENS"
  settings=("DATABASE_URL=$database_url" "OPS_TOKEN=$token" "ADMIN_TOKENS=$token")
  refused "AUDIT_HMAC_KEY is not set"
  settings+=("AUDIT_HMAC_KEY=short-$canary")
  refused "AUDIT_HMAC_KEY is shorter than 32 bytes"
  equal "$(everything)" "$before"
}

@test "the audit has a row for the run and one for each item, with who, where, what and why, and no token" {
  dead 2
  commit replay 2 --type Order
  equal "$(sql "SELECT kind, action, outcome, cause, os_uid, os_user, host FROM zero_admin.ops_audit ORDER BY kind DESC, id")" \
    "run|replay|done|receiver repaired|$(id -u)|$(id -un)|$(uname -n)
item|replay|replayed|receiver repaired|$(id -u)|$(id -un)|$(uname -n)
item|replay|replayed|receiver repaired|$(id -u)|$(id -un)|$(uname -n)"
  equal "$(sql "SELECT filter ->> 'types', filter ->> 'tenant', counts ->> 'replayed', counts ->> 'expect' FROM zero_admin.ops_audit WHERE kind = 'run'")" '["Order"]||2|2'
  equal "$(sql "SELECT count(DISTINCT run_id) FROM zero_admin.ops_audit WHERE run_id = '$(jq -r .run_id "$out" | head -n 1)'")" 1
  equal "$(sql "SELECT count(*) FROM zero_admin.ops_audit a WHERE a::text LIKE '%$canary%'")" 0
}

@test "a hash in the audit is attributed with openssl, also after the key was rotated" {
  dead 1
  commit replay 1
  local id hash key_id
  id=$(lines_of item | jq -r .id)
  hash=$(sql "SELECT DISTINCT actor_hash FROM zero_admin.ops_audit")
  key_id=$(sql "SELECT DISTINCT key_id FROM zero_admin.ops_audit")
  # The recipe of dlq-replay(1).
  equal "$(printf %s "$key" | sha256sum | cut -c 1-8)" "$key_id"
  equal "$(printf %s "$token" | openssl dgst -sha256 -hmac "$key" -r | cut -d ' ' -f 1)" "$hash"
  settings=("DATABASE_URL=$database_url" "ADMIN_TOKENS=$other_token,$token" "AUDIT_HMAC_KEY=$new_key" "AUDIT_HMAC_KEY_PREVIOUS=$key")
  expect 0 dlq-replay show --all-tenants --id "$id"
  equal "$(lines_of dead_letter | jq -c '[.actor_hash, .key_id, .actor_token, .resolution]')" "[\"$hash\",\"$key_id\",2,\"replayed\"]"
  settings=("DATABASE_URL=$database_url" "ADMIN_TOKENS=$other_token,$token" "AUDIT_HMAC_KEY=$new_key")
  expect 0 dlq-replay show --all-tenants --id "$id"
  equal "$(lines_of dead_letter | jq -c .actor_token)" null
}

# ---- doing

@test "a replayed event is delivered with the same webhook-id, body and key" {
  respond rx '{"rules":[{"match":{},"sequence":[{"status":410},{"status":204}]}]}'
  receiver rx --record-body
  local as_operator=("${settings[@]}")
  deliver_to rx
  local as_publisher=("${settings[@]}")
  enqueue 1 Order
  expect 0 outbox-publish
  equal "$(states)" dlq:1
  settings=("${as_operator[@]}")
  commit replay 1
  settings=("${as_publisher[@]}")
  expect 0 outbox-publish
  equal "$(states)" sent:1
  equal "$(received rx | jq -r '.headers["webhook-id"], .headers["ce-id"]' | sort -u)" "$(sql "SELECT id FROM zero_admin.event_outbox")"
  equal "$(received rx | jq -r .body | sort -u)" "$(payload 1)"
  equal "$(sql "SELECT replay_count, attempt_count FROM zero_admin.event_outbox")" "1|1"
}

@test "lines of list go through jq back into --ids -" {
  dead 3
  bare dlq-replay list --all-tenants | jq -c 'select(.outcome != "x")' >"$dir/lines"
  [ "$(wc -l <"$dir/lines")" = 4 ]
  head -n 2 "$dir/lines" >"$dir/two"
  expect 0 dlq-replay replay --all-tenants --ids - <"$dir/two"
  equal "$(summary expect)" 2
  commit replay 2 --ids - <"$dir/two"
  equal "$(lines_of item | jq -r .id)" "$(jq -r .id "$dir/two")"
  jq -r '.id // empty' "$dir/lines" >"$dir/plain"
  expect 0 dlq-replay discard --all-tenants --ids - <"$dir/plain"
  equal "$(summary expect) $(summary resolved)" "1 2"
  echo nonsense >>"$dir/plain"
  expect 64 dlq-replay replay --all-tenants --ids - --exit-codes sysexits <"$dir/plain"
  one_error "line 4"
  expect 0 dlq-replay replay --all-tenants --ids - </dev/null
  equal "$(summary expect)" 0
}

@test "the oldest are replayed first, up to the limit" {
  dead 3
  commit replay 2 --limit 2
  equal "$(lines_of item | jq -r .id)" "$(sql "SELECT id FROM zero_admin.dead_letters ORDER BY failed_at LIMIT 2")"
  equal "$(resolved replayed)" 2
}

@test "--max-replays leaves alone what was replayed so often, and the number to expect knows" {
  dead 2
  sql "UPDATE zero_admin.dead_letters SET generation = 3 WHERE id = (SELECT id FROM zero_admin.dead_letters LIMIT 1)"
  expect 0 dlq-replay replay --all-tenants
  equal "$(outcomes)" "guarded:1 would_replay:1"
  equal "$(summary expect) $(summary guarded)" "1 1"
  commit replay 1
  equal "$(resolved replayed)" 1
  commit replay 1 --max-replays 4
  equal "$(sql "SELECT max(replay_count) FROM zero_admin.outbox_queue")" 4
}

@test "an event that was removed is restored; one whose key was taken is a conflict" {
  dead 2
  local taken
  taken=$(sql "SELECT event_id FROM zero_admin.dead_letters ORDER BY failed_at LIMIT 1")
  sql "DELETE FROM zero_admin.outbox_done"
  sql "DELETE FROM zero_admin.outbox_events"
  sql "SELECT zero_admin.enqueue_event(tenant_id, event_type, '{}', idempotency_key) FROM zero_admin.dead_letters WHERE event_id = '$taken'" >/dev/null
  expect 0 dlq-replay replay --all-tenants
  equal "$(outcomes)" "conflict:1 would_replay:1"
  commit replay 1
  equal "$(sql "SELECT e.id <> '$taken' AND e.payload_json::text = l.payload_json::text
                  FROM zero_admin.event_outbox e JOIN zero_admin.dead_letters l ON l.event_id = e.id WHERE e.replay_count = 1")" t
  equal "$(sql "SELECT count(*) FROM zero_admin.dead_letters WHERE resolved_at IS NULL AND event_id = '$taken'")" 1
}

@test "discarded letters are resolved and kept, and nothing is delivered" {
  dead 2
  commit discard 2
  equal "$(outcomes) $(resolved discarded) $(states)" "discarded:2 2 dlq:2"
  expect 0 dlq-replay list --all-tenants
  equal "$(summary selected)" 0
}

@test "the counters of replays are those of the tables" {
  dead 3
  commit replay 2 --limit 2
  commit discard 1
  equal "$(sql "SELECT attempts_total, committed_total, run_id IS NULL FROM zero_admin.replay_state")" "2|2|t"
}

@test "a role with zero_admin_operator may do all of it" {
  dead 2
  sql "CREATE ROLE repairer_$database LOGIN IN ROLE zero_admin_operator"
  settings[0]=DATABASE_URL=${database_url/postgres:/repairer_$database:}
  expect 0 dlq-replay show --all-tenants
  commit replay 1 --limit 1
  commit discard 1
  drop_database
  cluster_psql "$cluster" -d postgres -c "DROP ROLE repairer_t$BATS_SUITE_TEST_NUMBER"
}

# ---- two, killed, interrupted

lines_in() { wc -l <"$dir/$1.out"; }

slowly() { # NAME COUNT RATE
  start "$1" dlq-replay replay --all-tenants --commit --expect "$2" --cause "receiver repaired" --rate "$3/s"
}

@test "two at once: one refuses and changes nothing" {
  dead 40
  slowly first 40 5
  local first=$pid
  wait_until 300 at_least 2 lines_in first
  expect 1 dlq-replay replay --all-tenants --commit --expect 0 --cause why --type None
  one_error "another replay is active"
  expect 1 dlq-replay discard --all-tenants --commit --expect 0 --cause why --type None
  has "$(said error)" "another replay is active"
  kill -TERM "$first"
  ends "$first" 0
  commit replay 0 --type None
}

@test "killed in the middle: each letter wholly or not at all, and the next run finishes the rest" {
  dead 40
  slowly killed 40 5
  wait_until 300 at_least 3 lines_in killed
  kill -KILL "$pid"
  wait "$pid" || true
  local replayed
  replayed=$(resolved replayed)
  [ "$replayed" -ge 3 ] && [ "$replayed" -lt 40 ]
  whole "$replayed"
  expect 1 dlq-replay replay --all-tenants --commit --expect $((40 - replayed)) --cause "receiver repaired"
  has "$(said error)" "another replay is active"
  end_lease
  commit replay $((40 - replayed))
  whole 40
}

@test "an interrupt leaves whole letters done, says so, and the rest is left for the next run" {
  local signal replayed
  dead 40
  for signal in TERM INT; do
    slowly "$signal" "$((40 - $(resolved replayed)))" 5
    wait_until 300 at_least 3 lines_in "$signal"
    kill -s "$signal" "$pid"
    ends "$pid" 0
    equal "$(summary partial "$dir/$signal.out") $(summary stopped_by "$dir/$signal.out")" "true SIG$signal"
    replayed=$(resolved replayed)
    [ "$replayed" -lt 40 ]
    whole "$replayed"
  done
  equal "$(sql "SELECT string_agg(DISTINCT outcome, ' ') FROM zero_admin.ops_audit WHERE kind = 'run'")" partial
  commit replay $((40 - replayed))
  whole 40
}

@test "a reader that went away: what was done is whole, and no more is done" {
  dead 20
  open_broken_pipe
  keep dlq-replay
  : >"$out"
  local code=0
  bare dlq-replay replay --all-tenants --commit --expect 20 --cause "receiver repaired" >&6 2>"$err" || code=$?
  equal "$code" 1
  whole 1
  commit replay 19
}

@test "a lease that was taken over ends a run before its next letter" {
  dead 40
  slowly paused 40 5
  wait_until 300 at_least 2 lines_in paused
  sql "UPDATE zero_admin.replay_state SET run_id = gen_random_uuid()"
  ends "$pid" 1
  has "$(said error "$dir/paused.err")" "lost its lease"
  whole "$(resolved replayed)"
}

@test "a letter that the database refuses is told, and holds up no other" {
  dead 3
  sql "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END \$\$"
  sql "CREATE TRIGGER refuse BEFORE UPDATE ON zero_admin.dead_letters FOR EACH ROW
         WHEN (NEW.id = '$(sql "SELECT id FROM zero_admin.dead_letters ORDER BY failed_at LIMIT 1")') EXECUTE FUNCTION refuse()"
  expect 1 dlq-replay replay --all-tenants --commit --expect 3 --cause "receiver repaired"
  equal "$(outcomes)" "error:1 replayed:2"
  one_error "SQLSTATE 23514"
  whole 2
}
