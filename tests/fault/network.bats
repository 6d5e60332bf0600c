#!/usr/bin/env bats
# Several hosts, one database, one receiver, and what lies between them: cables that are pulled, connections that are reset.
# On each host two publishers and two workers. Nothing is lost, stuck or dead, and every document has one effect.

bats_require_minimum_version 1.5.0
load helpers
# shellcheck source=tests/support/network.bash
source "$support/network.bash"

events=600
documents=30

setup_file() {
  export why_not net=ops$$
  why_not=$(network_why_not)
  [ -z "$why_not" ] || return 0
  network_up "$net"
  "$support/certs.sh" "$BATS_FILE_TMPDIR/certs" 10.77.2.1
  local cluster=$BATS_FILE_TMPDIR/cluster
  cluster_init "$cluster"
  echo "host all all 10.77.1.0/24 trust" >>"$cluster/data/pg_hba.conf"
  echo 10.77.1.1 >"$cluster/listen"
  (at "$net-db" bash -c 'source "$1/cluster.bash" && cluster_start "$2"' start "$support" "$cluster")
  deploy_schema "$cluster"
}

teardown_file() {
  [ -z "$why_not" ] || return 0
  cluster_destroy "$BATS_FILE_TMPDIR/cluster"
  network_down "$net"
}

setup() {
  [ -z "$why_not" ] || skip "$why_not"
  setup_world
  export STORAGE_BASE_URI=file://$dir/inbox LEASE_SECONDS=2 PUBLISH_BATCH_SIZE=20 PUBLISH_CONCURRENCY=4 WORKER_BATCH_SIZE=5 WORKER_JOBS=2
  export PUBLISH_BACKOFF_STEPS=1 PUBLISH_BREAKER_PROBE_MS=100 PARSER_BACKOFF_STEPS=1 DATABASE_CONNECT_TIMEOUT_MS=1000 DATABASE_STATEMENT_TIMEOUT_MS=2000
  # Who is cut off with an event that it held alone is charged.
  export PUBLISH_RETRY_MAX=20 PARSER_RETRY_MAX=20
}

teardown() {
  [ -z "$why_not" ] || return 0
  teardown_world
  heal "$net" db a b
  heal "$net" rx a b
}

# The socket in the file system: adding is not what is tried here.
by_socket() { echo "postgresql://postgres@/$database?host=$(cat "$cluster/socket")&port=$(cat "$cluster/port")"; }

add_everything() {
  local i
  mkdir -p "$dir/documents"
  for i in $(seq "$documents"); do
    printf '<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><!-- %s --></Invoice>' "$i" >"$dir/documents/$i.xml"
  done
  DATABASE_URL=$(by_socket) "$bin/tools/inbox-add/inbox-add" --tenant "$tenant" "$dir"/documents/*.xml >"$dir/inbox.out"
  DATABASE_URL=$(by_socket) enqueue "$events" Demo
}

start_receiver() { # FLAGS OF THE RECEIVER…
  respond '{"default":{"status":204,"delay_ms":50}}'
  (at "$net-rx" node "$support/receiver.mjs" --dir "$dir/rx" --host 10.77.2.1 --cert "$BATS_FILE_TMPDIR/certs/server.pem" \
    --key "$BATS_FILE_TMPDIR/certs/server.key" --script "$dir/script.json" --max-seconds 300 "$@") 3>&- 2>"$dir/rx.err" &
  pids+=($!)
  wait_until 200 test -s "$dir/rx/port"
  export WEBHOOK_URL
  WEBHOOK_URL=https://10.77.2.1:$(cat "$dir/rx/port")/hook
}

start_hosts() {
  local host tool number
  for host in a b; do
    for tool in outbox-publish inbox-work; do
      for number in 1 2; do
        (INSTANCE=$host$number at "$net-$host" "$bin/tools/$tool/$tool" --service) >"$dir/$host-$tool-$number.out" 2>"$dir/$host-$tool-$number.err" 3>&- &
        pids+=($!)
      done
    done
  done
}

started() {
  start_receiver
  add_everything
  start_hosts
  wait_until 300 at_least 60 delivered
}

# While something is broken the others go on; `more` events are delivered meanwhile.
others_deliver() {
  local more=$1 from
  from=$(delivered)
  wait_until 300 at_least $((from + more)) delivered
}

# Every event of ours and every answer about a document has been delivered; at most `limit` of them more than once.
all_is_well() { # LIMIT
  wait_until 900 is 0 left
  jq -r 'select(.status == 204) | .headers["webhook-id"]' "$dir/rx/received.jsonl" >"$dir/ids"
  tally $((events + documents)) "$dir/ids" >"$dir/tally"
  equal "$delivered $lost $dead $stuck" "$((events + documents)) 0 0 0"
  [ "$duplicates" -le "$1" ] || equal "$duplicates duplicates" "at most $1"
  equal "$(sql "SELECT count(*) || ' ' || count(DISTINCT inbox_item_id) FROM zero_admin.parsed_items")" "$documents $documents"
  equal "$(sql 'SELECT sum(done_total) FROM zero_admin.runner_heartbeats')" $((events + 2 * documents))
}

# One host has two publishers, each with four requests on the way and a batch that may be answered and not yet marked.
per_host=$((2 * (4 + 20)))

@test "a host is cut off from the database in silence: the other goes on, its leases are taken over" {
  started
  cut_off "$net" db a
  others_deliver 150
  heal "$net" db a
  all_is_well "$per_host"
}

@test "a host is cut off from the receiver in silence: nobody is charged, the other goes on" {
  started
  cut_off "$net" rx a
  others_deliver 100
  heal "$net" rx a
  all_is_well "$per_host"
}

@test "each host in turn is cut off from everything: healed, all is delivered" {
  started
  local host
  for host in a b; do
    cut_off "$net" db "$host"
    cut_off "$net" rx "$host"
    others_deliver 60
    heal "$net" db "$host"
    heal "$net" rx "$host"
  done
  all_is_well $((2 * per_host))
}

@test "both hosts are cut off from the database for longer than a lease: healed, all is delivered" {
  started
  cut_off "$net" db a b
  sleep 4
  heal "$net" db a b
  all_is_well $((2 * per_host))
}

@test "every connection to the database and to the receiver is reset, again and again" {
  started
  local round server
  for round in 1 2 3; do
    for server in db rx; do
      reset_connections "$net" a "$server"
      reset_connections "$net" b "$server"
    done
    sleep 0.5
  done
  all_is_well $((3 * 2 * per_host))
}

# The last one: what it sets stays.
@test "a socket that takes a few kilobytes at a time takes all of a long request in time" {
  (at "$net-a" tee /proc/sys/net/ipv4/tcp_wmem <<<"4096 4096 4096" >/dev/null)
  (at "$net-rx" tee /proc/sys/net/ipv4/tcp_rmem <<<"4096 16384 16384" >/dev/null)
  start_receiver --http1-only  # HTTP/2 itself sends no more at once than the receiver is ready for
  jq -cn '{filler: ("x" * 600000)}' | DATABASE_URL=$(by_socket) "$bin/tools/outbox-add/outbox-add" --tenant "$tenant" --type Demo >"$dir/add.out"
  LEASE_SECONDS=90 run --separate-stderr at "$net-a" "$bin/tools/outbox-publish/outbox-publish"
  equal "$status $(jq -r 'select(.type == "published") | .attempt' <<<"$output")" "0 1"
}
