#!/usr/bin/env bats
# Clocks that step, and hosts whose clocks differ: leases are the database's, ages are counted since the boot.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() { setup_world; }
teardown() { teardown_world; }

# Runs a command so long after the boot as SECONDS says, more than it is; the wall clock stays.
needs_time_namespaces() { unshare --time --boottime 1 true 2>/dev/null || skip "needs root and time namespaces"; }
later() { # SECONDS COMMAND…
  local seconds=$1
  shift
  unshare --time --boottime "$seconds" --monotonic "$seconds" -- "$@"
}

# A publisher whose wall clock is what $dir/clock says: "+0", "+2h".
needs_faketime() {
  faketime_library=$(find /usr/lib -name libfaketimeMT.so.1 2>/dev/null | head -n 1)
  [ -n "$faketime_library" ] || skip "needs the package faketime"
  ! has_sanitizer "$publish" || skip "faketime and a sanitizer both want to be loaded first"
}
set_clock() {
  printf '%s\n' "$1" >"$dir/clock.new"
  mv "$dir/clock.new" "$dir/clock"
}
service_with_clock() { # NAME
  LD_PRELOAD=$faketime_library FAKETIME_TIMESTAMP_FILE=$dir/clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 service "$1"
}

watch_heartbeat() { "$@" "$bin/tools/heartbeat-watch/heartbeat-watch" --target publisher="$dir/run/publisher.last" --max-age 10m >"$dir/watch.out" 2>"$dir/watch.err" || true; }
told() { jq -r 'select(.type == "heartbeat") | "\(.state) \(.reason)"' "$dir/watch.out"; }

@test "the wall clock of a publisher steps two hours ahead and four back: nothing twice, nothing stale, nothing waits" {
  needs_faketime
  export PUBLISH_TRANSPORT=stdout LEASE_SECONDS=2
  set_clock +0
  service_with_clock a
  local step total=0
  for step in +0 +2h -2h +0; do
    set_clock "$step"
    enqueue 50 Demo
    total=$((total + 50))
    wait_until 200 is 0 left
  done
  equal "$(states)" "sent:$total"
  # It did see the clock step: four hours apart.
  equal "$(jq -r 'select(.type == "published") | .ts[0:13]' "$dir/a.out" | sort -u | wc -l)" 3
  equal "$(jq -r 'select(.type == "published") | .event_id' "$dir/a.out" | sort | uniq -c | awk '$1 == 1' | wc -l)" "$total"
  kill -TERM "$pid"
  ends_in_time "$pid"
  equal "$(jq -r 'select(.type == "summary") | .stale' "$dir/a.out")" 0
}

@test "publishers that were started at other times since their boot share leases: a killed one's are taken over after a lease" {
  needs_time_namespaces
  receiver '{"rules":[{"match":{"type":"Slow"},"sequence":[{"hang":true}]}],"default":{"status":204}}'
  export LEASE_SECONDS=1 WEBHOOK_TIMEOUT_MS=60000 STATE_DIR=$dir
  enqueue 3 Slow
  later 8640000 "$publish" --service >"$dir/far.out" 2>"$dir/far.err" 3>&- &
  local far=$!
  pids+=("$far")
  wait_until 200 is 3 requests
  # The namespace begins with a child of unshare.
  pkill -KILL -P "$far" || kill -KILL "$far"
  respond '{"default":{"status":204}}'
  service near
  wait_until 200 is 0 left
  equal "$(states)" "sent:3"
}

@test "a heartbeat is as old as the time since the boot says, whatever the wall clock says" {
  needs_time_namespaces
  export STATE_DIR=$dir
  receiver
  service a
  wait_until 100 test -s "$dir/run/publisher.last"
  kill -KILL "$pid"
  watch_heartbeat
  equal "$(told)" "ok "
  watch_heartbeat later 3600
  equal "$(told)" "critical loop_stale"
}

@test "a heartbeat from the future is unknown, never fresh" {
  needs_time_namespaces
  export STATE_DIR=$dir
  mkdir -p "$dir/run"
  jq -n --arg boot "$(cat /proc/sys/kernel/random/boot_id)" --argjson up "$(awk '{ printf "%.0f", ($1 + 60) * 1e9 }' /proc/uptime)" \
    '{v: 1, name: "publisher", state: "running", loop_ts: (now | todate), last_success_ts: (now | todate), started_ts: (now | todate), loops: 1, done: 1, backlog: 0, pid: 1, boot_id: $boot, boottime_ns: $up}' \
    >"$dir/run/publisher.last"
  watch_heartbeat
  equal "$(told)" "unknown clock_skew"
}
