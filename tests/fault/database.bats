#!/usr/bin/env bats
# The database restarts, crashes, or fails over to a standby: the service goes on by itself.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { "$BATS_TEST_DIRNAME/../support/certs.sh" "$BATS_FILE_TMPDIR/certs"; }

# A cluster of its own for each test: they are stopped and promoted.
setup() {
  CLUSTER_TCP=1 CLUSTER_FSYNC=1 cluster_init "$BATS_TEST_TMPDIR/one"
  export CLUSTER_TCP=1 CLUSTER_FSYNC=1
  cluster_start "$BATS_TEST_TMPDIR/one"
  deploy_schema "$BATS_TEST_TMPDIR/one"
  setup_world "$BATS_TEST_TMPDIR/one"
}

teardown() {
  teardown_world
  [ -z "${frozen:-}" ] || kill -CONT "$frozen" 2>/dev/null || true
  cluster_destroy "$BATS_TEST_TMPDIR/one"
  [ ! -d "$BATS_TEST_TMPDIR/two" ] || cluster_destroy "$BATS_TEST_TMPDIR/two"
}

@test "PostgreSQL crashes and restarts under load: said once, nothing lost, dead or stuck" {
  receiver '{"default":{"status":204,"delay_ms":20}}'
  export LEASE_SECONDS=2
  enqueue 3000 Demo
  service a
  wait_until 100 grep -q published "$dir/a.out"
  cluster_stop "$cluster" immediate
  sleep 2
  cluster_start "$cluster"
  wait_until 300 is 0 left
  equal "$(states)" "sent:3000"
  equal "$(delivered)" 3000
  equal "$(dead)" 0
  equal "$(jq -r 'select(.level == "error") | .error' "$dir/a.err" | wc -l)" 1
  equal "$(jq -r 'select(.level == "info") | .error' "$dir/a.err")" "PostgreSQL answers again"
  kill -TERM "$pid"
  ends_in_time "$pid"
}

@test "a tick without a database: exit 1, one error line with a hint" {
  receiver
  cluster_stop "$cluster"
  local code=0
  "$publish" >"$dir/a.out" 2>"$dir/a.err" || code=$?
  equal "$code" 1
  equal "$(wc -l <"$dir/a.err")" 1
  equal "$(jq -r '.hint != ""' "$dir/a.err")" true
}

failover() { # HOW the old primary goes
  receiver '{"default":{"status":204,"delay_ms":5}}'
  CLUSTER_SYNC=1 cluster_standby "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
  local one two
  one=127.0.0.1:$(cat "$BATS_TEST_TMPDIR/one/port")
  two=127.0.0.1:$(cat "$BATS_TEST_TMPDIR/two/port")
  DATABASE_URL="postgresql://postgres@$one,$two/$database"
  export LEASE_SECONDS=2 DATABASE_CONNECT_TIMEOUT_MS=1000 DATABASE_STATEMENT_TIMEOUT_MS=1000
  enqueue 2000 Demo
  service a
  wait_until 100 grep -q published "$dir/a.out"
  "$1"
  cluster=$BATS_TEST_TMPDIR/two
  cluster_promote "$cluster"
  cluster_psql "$cluster" -d postgres -c "ALTER SYSTEM RESET synchronous_standby_names" -c "SELECT pg_reload_conf()" >/dev/null
  enqueue 100 Late
  wait_until 600 is 0 left
  equal "$(states)" "sent:2100"
  equal "$(delivered)" 2100
  equal "$(dead)" 0
  kill -TERM "$pid"
  ends_in_time "$pid"
}

stops() { cluster_stop "$BATS_TEST_TMPDIR/one" immediate; }

# It still accepts connections (the kernel does) and never says a word.
goes_silent() {
  frozen="$(cluster_pid "$BATS_TEST_TMPDIR/one")"
  # shellcheck disable=SC2046 # a list of process ids
  kill -STOP "$frozen" $(pgrep -P "$frozen")
  frozen="$frozen $(pgrep -P "$frozen" | tr '\n' ' ')"
}

@test "the primary stops and the standby is promoted: the service follows, nothing is lost" { failover stops; }

@test "the primary falls silent and the standby is promoted: the service follows, nothing is lost" { failover goes_silent; }

@test "the primary becomes read-only under the publisher: every connection is made anew" {
  receiver
  service a
  wait_until 100 test -s "$dir/run/publisher.last"
  sql "ALTER DATABASE $database SET default_transaction_read_only = on"
  cluster_restart "$cluster" fast
  sleep 1
  PGOPTIONS='-c default_transaction_read_only=off' sql "ALTER DATABASE $database RESET default_transaction_read_only"
  enqueue 10 Demo
  wait_until 300 is 0 left
  equal "$(states)" "sent:10"
}
