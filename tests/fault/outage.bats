#!/usr/bin/env bats
# An endpoint that accepts nothing uses up nobody's attempts; one bad event holds nobody up.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  setup_world
  export PUBLISH_BACKOFF_STEPS=1 PUBLISH_RETRY_MAX=2 PUBLISH_BREAKER_PROBE_MS=100
}
teardown() { teardown_world; }

# Longer than the whole schedule of the steps above, by the breaker's probes: each came after the one before was answered.
outlast_the_schedule() { sleep 5; }

nothing_was_lost_or_charged() {
  equal "$(dead)" 0
  equal "$(charged)" 0
  equal "$(left)" "$1" # one of them may be out as a probe just now
}

outage() { # EVENTS SCRIPT MODE
  receiver "$2"
  enqueue "$1" Demo
  if [ "$3" = service ]; then
    service a
    outlast_the_schedule
  else
    for _ in $(seq 12); do
      "$publish" >>"$dir/a.out" 2>>"$dir/a.err"
      sleep 0.4
    done
  fi
  [ "$(requests)" -ge 1 ]
  nothing_was_lost_or_charged "$1"
  respond '{"default":{"status":204}}'
  if [ "$3" = service ]; then
    wait_until 150 is 0 left
  else
    for _ in $(seq 30); do
      "$publish" >>"$dir/a.out" 2>>"$dir/a.err"
      [ "$(left)" != 0 ] || break
      sleep 0.5
    done
  fi
  equal "$(states)" "sent:$1"
  equal "$(sql 'SELECT max(attempt_count) FROM zero_admin.outbox_done')" 1
  equal "$(sql "SELECT state FROM zero_admin.delivery_breakers")" closed
}

@test "503 for longer than the schedule, 5000 due, service" { outage 5000 '{"default":{"status":503}}' service; }
@test "503 for longer than the schedule, 5000 due, ticks" { outage 5000 '{"default":{"status":503}}' ticks; }
@test "503, one due, service" { outage 1 '{"default":{"status":503}}' service; }
@test "503, four due, ticks" { outage 4 '{"default":{"status":503}}' ticks; }
@test "connections reset, two due, service" { outage 2 '{"default":{"reset":true}}' service; }
@test "a rotated secret (401), three due, service" { outage 3 '{"default":{"status":401}}' service; }
@test "a rotated secret (401), one due, ticks" { outage 1 '{"default":{"status":401}}' ticks; }
@test "a moved URL (302), four due, service" { outage 4 '{"default":{"redirect":"https://localhost:1/"}}' service; }
@test "a moved URL (404), two due, ticks" { outage 2 '{"default":{"status":404}}' ticks; }

@test "the receiver is not there at all, then comes" {
  receiver
  enqueue 100 Demo
  local port
  port=$(cat "$dir/rx/port")
  kill -TERM "${pids[0]}"
  wait "${pids[0]}" || true
  service a
  outlast_the_schedule
  nothing_was_lost_or_charged 100
  node "$support/receiver.mjs" --dir "$dir/rx" --port "$port" --cert "$BATS_FILE_TMPDIR/certs/server.pem" --key "$BATS_FILE_TMPDIR/certs/server.key" \
    --max-seconds 300 3>&- &
  pids+=($!)
  wait_until 150 is 0 left
  equal "$(states)" "sent:100"
}

@test "while the breaker is open, one request at a time goes out, and the due time stays, so lag is told truly" {
  receiver '{"default":{"status":503,"delay_ms":200}}'
  enqueue 50 Demo
  local due
  due=$(sql "SELECT min(due_at) FROM zero_admin.outbox_queue")
  service a
  service b
  wait_until 100 grep -q '"state":"open"' "$dir/a.out"
  sleep 1
  local from
  from=$(requests)
  sleep 3
  # Probes double from 100 to 1000 ms: a handful in three seconds, from both publishers together.
  [ $(($(requests) - from)) -le 12 ]
  [ $(($(requests) - from)) -ge 1 ]
  equal "$(sql "SELECT min(due_at) FROM zero_admin.outbox_queue")" "$due"
}

@test "one event that is always answered with 422 is dead at once and holds nobody up" {
  receiver '{"rules":[{"match":{"type":"Bad"},"sequence":[{"status":422}]}],"default":{"status":204}}'
  enqueue 1 Bad
  enqueue 200 Good
  "$publish" >"$dir/a.out" 2>"$dir/a.err"
  equal "$(states)" "dlq:1 sent:200"
  equal "$(sql 'SELECT reason, attempt_count FROM zero_admin.dead_letters')" "http_422|1"
}

@test "the oldest event is always answered with 500 while others succeed: dead after the retries, and holds nobody up" {
  receiver '{"rules":[{"match":{"type":"Bad"},"sequence":[{"status":500}]}],"default":{"status":204}}'
  enqueue 1 Bad
  service a
  for _ in $(seq 100); do
    enqueue 1 Good
    [ "$(dead)" = 0 ] || break
    sleep 0.1
  done
  equal "$(sql 'SELECT event_type, reason, attempt_count FROM zero_admin.dead_letters')" "Bad|http_500|3"
  wait_until 100 is 0 left
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = 'Good' AND status <> 'sent'")" 0
}

@test "400 is charged at every attempt, also when nothing else is delivered" {
  receiver '{"default":{"status":400}}'
  enqueue 1 Bad
  service a
  wait_until 150 is 1 dead
  equal "$(sql 'SELECT reason, attempt_count FROM zero_admin.dead_letters')" "http_400|3"
  equal "$(requests)" 3
}

@test "an event that hangs does not hold up the others" {
  receiver '{"rules":[{"match":{"type":"Slow"},"sequence":[{"hang":true}]}],"default":{"status":204}}'
  export WEBHOOK_TIMEOUT_MS=20000
  enqueue 3 Slow
  enqueue 500 Good
  service a
  wait_until 150 is 500 delivered
  equal "$(sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE event_type = 'Good'")" 0
}
