#!/usr/bin/env bats
# A disk that is full: for heartbeats, for what alert-check remembers, and for documents. What was there stays whole.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  [ "$EUID" -eq 0 ] || skip "needs root, for a small file system"
  setup_world
  small=$dir/small
  mkdir "$small"
  mount -t tmpfs -o size=64k,mode=0755 small "$small" 2>/dev/null || skip "file systems cannot be mounted here"
}
teardown() {
  [ "$EUID" -eq 0 ] || return 0
  teardown_world
  umount "$small" 2>/dev/null || true
}

fill() { head -c 1M /dev/zero >"$small/fill" 2>/dev/null || true; }
free() { rm "$small/fill"; }
loops() { jq -r .loops "$small/publisher.last" 2>/dev/null || echo 0; }
moved_on() { [ "$(loops)" -gt "$1" ]; }
errors() { jq -r 'select(.type == "log" and (.level == "error" or .level == "warning")) | .error' "$1"; }

@test "no room for the heartbeat: said once, delivery goes on, the file before stays whole, and moves on when there is room" {
  receiver
  export RUN_DIR=$small PUBLISH_POLL_INTERVAL_MS=50
  service a
  wait_until 100 moved_on 0
  fill
  enqueue 100 Demo
  wait_until 200 is 0 left
  equal "$(states)" "sent:100"
  wait_until 100 grep -q . "$dir/a.err"
  local before
  before=$(loops)
  [ "$before" -gt 0 ]
  sleep 1
  equal "$(errors "$dir/a.err" | wc -l)" 1
  equal "$(find "$small" -type f | wc -l)" 2
  free
  wait_until 100 moved_on "$before"
  kill -TERM "$pid"
  ends_in_time "$pid"
}

@test "no room for the state of alert-check: unknown, never ok; what it remembered stays, and is used when there is room" {
  export STATE_DIR=$small
  local check=$bin/tools/alert-check/alert-check code=0
  snapshot() { printf '{"publisher_lag_ms":0,"dlq_size":0,"parse_failures_total":%s}' "$1"; }
  snapshot 1 | "$check" - >"$dir/one.out"
  local state
  state=$(cat "$small"/*.json)
  fill
  snapshot 2 | "$check" - >"$dir/two.out" 2>"$dir/two.err" || code=$?
  equal "$code" 1
  equal "$(jq -r 'select(.type == "summary") | "\(.state) \(.state_saved)"' "$dir/two.out")" "unknown false"
  equal "$(cat "$small"/*.json)" "$state"
  free
  snapshot 30 | "$check" - >"$dir/three.out" || true
  equal "$(jq -r 'select(.type == "rule" and (.rule | startswith("parse_failures"))) | .value' "$dir/three.out")" 29
}

@test "no room for a document: named, nothing of it is enqueued or left, and it can be added when there is room" {
  export STORAGE_BASE_URI=file://$small/inbox
  mkdir "$small/inbox"
  local code=0
  printf '{"invoice":1}' >"$dir/one.json"
  fill
  "$bin/tools/inbox-add/inbox-add" --tenant "$tenant" "$dir/one.json" >"$dir/add.out" 2>"$dir/add.err" || code=$?
  equal "$code" 1
  equal "$(jq -r 'select(.level == "error") | .hint != ""' "$dir/add.err")" true
  equal "$(sql 'SELECT count(*) FROM zero_admin.inbox_items') $(left)" "0 0"
  equal "$(find "$small/inbox" -type f | wc -l)" 0
  free
  "$bin/tools/inbox-add/inbox-add" --tenant "$tenant" "$dir/one.json" >"$dir/add.out"
  equal "$(sql 'SELECT count(*) FROM zero_admin.inbox_items') $(left)" "1 1"
}
