#!/usr/bin/env bats
# What SIGKILL and SIGSTOP may cost: duplicates of what was in flight, and nothing else.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() { setup_world; }
teardown() { teardown_world; }

@test "four publishers, killed at random several times a second: every event is delivered, none stuck, lost or dead" {
  local all
  all=$(slowed 10000 2000)
  receiver
  enqueue "$all" Demo
  # Whoever is killed is charged for what it held alone: at this rate of kills the default of three retries is within reach of chance.
  export LEASE_SECONDS=1 PUBLISH_BATCH_SIZE=100 PUBLISH_RETRY_MAX=50
  kill_four_until 1800 0 left "$publish" --service
  equal "$(states)" "sent:$all"
  equal "$(delivered)" "$all"
  equal "$(dead)" 0
  # Counters move in the transaction of the rows they count, whatever was killed between.
  equal "$(sql 'SELECT sum(done_total) FROM zero_admin.runner_heartbeats')" "$all"
  # A duplicate was in flight at a kill or waited to be completed: no more than the batches of the killed.
  local killed
  killed=$(sql 'SELECT count(*) FROM zero_admin.runner_heartbeats')
  [ "$(requests)" -le $((all + killed * 116)) ]
  equal "$(jq -s 'map(select(.type == "log" and .level == "error")) | length' "$dir"/[abcd].err)" 0
}

# A publisher, `old`, that is stopped while its one request is on the way.
stop_in_flight() { # SEQUENCE-OF-ANSWERS LEASE-SECONDS
  receiver "{\"rules\":[{\"match\":{\"type\":\"Slow\"},\"sequence\":$1}],\"default\":{\"status\":204}}"
  export LEASE_SECONDS=$2 WEBHOOK_TIMEOUT_MS=60000
  enqueue 1 Slow
  service old
  old=$pid
  wait_until 100 is 1 requests
  kill -STOP "$old"
}

@test "a publisher that sleeps through its lease writes nothing when it wakes up" {
  local old token
  stop_in_flight '[{"hang":true},{"status":204}]' 2
  token=$(sql "SELECT lease_token FROM zero_admin.outbox_queue")
  service new
  wait_until 200 is 0 left
  equal "$(states)" "sent:1"
  equal "$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_token = '$token'")" 0
  enqueue 20 Demo
  wait_until 100 is 0 left
  local before
  before=$(sql "SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM zero_admin.outbox_done d")
  kill -CONT "$old"
  sleep 1
  kill -TERM "$old"
  ends_in_time "$old"
  equal "$(sql "SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM zero_admin.outbox_done d")" "$before"
  equal "$(jq -r 'select(.type == "published") | .event_id' "$dir/old.out" | wc -l)" 0
  equal "$(dead)" 0
}

@test "a lease is renewed while a request takes longer, and no more often than that needs" {
  receiver '{"default":{"status":204,"delay_ms":2500}}'
  enqueue 1 Slow
  local before
  before=$(transactions)
  LEASE_SECONDS=1 run --separate-stderr "$publish"
  equal "$status $(states)" "0 sent:1"
  [ $(($(transactions) - before)) -le 100 ]
}

@test "in a backlog results wait for the next claim, or for 200 ms" {
  receiver '{"default":{"status":204,"delay_ms":20}}'
  enqueue 1100 Demo
  local before began
  before=$(transactions)
  began=$(date +%s%3N)
  PUBLISH_BATCH_SIZE=100 PUBLISH_CONCURRENCY=8 run --separate-stderr "$publish" --max-batches 10
  local took=$(($(date +%s%3N) - began))
  equal "$status $(states)" "0 pending:100 sent:1000"
  # Besides: ten claims, and what begins and ends the run.
  [ $(($(transactions) - before)) -le $((took / 200 + 25)) ]
}

@test "the holder of an old lease completes nothing and counts it as stale" {
  # The answer comes after the lease has been taken over.
  local old
  stop_in_flight '[{"status":204,"delay_ms":4000},{"status":204}]' 1
  service new
  local new=$pid
  wait_until 200 is 0 left
  kill -CONT "$old"
  wait_until 100 grep -q '"stale":1' "$dir/old.out" || {
    kill -TERM "$old"
    ends_in_time "$old"
  }
  kill -TERM "$old" 2>/dev/null || true
  ends_in_time "$old"
  equal "$(jq -r 'select(.type == "summary") | "\(.sent) \(.stale)"' "$dir/old.out")" "0 1"
  equal "$(sql "SELECT attempt_count FROM zero_admin.outbox_done")" 1
  kill -TERM "$new"
  ends_in_time "$new"
}
