# A world for each test: a database with the schema in the suite's cluster, a receiver, a folder.

support=$(cd "$BATS_TEST_DIRNAME/../support" && pwd)
repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
# shellcheck source=tests/support/cluster.bash
source "$support/cluster.bash"
# shellcheck source=tests/support/pgbouncer.bash
source "$support/pgbouncer.bash"
# shellcheck source=tests/support/checks.bash
source "$support/checks.bash"
# shellcheck source=tests/support/tally.bash
source "$support/tally.bash"

bin=${OPS_BUILD:-$repository/build}
case $bin in /*) ;; *) bin=$repository/$bin ;; esac
publish=$bin/tools/outbox-publish/outbox-publish
add=$bin/tools/outbox-add/outbox-add
tenant=11111111-1111-4111-8111-111111111111

setup_world() {
  dir=$BATS_TEST_TMPDIR
  mkdir -p "$dir/run" "$dir/rx"
  cluster=${1:-$BATS_FILE_TMPDIR/cluster}
  database=t$BATS_TEST_NUMBER
  cluster_psql "$cluster" -d postgres -c "CREATE DATABASE $database TEMPLATE ops"
  export DATABASE_URL RUN_DIR=$dir/run PUBLISH_TRANSPORT=webhook WEBHOOK_CA_FILE=$BATS_FILE_TMPDIR/certs/ca.pem WEBHOOK_ALLOW_PRIVATE=true
  DATABASE_URL=$(cluster_url "$cluster" "$database")
  pids=()
}

# One cluster for a file, with the schema in a template.
setup_cluster() {
  "$support/certs.sh" "$BATS_FILE_TMPDIR/certs"
  cluster_init "$BATS_FILE_TMPDIR/cluster"
  cluster_start "$BATS_FILE_TMPDIR/cluster"
  deploy_schema "$BATS_FILE_TMPDIR/cluster"
}

deploy_schema() {
  cluster_psql "$1" -d postgres -c "CREATE DATABASE ops"
  (cd "$repository/lib/schema" && sqitch deploy "$(cluster_sqitch_url "$1" ops)" >"$1/sqitch.log" 2>&1) || {
    tail -n 5 "$1/sqitch.log" >&2
    return 1
  }
}

teardown_world() {
  local pid
  for pid in "${pids[@]}"; do
    kill -CONT "$pid" 2>/dev/null || true
    kill -KILL "$pid" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  tell
}

# Says what became of everything in a test, for whoever reads the results; the test itself checks what it promises.
tell() {
  local events documents
  # Some tests end without a database.
  events=$(sql "SELECT count(*) FROM zero_admin.outbox_events WHERE event_type <> 'InboxItemValidated'" 2>/dev/null) || return 0
  documents=$(sql "SELECT count(*) FROM zero_admin.inbox_items")
  if [ -e "$dir/rx/received.jsonl" ]; then
    jq -r 'select(.status != null and .status >= 200 and .status < 300) | .headers["webhook-id"]' "$dir/rx/received.jsonl" >"$dir/taken"
    tally "$events" "$dir/taken" >"$dir/tally"
    echo "# ${BATS_TEST_DESCRIPTION%%:*}: $tallied" >&3
  fi
  if [ "$documents" -gt 0 ]; then
    tally_documents >"$dir/tally"
    echo "# ${BATS_TEST_DESCRIPTION%%:*}: documents: $tallied" >&3
  fi
}

# receiver [SCRIPT [OPTION…]]: starts it; its script is $dir/script.json, what it got is in $dir/rx/received.jsonl.
receiver() {
  respond "${1:-{\"default\":{\"status\":204\}\}}"
  [ $# -eq 0 ] || shift
  node "$support/receiver.mjs" --dir "$dir/rx" --cert "$BATS_FILE_TMPDIR/certs/server.pem" --key "$BATS_FILE_TMPDIR/certs/server.key" \
    --script "$dir/script.json" --max-seconds 300 "$@" 3>&- 2>"$dir/rx.err" &
  pids+=($!)
  wait_until 100 test -s "$dir/rx/port"
  WEBHOOK_URL=https://localhost:$(cat "$dir/rx/port")/hook
  export WEBHOOK_URL
}

# Replaces a file of the test's folder as a whole: it may be read at any time.
put() { # FILE TEXT
  printf '%s\n' "$2" >"$dir/$1.new"
  mv "$dir/$1.new" "$dir/$1"
}

# Replaces the receiver's script.
respond() { put script.json "$1"; }

# Starts a publisher in the background; its number in `pids` is its name. Output in $dir/NAME.out and .err.
service() {
  local name=$1
  shift
  "$publish" --service "$@" >>"$dir/$name.out" 2>>"$dir/$name.err" 3>&- &
  pid=$!
  pids+=("$pid")
}

enqueue() { # COUNT TYPE
  seq "$1" | "$add" --tenant "$tenant" --type "$2" >"$dir/add.out"
}

sql() { cluster_psql "$cluster" -d "$database" -At -c "$1"; }
delivered() { jq -r 'select(.status == 204) | .headers["webhook-id"]' "$dir/rx/received.jsonl" 2>/dev/null | sort -u | wc -l; }
requests() { wc -l 2>/dev/null <"$dir/rx/received.jsonl" || echo 0; }
left() { sql "SELECT count(*) FROM zero_admin.outbox_queue"; }
states() { sql "SELECT string_agg(s, ' ' ORDER BY s) FROM (SELECT status || ':' || count(*) AS s FROM zero_admin.event_outbox GROUP BY status) x"; }
dead() { sql "SELECT count(*) FROM zero_admin.dead_letters"; }
charged() { sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE attempt_count > 0"; }

# Stops every process of the cluster, so that it accepts connections and answers nothing.
freeze_cluster() {
  local postmaster
  postmaster=$(cluster_pid "$cluster")
  frozen="$postmaster $(pgrep -P "$postmaster" | tr '\n' ' ')"
  # shellcheck disable=SC2086 # a list of process ids
  kill -STOP $frozen
}

thaw_cluster() {
  [ -n "${frozen:-}" ] || return 0
  # shellcheck disable=SC2086 # a list of process ids
  kill -CONT $frozen
}

# slowed FAST SLOW: the second number where there is a sanitizer, under which everything takes several times as long.
slowed() { if has_sanitizer "$publish"; then echo "$2"; else echo "$1"; fi; }

# A service that is killed every few hundred milliseconds and started again, forty times, and then is left to work until $dir/enough is
# there: how much gets done between kills depends on the machine. It lives longer once a life has moved nothing: on a slow machine, or
# with a sanitizer, it would never come to its work.
keep_killing() { # NAME COUNT-COMMAND COMMAND…
  local name=$1 count=$2 victim before now times=10 life=0
  shift 2
  before=$("$count")
  while [ ! -e "$dir/enough" ]; do
    "$@" >>"$dir/$name.out" 2>>"$dir/$name.err" 3>&- &
    victim=$!
    sleep "$(((RANDOM % 50 + 10) * times))e-3"
    if [ "$((life += 1))" -gt 40 ]; then until [ -e "$dir/enough" ]; do sleep 0.1; done; fi
    kill -KILL "$victim" 2>/dev/null || true
    wait "$victim" 2>/dev/null || true
    now=$("$count")
    [ "$now" != "$before" ] || times=$((times * 3 / 2))
    before=$now
  done
}

# Four of them at once, until the outcome is there.
kill_four_until() { # TRIES EXPECTED COUNT-COMMAND COMMAND…
  local name killers=()
  for name in a b c d; do
    keep_killing "$name" "${@:3}" 3>&- &
    killers+=($!)
  done
  pids+=("${killers[@]}")
  wait_until "$1" is "$2" "$3"
  touch "$dir/enough"
  wait "${killers[@]}" || true
}

# Exit code of a background process that must end within the time that systemd would give it. What the machine is late by just then
# comes on top: several times what a process takes that only starts and ends, which is nothing on an idle one.
ends_in_time() {
  local began=$SECONDS code=0 took
  wait "$1" || code=$?
  took=$((SECONDS - began))
  equal "$code" "${2:-0}"
  [ "$took" -gt 10 ] || return 0
  began=$SECONDS
  "$publish" --version >/dev/null
  [ "$took" -le $((10 + 10 * (SECONDS - began))) ] || equal "ended after $took seconds" "ended within 10"
}
