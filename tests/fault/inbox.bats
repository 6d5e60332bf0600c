#!/usr/bin/env bats
# What kills, hangs and hostile documents may cost inbox-work: nothing but time.

bats_require_minimum_version 1.5.0
load helpers

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  setup_world
  export STORAGE_BASE_URI=file://$dir/inbox PARSER_BACKOFF_STEPS=0
  work=$bin/tools/inbox-work/inbox-work
}
teardown() {
  thaw_cluster
  teardown_world
}

# documents FIRST LAST: invoices, and every twentieth of them broken.
documents() {
  local i
  mkdir -p "$dir/documents"
  for i in $(seq "$1" "$2"); do
    printf '<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><ID xmlns="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">RE-%s</ID>%s' \
      "$i" "$([ $((i % 20)) = 0 ] || echo '</Invoice>')" >"$dir/documents/$i.xml"
  done
}

inbox_add() { "$bin/tools/inbox-add/inbox-add" --tenant "$tenant" "$@" >"$dir/add.out"; }

# A folder where the extractor does what documents say.
with_evil_extractor() {
  mkdir -p "$dir/evil"
  cp "$work" "$dir/evil/inbox-work"
  cp "$bin/tests/evil-extract" "$dir/evil/inbox-extract"
  work=$dir/evil/inbox-work
}

