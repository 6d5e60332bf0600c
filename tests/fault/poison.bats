#!/usr/bin/env bats
# One in a hundred is poison: documents that kill their extractor, events that the receiver refuses. The rest goes through, and all are counted.

bats_require_minimum_version 1.5.0
load helpers

events=1000
documents=200

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() {
  setup_world
  export STORAGE_BASE_URI=file://$dir/inbox PARSER_BACKOFF_STEPS=0 PARSER_TIMEOUT_MS=60000 PARSER_MEMORY_BYTES=268435456 WORKER_JOBS=2
  # A folder where the extractor does what documents say.
  mkdir -p "$dir/evil" "$dir/documents"
  cp "$bin/tools/inbox-work/inbox-work" "$dir/evil/inbox-work"
  cp "$bin/tests/evil-extract" "$dir/evil/inbox-extract"
}
teardown() { teardown_world; }

# Every hundredth of them segfaults or swells.
write_documents() {
  local i deed
  for i in $(seq "$documents"); do
    deed=fine
    case $((i % 200)) in 0) deed=segfault ;; 100) deed=swell ;; esac
    printf '%s %s' "$deed" "$i" >"$dir/documents/$i.xml"
  done
}

add_events() {
  seq "$events" | jq -c '{tenant_id: $tenant, event_type: (if . % 100 == 0 then "Bad" else "Good" end), payload: {n: .}}' --arg tenant "$tenant" |
    "$add" --envelope >"$dir/add.out"
}

@test "one document in a hundred kills its extractor and one event in a hundred is refused: the others go through, and every count is right" {
  receiver '{"rules":[{"match":{"type":"Bad"},"sequence":[{"status":422}]}],"default":{"status":204}}'
  write_documents
  "$bin/tools/inbox-add/inbox-add" --tenant "$tenant" --mime xml "$dir"/documents/*.xml >"$dir/inbox.out"
  add_events
  service publisher
  "$dir/evil/inbox-work" --service >"$dir/worker.out" 2>"$dir/worker.err" 3>&- &
  local worker=$!
  pids+=("$worker")
  wait_until 900 is 0 left
  local bad=$((events / 100)) killers=$((documents / 100))
  jq -r 'select(.status == 204) | .headers["webhook-id"]' "$dir/rx/received.jsonl" >"$dir/ids"
  tally $((events + documents)) "$dir/ids" >"$dir/tally"
  # Every good event, and an answer about every document.
  equal "$delivered $duplicates $lost $dead $stuck" "$((events - bad + documents)) 0 0 $((bad + killers)) 0"
  equal "$(sql "SELECT string_agg(reason || ':' || count, ' ' ORDER BY reason) FROM (SELECT reason, count(*) FROM zero_admin.dead_letters GROUP BY 1) x")" \
    "crash:$((killers / 2)) http_422:$bad oom:$((killers / 2))"
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" $((documents - killers))
  kill -TERM "$pid" "$worker"
  ends_in_time "$pid"
  ends_in_time "$worker"
  equal "$(jq -r 'select(.type == "summary") | "\(.sent) \(.dead) \(.retried)"' "$dir/publisher.out")" "$((events - bad + documents)) $bad 0"
  equal "$(jq -r 'select(.type == "summary") | "\(.parsed) \(.dead) \(.retried)"' "$dir/worker.out")" "$((documents - killers)) $killers $killers"
}
