#!/usr/bin/env bats
# A receiver that drips, resets, lies, sends without end, or stalls, over HTTP/1.1 and HTTP/2.

bats_require_minimum_version 1.5.0
load helpers

events=20

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  setup_world
  export PUBLISH_BACKOFF_STEPS=1 PUBLISH_RETRY_MAX=2 PUBLISH_BREAKER_PROBE_MS=100 WEBHOOK_TIMEOUT_MS=2000
}
teardown() { teardown_world; }

breaker() { sql "SELECT state FROM zero_admin.delivery_breakers"; }
one_request_at_most() { [ "$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE lease_until > now()")" -le 1 ]; }
peak_memory_kib() { awk '$1 == "VmHWM:" { print $2 }' "/proc/$1/status"; }

# Every request meets it until the breaker is open: nobody is charged, and all is delivered once the receiver is well.
nobody_is_charged() { # ACTION OPTION…
  receiver "{\"default\":$1}" "${@:2}"
  enqueue "$events" Demo
  service a
  wait_until 300 is open breaker
  # What the receiver still holds from before would fail among others that it accepts, which is charged.
  wait_until 300 one_request_at_most
  equal "$(charged) $(dead)" "0 0"
  respond '{"default":{"status":204}}'
  wait_until 300 is 0 left
  equal "$(states)" "sent:$events"
  equal "$(sql 'SELECT max(attempt_count) FROM zero_admin.outbox_done')" 1
  equal "$(delivered)" "$events"
}

asked() { jq -r '.headers["webhook-id"]' "$dir/rx/received.jsonl" | sort -u | wc -l; }

# A whole header is the answer, whatever the body turns into: sent once, by one request, in little memory.
# RESENT more requests may go out, where an answer can take the connection of others with it.
taken_once() { # ACTION OPTION…
  export WEBHOOK_TIMEOUT_MS=8000
  receiver "{\"default\":$1}" "${@:2}"
  enqueue "$events" Demo
  service a
  wait_until 300 is 0 left
  equal "$(states)" "sent:$events"
  equal "$(asked)" "$events"
  [ "$(requests)" -le $((events + ${resent:-0})) ]
  # A sanitizer has memory of its own.
  has_sanitizer "$publish" || [ "$(peak_memory_kib "$pid")" -lt 65536 ] || equal "a peak of $(peak_memory_kib "$pid") KiB" "less than 64 MiB"
}

@test "a body that drips, HTTP/1.1" { taken_once '{"drip":{"bytes":1000,"interval_ms":100}}' --http1-only; }
@test "a body that drips, HTTP/2" { taken_once '{"drip":{"bytes":1000,"interval_ms":100}}'; }
@test "a body of 10 GiB, HTTP/1.1" { taken_once '{"endless":true}' --http1-only; }
@test "a body of 10 GiB, HTTP/2" { taken_once '{"endless":true}'; }
@test "a body shorter than announced, HTTP/1.1" { taken_once '{"lie_content_length":true}' --http1-only; }
@test "a body shorter than announced, HTTP/2" { resent=$events taken_once '{"lie_content_length":true}'; }

@test "a header that drips, HTTP/1.1" { nobody_is_charged '{"drip_headers":50}' --http1-only; }
@test "a header that is cut off, HTTP/1.1" { nobody_is_charged '{"close_mid_headers":true}' --http1-only; }
@test "a connection that is closed instead of an answer, HTTP/2" { nobody_is_charged '{"close_mid_headers":true}'; }
@test "a connection that is reset, HTTP/1.1" { nobody_is_charged '{"reset":true}' --http1-only; }
@test "a connection that is reset, HTTP/2" { nobody_is_charged '{"reset":true}'; }

@test "GOAWAY to one request: it is sent again on another connection, and nobody is charged" {
  receiver '{"rules":[{"match":{"type":"Unlucky"},"sequence":[{"goaway":true},{"status":204}],"per_id":true}],"default":{"status":204}}'
  export WEBHOOK_TIMEOUT_MS=20000
  enqueue 5 Unlucky
  enqueue "$events" Demo
  service a
  wait_until 300 is 0 left
  equal "$(states)" "sent:$((events + 5))"
  equal "$(sql 'SELECT max(attempt_count) FROM zero_admin.outbox_done')" 1
  equal "$(delivered)" $((events + 5))
}

@test "HTTP/2 that grants no window: nothing is charged, and all is delivered once it does" {
  export WEBHOOK_TIMEOUT_MS
  # Once the window is granted, a sanitizer must not be too slow to use it.
  WEBHOOK_TIMEOUT_MS=$(slowed 5000 20000)
  receiver '{"default":{"status":204}}' --stall-uploads
  local port
  port=$(cat "$dir/rx/port")
  # More than the window that a client may use before it hears of another.
  yes "$(jq -nc '"x" * 100000')" | head -n "$events" | "$add" --tenant "$tenant" --type Demo >"$dir/add.out"
  service a
  wait_until 900 is open breaker
  wait_until 300 one_request_at_most
  equal "$(charged) $(dead) $(requests)" "0 0 0"
  kill -TERM "${pids[0]}"
  wait "${pids[0]}" || true
  receiver '{"default":{"status":204}}' --port "$port"
  wait_until 900 is 0 left
  equal "$(states)" "sent:$events"
  equal "$(sql 'SELECT max(attempt_count) FROM zero_admin.outbox_done')" 1
}

policy() { cut -d ' ' -f 41 "/proc/$1/stat"; } # see proc(5) and sched(7)

@test "a tick is batch work to the scheduler, a service is not, and a policy that somebody chose stays" {
  receiver '{"default":{"hang":true}}'
  export WEBHOOK_TIMEOUT_MS=60000
  enqueue 1 Demo
  "$publish" >"$dir/tick.out" 2>&1 3>&- &
  pids+=("$!")
  wait_until 100 is 1 requests
  equal "$(policy "$!")" 3
  enqueue 1 Demo
  chrt --idle 0 "$publish" >"$dir/idle.out" 2>&1 3>&- &
  pids+=("$!")
  wait_until 100 is 2 requests
  equal "$(policy "$!")" 5
  enqueue 1 Demo
  service a
  wait_until 100 is 3 requests
  equal "$(policy "$pid")" 0
}
