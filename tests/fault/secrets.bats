#!/usr/bin/env bats
# Where a secret could be read from outside of a process that works with it: its environment, its command line, a core dump.

bats_require_minimum_version 1.5.0
load helpers

canary=Canary7f3e9c
setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  setup_world
  export WEBHOOK_SECRET=whsec_${canary}${canary}${canary} WEBHOOK_HEADERS_ALLOWLIST=X-Key=$canary PGPASSWORD=$canary
  DATABASE_URL+="&application_name=$canary"
}
teardown() { teardown_world; }

# What root sees of a process and of what it started. Others see no environment at all: the processes cannot be looked into.
seen_from_outside() { # PID
  local process
  for process in "$1" $(pgrep -P "$1"); do
    tr '\0' '\n' <"/proc/$process/cmdline"
    if [ "$EUID" -eq 0 ]; then
      tr '\0' '\n' <"/proc/$process/environ"
    elif cat "/proc/$process/environ" 2>/dev/null; then
      echo "the environment of $process can be read" >&2
      return 1
    fi
  done
}
sees() { [ "$EUID" -ne 0 ] || has "$(cat "$dir/seen")" "$1"; }

@test "no secret is in the environment or the command line of a publisher that works, and it works with them" {
  receiver
  service a
  enqueue 5 Demo
  wait_until 100 is 5 delivered
  seen_from_outside "$pid" >"$dir/seen"
  sees PUBLISH_TRANSPORT=webhook
  sees WEBHOOK_SECRET=
  has_not "$(cat "$dir/seen")" "$canary"
  equal "$(jq -r '.headers["x-key"]' "$dir/rx/received.jsonl" | sort -u)" "$canary"
}

@test "no secret is in the environment or the command line of a worker and its extractor" {
  export STORAGE_BASE_URI=file://$dir/inbox
  "$bin/tools/inbox-work/inbox-work" --service >"$dir/w.out" 2>"$dir/w.err" 3>&- &
  pid=$!
  pids+=("$pid")
  wait_until 100 test -s "$dir/run/worker.last"
  seen_from_outside "$pid" >"$dir/seen"
  sees STORAGE_BASE_URI=
  has_not "$(cat "$dir/seen")" "$canary"
}

@test "what a tool starts still gets its settings" {
  export STATE_DIR=$dir
  printf '{"publisher_lag_ms":0,"dlq_size":7,"parse_failures_total":0}' | "$bin/tools/alert-check/alert-check" --notify changes - -- \
    "$add" --tenant "$tenant" --type OpsAlert >"$dir/check.out" 2>"$dir/check.err" || true
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = 'OpsAlert'")" 1
}

# Whether the process that a command becomes leaves a core when it is aborted: bit 128 of the status, wherever the core goes.
leaves_core() { # WHEN COMMAND…
  perl -e '
    my $ready = shift; my $pid = fork // die;
    if (!$pid) { open STDOUT, ">", "/dev/null"; open STDERR, ">", "/dev/null"; exec @ARGV }
    for (1 .. 100) { last if -s $ready; select undef, undef, undef, 0.1 }
    kill "ABRT", $pid; waitpid $pid, 0; print $? & 128 ? "core" : "none"' "$@"
}

@test "a publisher that crashes leaves no core" {
  cd "$dir"
  ulimit -c unlimited || skip "no cores are allowed here"
  echo ready >"$dir/ready"
  [ "$(leaves_core "$dir/ready" sleep 60)" = core ] || skip "nothing leaves a core here"
  export WEBHOOK_URL=https://localhost:9/
  equal "$(leaves_core "$dir/run/publisher.last" "$publish" --service)" none
}
