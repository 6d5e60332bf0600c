#!/usr/bin/env bats
# ops-metrics: the snapshot agrees with the tables, whatever happened to the processes that made it.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  settings=("DATABASE_URL=$database_url")
}

metric() { jq -r ".$1" "$out"; }

snapshot() { expect 0 ops-metrics; }

@test "the snapshot is one object with every metric of the contract, and no summary" {
  snapshot
  equal "$(wc -l <"$out")" 1
  equal "$(jq -c '[keys[]] - ["v"] | sort' "$out")" "$(jq -cn '["publisher_lag_ms","worker_lag_ms","dlq_size","outbox_pending","outbox_due","outbox_processing",
    "outbox_stuck","publisher_attempts_total","publisher_sent_total","publisher_failures_total","publish_duration_ms","parsed_total","parse_failures_total",
    "parse_duration_ms","chunk_bytes_total","ops_replay_attempts_total","ops_replay_committed_total","breaker_open","horizon_age_s","schema_version","ts"] | sort')"
  equal "$(jq -c '.publish_duration_ms | keys' "$out")" '["count","sum"]'
}

@test "counters equal the tables after a run with kills, never go down on the way, and outlive the rows of the processes" {
  enqueue 400 Demo
  receiver hook
  respond hook '{"default": {"status": 204, "delay_ms": 50}}'
  deliver_to hook
  settings+=(PUBLISH_BATCH_SIZE=10 PUBLISH_CONCURRENCY=2 LEASE_SECONDS=1 PUBLISH_POLL_INTERVAL_MS=50)
  local victim before=0 round publishing=("${settings[@]}")
  for round in 1 2 3 4 5; do
    settings=("${publishing[@]}" "INSTANCE=copy$((round % 2))")
    start "publisher$round" outbox-publish --service
    victim=$pid
    settings=("DATABASE_URL=$database_url")
    more_sent() { snapshot && [ "$(metric publisher_sent_total)" -gt $((before + 15)) ]; }
    wait_until 300 more_sent
    [ "$(metric publisher_sent_total)" -ge "$before" ]
    before=$(metric publisher_sent_total)
    kill -KILL "$victim"
    wait "$victim" 2>/dev/null || true
  done
  settings=("${publishing[@]}" INSTANCE=last)
  all_sent() { bare outbox-publish >"$dir/tick.out" 2>"$dir/tick.err" && [ "$(states)" = sent:400 ]; }
  wait_until 300 all_sent
  settings=("DATABASE_URL=$database_url")
  snapshot
  equal "$(metric publisher_sent_total)" 400
  equal "$(metric publisher_sent_total)" "$(sql "SELECT count(*) FROM zero_admin.outbox_done WHERE status = 'sent'")"
  equal "$(metric publisher_attempts_total)" "$(($(metric publisher_sent_total) + $(metric publisher_failures_total)))"
  equal "$(metric publish_duration_ms.count)" "$(metric publisher_attempts_total)"
  equal "$(metric outbox_pending) $(metric outbox_due) $(metric outbox_processing) $(metric publisher_lag_ms)" '0 0 0 0'
  # Rows of processes that are gone are folded, and what is sent is pruned.
  sql "UPDATE zero_admin.runner_heartbeats SET loop_at = now() - interval '2 days'"
  settings+=(OUTBOX_RETENTION_DAYS=0)
  expect 0 outbox-prune
  settings=("DATABASE_URL=$database_url")
  snapshot
  equal "$(metric publisher_sent_total)" 400
}

@test "an open breaker does not hide the lag" {
  enqueue 6 Demo
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() - interval '10 minutes'"
  settings+=("RUN_DIR=$dir/run" PUBLISH_TRANSPORT=webhook WEBHOOK_ALLOW_PRIVATE=true "WEBHOOK_URL=https://127.0.0.1:1/hook?token=$canary")
  expect 0 outbox-publish
  settings=("DATABASE_URL=$database_url")
  snapshot
  equal "$(metric breaker_open)" true
  [ "$(metric publisher_lag_ms)" -ge 600000 ]
  equal "$(metric dlq_size) $(metric publisher_failures_total)" '0 0'
}

@test "PUBLISH_TYPES and PUBLISH_EXCLUDE_TYPES say whose lag it is" {
  enqueue 1 Kept
  enqueue 1 Left
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() - CASE event_type WHEN 'Left' THEN interval '2 hours' ELSE interval '1 minute' END"
  snapshot
  [ "$(metric publisher_lag_ms)" -ge 7200000 ]
  settings+=(PUBLISH_EXCLUDE_TYPES=Left)
  snapshot
  [ "$(metric publisher_lag_ms)" -lt 7200000 ]
}

