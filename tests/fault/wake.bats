#!/usr/bin/env bats
# A commit wakes a sleeping publisher; without LISTEN it polls and says so once.
# The poll interval is a minute here, so that what arrives in seconds was not found by polling.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  setup_world
  export PUBLISH_POLL_INTERVAL_MS=60000
}
teardown() { teardown_world; }

asleep() { sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 730217 AND objid = 2 AND mode = 'ShareLock' AND granted"; }

# Starts a receiver and a publisher whose statements the server logs: in $log.
logged_service() {
  sql "ALTER DATABASE $database SET log_statement = 'all'"
  receiver
  service a
  log=$(readlink "$cluster/log")
}

# What the publisher had executed since line $lines of that, one word for each.
executed() {
  tail -n +"$((lines + 1))" "$log" | grep -oE 'outbox-publish LOG:  execute [^:]*: (-- Leases|-- Completes|-- What there is|COMMIT)' |
    grep -oE 'Leases|Completes|What|COMMIT'
}
looked() { executed | grep -q What; }

@test "an event committed while the publisher sleeps arrives without waiting for the poll" {
  receiver
  service a
  wait_until 100 is 1 asleep
  for n in 1 2 3 4 5; do
    enqueue 1 Demo
    wait_until 50 is "$n" delivered
    wait_until 100 is 1 asleep
  done
}

@test "what woke the publisher is claimed alone: the event does not wait for what else is due" {
  local log lines
  logged_service
  wait_until 100 is 1 asleep
  sleep 1.5
  lines=$(wc -l <"$log")
  enqueue 1 Demo
  wait_until 50 is 1 delivered
  wait_until 100 looked
  equal "$(executed | head -n 2 | xargs)" "Leases COMMIT"
  equal "$(executed | tail -n +3 | grep -v COMMIT | grep -v Completes | xargs)" "Leases What"
}

@test "what woke the publisher is delivered and completed before it looks for anything else" {
  local log lines nth
  logged_service
  # It looks after a tenth of a second: a machine that stalls for that long shows it at another of the events.
  for nth in {1..10}; do
    wait_until 100 is 1 asleep
    sleep 1.5 # or the last look was just now
    lines=$(wc -l <"$log")
    enqueue 1 Demo
    wait_until 50 is "$nth" delivered
    wait_until 100 looked
    if [ "$(executed | grep -v COMMIT | head -n 2 | xargs)" = "Leases Completes" ]; then return; fi
  done
  false
}

@test "a producer whose transaction was open before the publisher fell asleep still wakes it" {
  receiver
  mkfifo "$dir/in"
  cluster_psql "$cluster" -d "$database" <"$dir/in" >"$dir/psql.out" 3>&- &
  pids+=($!)
  exec 4>"$dir/in"
  echo "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT zero_admin.enqueue_event('$tenant', 'Demo', '{}'::text);" >&4
  wait_until 100 grep -q . "$dir/psql.out"
  service a
  wait_until 100 is 1 asleep
  sleep 1
  equal "$(delivered)" 0
  echo "COMMIT;" >&4
  wait_until 50 is 1 delivered
  exec 4>&-
}

@test "a killed publisher leaves no sleeper behind" {
  receiver
  service a
  wait_until 100 is 1 asleep
  kill -KILL "$pid"
  wait_until 100 is 0 asleep
}

@test "a retry that falls due is found by the poll" {
  receiver '{"rules":[{"match":{"type":"Flaky"},"sequence":[{"status":400},{"status":204}]}],"default":{"status":204}}'
  export PUBLISH_POLL_INTERVAL_MS=500 PUBLISH_BACKOFF_STEPS=1
  enqueue 1 Flaky
  service a
  wait_until 100 is 1 delivered
}

@test "behind a transaction pooler: delivered by polling, said once; with DATABASE_LISTEN_URL woken up again" {
  receiver
  pgbouncer_start "$dir/pgbouncer" "$cluster"
  local direct=$DATABASE_URL
  export PUBLISH_POLL_INTERVAL_MS=300
  DATABASE_URL=$(pgbouncer_url "$dir/pgbouncer" "$database")
  service a
  wait_until 100 grep -q 'no wake-ups' "$dir/a.err"
  DATABASE_URL=$direct enqueue 200 Demo
  wait_until 100 is 200 delivered
  sleep 1
  equal "$(grep -c 'no wake-ups' "$dir/a.err")" 1
  equal "$(asleep)" 0
  kill -TERM "$pid"
  ends_in_time "$pid"

  export PUBLISH_POLL_INTERVAL_MS=60000 DATABASE_LISTEN_URL=$direct
  service b
  wait_until 100 is 1 asleep
  DATABASE_URL=$direct enqueue 1 Demo
  wait_until 50 is 201 delivered
  equal "$(grep -c 'no wake-ups' "$dir/b.err" || true)" 0
  kill -TERM "$pid"
  ends_in_time "$pid"
  pgbouncer_stop "$dir/pgbouncer"
}
