#!/usr/bin/env bats
# SIGTERM ends a publisher within ten seconds, whatever hangs, and charges nobody.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() { setup_world; }
teardown() {
  thaw_cluster
  teardown_world
}

@test "SIGTERM while the receiver hangs: exit 0 in time, everything given back uncharged" {
  receiver '{"default":{"hang":true}}'
  export WEBHOOK_TIMEOUT_MS=60000 SHUTDOWN_GRACE_MS=1000
  enqueue 40 Demo
  service a
  wait_until 100 is 16 requests
  kill -TERM "$pid"
  ends_in_time "$pid"
  equal "$(states)" "pending:40"
  equal "$(charged)" 0
  equal "$(jq -r 'select(.type == "summary") | "\(.state) \(.stopped_by) \(.exit)"' "$dir/a.out")" "ok SIGTERM 0"
}

@test "SIGTERM lets what is in flight finish within the grace" {
  receiver '{"default":{"status":204,"delay_ms":1500}}'
  enqueue 40 Demo
  service a
  wait_until 100 is 16 requests
  kill -TERM "$pid"
  ends_in_time "$pid"
  equal "$(states)" "pending:24 sent:16"
  equal "$(charged)" 0
}

@test "SIGTERM while PostgreSQL answers nothing: exit 0 in time, the lease gives the events free uncharged" {
  receiver '{"default":{"status":204,"delay_ms":1000}}'
  export LEASE_SECONDS=2
  enqueue 20 Demo
  service a
  local a=$pid
  wait_until 100 is 16 requests
  freeze_cluster
  kill -TERM "$a"
  ends_in_time "$a"
  thaw_cluster
  respond '{"default":{"status":204}}'
  service b
  wait_until 200 is 0 left
  equal "$(states)" "sent:20"
  equal "$(sql 'SELECT max(attempt_count) FROM zero_admin.outbox_done')" 1
}

@test "SIGTERM while receiver and PostgreSQL both hang: exit 0 in time" {
  receiver '{"default":{"hang":true}}'
  export WEBHOOK_TIMEOUT_MS=60000
  enqueue 20 Demo
  service a
  wait_until 100 is 16 requests
  freeze_cluster
  kill -TERM "$pid"
  ends_in_time "$pid"
  thaw_cluster
  equal "$(charged)" 0
}

@test "SIGTERM while a tick waits for a database that accepts and does not answer: exit 0 in time" {
  export WEBHOOK_URL=https://localhost:9/
  freeze_cluster
  "$publish" >"$dir/a.out" 2>"$dir/a.err" 3>&- &
  local a=$!
  pids+=("$a")
  sleep 1
  kill -TERM "$a"
  ends_in_time "$a"
  thaw_cluster
}

@test "an idle service stops at once, says so, and leaves a heartbeat that is stopped" {
  receiver
  service a
  wait_until 100 test -s "$dir/run/publisher.last"
  kill -TERM "$pid"
  ends_in_time "$pid"
  equal "$(jq -r .state "$dir/run/publisher.last")" stopped
  equal "$(sql 'SELECT state FROM zero_admin.runner_heartbeats')" stopped
}