# deeds WORD…: a document for each.
deeds() {
  local deed number=0
  mkdir -p "$dir/documents"
  for deed in "$@"; do printf '%s %s' "$deed" "$((++number))" >"$dir/documents/$number.xml"; done
  inbox_add "$dir"/documents/*.xml --mime xml
}

worker() { # NAME ARG…
  local name=$1
  shift
  "$work" "$@" >>"$dir/$name.out" 2>>"$dir/$name.err" 3>&- &
  pid=$!
  pids+=("$pid")
}

waiting() { sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE event_type = 'InboxItemValidated'"; }
processing() { sql "SELECT count(*) FROM zero_admin.event_outbox WHERE status = 'processing'"; }
events_of() { sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = '$1'"; }

@test "a queue of documents, four workers killed at random: each has one result and one follow-up event, and the tables agree" {
  local all broken
  all=$(slowed 2000 300)
  broken=$((all / 20))
  documents 1 "$all"
  inbox_add "$dir"/documents/*.xml
  # As for the publisher: who is killed with an event that it held alone is charged, and kills come several times a second here.
  export LEASE_SECONDS=1 WORKER_BATCH_SIZE=50 PARSER_RETRY_MAX=50
  kill_four_until 1500 0 waiting "$work" --service
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" $((all - broken))
  equal "$(events_of InboxItemParsed)" $((all - broken))
  equal "$(events_of InboxItemParseFailed)" "$broken"
  equal "$(sql "SELECT count(*) FROM zero_admin.inbox_items WHERE status = 'parsed'")" $((all - broken))
  equal "$(sql "SELECT count(*) FROM zero_admin.inbox_items WHERE status = 'error'")" "$broken"
  equal "$(sql 'SELECT count(*) FROM zero_admin.processed_events')" "$all"
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = 'InboxItemValidated' AND status = 'sent'")" "$all"
  equal "$(sql "SELECT count(DISTINCT payload_json->>'inbox_item_id') FROM zero_admin.event_outbox WHERE event_type LIKE 'InboxItemParse%'")" "$all"
  equal "$(dead)" 0
  equal "$(sql "SELECT sum(done_total) || ' ' || sum(failures_total) FROM zero_admin.runner_heartbeats")" "$((all - broken)) $broken"
}

@test "a document that crashes, hangs, swells or lies costs only itself, is tried once more, and is a dead letter with its reason" {
  with_evil_extractor
  export PARSER_MEMORY_BYTES=268435456 WORKER_JOBS=2
  # On a loaded machine the others may take longer than it is worth waiting for those that take for ever.
  deeds fine segfault swell garbage fine fine fine forge exit flood
  PARSER_TIMEOUT_MS=60000 worker w
  wait "$pid"
  equal "$(jq -r 'select(.type == "summary") | "\(.parsed) \(.retried) \(.dead)"' "$dir/w.out")" "4 6 6"
  deeds hang loop fine fine
  PARSER_TIMEOUT_MS=5000 worker v
  wait "$pid"
  equal "$(jq -r 'select(.type == "summary") | "\(.parsed) \(.dead)"' "$dir/v.out")" "2 2"
  equal "$(sql "SELECT string_agg(reason || ':' || count, ' ' ORDER BY reason) FROM (SELECT reason, count(*) FROM zero_admin.dead_letters WHERE attempt_count = 2 GROUP BY 1) x")" \
    "crash:5 oom:1 timeout:2"
  equal "$(events_of InboxItemParseFailed)" 8
  equal "$(sql "SELECT count(*) FROM zero_admin.inbox_items WHERE status = 'error'")" 8
}

@test "an answer about another document is no answer: the file counts as changed" {
  with_evil_extractor
  export PARSER_RETRY_MAX=0
  deeds lie fine
  worker w
  ends_in_time "$pid"
  equal "$(jq -r 'select(.type == "parse_failed") | "\(.reason) \(.error_class)"' "$dir/w.out")" "io_error content_hash"
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" 1
}

@test "documents that hang hold nobody up while there are other places" {
  with_evil_extractor
  export PARSER_TIMEOUT_MS=60000 WORKER_JOBS=3 SHUTDOWN_GRACE_MS=500
  deeds hang hang $(yes fine | head -n 60)
  worker w --service
  wait_until 200 is 2 waiting
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" 60
  kill -TERM "$pid"
  ends_in_time "$pid"
  equal "$(sql "SELECT string_agg(status || attempt_count, ' ') FROM zero_admin.event_outbox WHERE event_type = 'InboxItemValidated' AND status <> 'sent'")" "pending0 pending0"
}

@test "the next document is open already, is read when its turn comes, and is given back at SIGTERM" {
  with_evil_extractor
  export PARSER_TIMEOUT_MS=4000 WORKER_JOBS=1
  deeds fine hang fine fine
  worker w --service
  wait_until 100 is 3 waiting
  local extractor
  opened() { find "/proc/$pid/fd" -lname "$dir/inbox/*" | wc -l; }
  wait_until 50 is 1 opened
  extractor=$(pgrep -P "$pid")
  equal "$(pgrep -c -P "$extractor")" 1
  kill -TERM "$pid"
  ends_in_time "$pid"
  equal "$(sql "SELECT string_agg(status || attempt_count, ' ' ORDER BY attempt_count DESC) FROM zero_admin.event_outbox WHERE event_type = 'InboxItemValidated' AND status <> 'sent'")" \
    "pending1 pending0 pending0"
}

@test "SIGTERM with PostgreSQL stopped and a document that hangs: exit 0 within ten seconds" {
  with_evil_extractor
  export PARSER_TIMEOUT_MS=60000 SHUTDOWN_GRACE_MS=9000
  deeds hang
  worker w --service
  wait_until 100 is 1 processing
  freeze_cluster
  kill -TERM "$pid"
  ends_in_time "$pid"
  thaw_cluster
  equal "$(sql 'SELECT attempt_count FROM zero_admin.outbox_queue')" 0
}

@test "an extractor that is killed is started again, and what it was reading is not charged" {
  with_evil_extractor
  export PARSER_TIMEOUT_MS=3000 WORKER_JOBS=2
  deeds hang fine
  worker w --service
  local worker=$pid
  wait_until 100 is 1 waiting
  kill -KILL "$(pgrep -P "$worker")"
  wait_until 100 is 1 dead
  equal "$(sql 'SELECT attempt_count FROM zero_admin.dead_letters')" 2
  deeds fine fine fine
  wait_until 100 is 0 waiting
  kill -TERM "$worker"
  ends_in_time "$worker"
}

@test "the worker is killed: its extractor and the documents in it end with it" {
  with_evil_extractor
  export PARSER_TIMEOUT_MS=60000
  deeds hang
  worker w --service
  wait_until 100 is 1 processing
  local extractor child
  extractor=$(pgrep -P "$pid")
  wait_until 100 pgrep -P "$extractor"
  child=$(pgrep -P "$extractor")
  kill -KILL "$pid"
  wait_until 50 gone "$extractor"
  wait_until 50 gone "$child"
}