@test "the text for Prometheus passes promtool, empty and full" {
  expect 0 ops-metrics --format prometheus
  promtool check metrics <"$out"
  enqueue 5 Demo
  settings+=("RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout)
  expect 0 outbox-publish --max-batches 1
  settings=("DATABASE_URL=$database_url")
  expect 0 ops-metrics --format prometheus
  promtool check metrics <"$out"
  has "$output" "zero_admin_publisher_sent_total 5"
  has "$output" "zero_admin_publish_duration_seconds_count 5"
}

@test "what cannot be read leaves nothing on standard output that Prometheus would trip over" {
  settings=("DATABASE_URL=postgresql://postgres@/app?host=/nonexistent")
  expect 1 ops-metrics --format prometheus
  equal "$output" ''
  one_error
  settings=(NOTHING=)
  expect 1 ops-metrics --format prometheus
  equal "$output" ''
}

@test "--output replaces a file whole, for everybody to read, and leaves it alone when it fails" {
  umask 077
  expect 0 ops-metrics --format prometheus --output "$dir/metrics.prom"
  equal "$output" ''
  equal "$(stat -c %a "$dir/metrics.prom")" 644
  equal "$(find "$dir" -name 'metrics.prom*' | wc -l)" 1
  promtool check metrics <"$dir/metrics.prom"
  cp "$dir/metrics.prom" "$dir/before"
  settings=("DATABASE_URL=postgresql://postgres@/app?host=/nonexistent")
  expect 1 ops-metrics --format prometheus --output "$dir/metrics.prom"
  cmp "$dir/before" "$dir/metrics.prom"
  settings=("DATABASE_URL=$database_url")
  expect 74 ops-metrics --exit-codes sysexits --output "$dir/missing/metrics.json"
  one_error "No such file or directory"
}

@test "the horizon of a standby that holds a snapshot is as old as what was finished since" {
  local standby=$dir/standby holder
  CLUSTER_SLOT=1 cluster_standby "$cluster" "$standby" -c hot_standby_feedback=on -c wal_receiver_status_interval=1s
  mkfifo "$dir/hold"
  cluster_psql "$standby" -d "$database" -At <"$dir/hold" >"$dir/held" 2>&1 3>&- &
  holder=$!
  pids+=("$holder")
  exec 7>"$dir/hold"
  printf 'BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 1;\n' >&7
  wait_until 100 grep -q 1 "$dir/held"
  slot_holds() { [ -n "$(sql "SELECT xmin FROM pg_replication_slots WHERE xmin IS NOT NULL")" ]; }
  wait_until 300 slot_holds
  # What is finished from here on is newer than the snapshot, whatever time it says.
  sql "SELECT txid_current()" >/dev/null
  sql "INSERT INTO zero_admin.outbox_done (id, done_at, status, attempt_count, replay_count) VALUES (gen_random_uuid(), now() - interval '3 minutes', 'sent', 1, 0)"
  sql "INSERT INTO zero_admin.outbox_done (id, done_at, status, attempt_count, replay_count) VALUES (gen_random_uuid(), now() - interval '20 minutes', 'sent', 1, 0)"
  snapshot
  jq -e '.horizon_age_s >= 1200' "$out"
  exec 7>&-
  wait "$holder" || true
  let_go() { snapshot && jq -e '.horizon_age_s < 180' "$out"; }
  sql "DELETE FROM zero_admin.outbox_done"
  wait_until 300 let_go
  cluster_destroy "$standby"
  cluster_psql "$cluster" -d postgres -At -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots" >/dev/null
}

@test "a watcher without pg_read_all_stats is told that the horizon is unknown, not that it is young" {
  sql "CREATE ROLE watcher_$database LOGIN IN ROLE zero_admin_watcher"
  settings=("DATABASE_URL=${database_url/postgres:/watcher_$database:}")
  mkfifo "$dir/hold"
  cluster_psql "$cluster" -d "$database" -At <"$dir/hold" >"$dir/held" 2>&1 3>&- &
  pids+=($!)
  exec 7>"$dir/hold"
  printf 'BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 1;\n' >&7
  wait_until 100 grep -q 1 "$dir/held"
  snapshot
  equal "$(metric horizon_age_s)" null
  equal "$(metric dlq_size)" 0
  exec 7>&-
  drop_database
  cluster_psql "$cluster" -d postgres -c "DROP ROLE watcher_t$BATS_SUITE_TEST_NUMBER"
}
