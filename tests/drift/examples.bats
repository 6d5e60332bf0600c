#!/usr/bin/env bats
# The examples of the man pages run (support/examples.awk says which), and every block under EXAMPLES is one. They run in order,
# each in an empty folder, against a database named app, and https://hooks.example.com is a receiver that accepts everything.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"
# shellcheck source=tests/support/cluster.bash
source "$repository/tests/support/cluster.bash"

setup_file() {
  "$repository/tests/support/certs.sh" "$BATS_FILE_TMPDIR/certs"
  cluster_init "$BATS_FILE_TMPDIR/cluster"
  cluster_start "$BATS_FILE_TMPDIR/cluster" 3>&-
  mkdir "$BATS_FILE_TMPDIR/receiver"
  node "$repository/tests/support/receiver.mjs" --dir "$BATS_FILE_TMPDIR/receiver" --max-seconds 600 \
    --cert "$BATS_FILE_TMPDIR/certs/server.pem" --key "$BATS_FILE_TMPDIR/certs/server.key" --log "$BATS_FILE_TMPDIR/received.jsonl" 3>&- &
  echo $! >"$BATS_FILE_TMPDIR/receiver.pid"
  local i
  for ((i = 0; i < 100; ++i)); do
    [ ! -s "$BATS_FILE_TMPDIR/receiver/port" ] || return 0
    sleep 0.1
  done
  echo "the receiver does not start"
  return 1
}

teardown_file() {
  kill "$(cat "$BATS_FILE_TMPDIR/receiver.pid")" 2>/dev/null || true
  cluster_destroy "$BATS_FILE_TMPDIR/cluster"
}

setup() {
  cluster=$BATS_FILE_TMPDIR/cluster
  world=(
    PATH="$BATS_TEST_TMPDIR/bin:$repository/tools/deploy-gate:$(tools | sed "s|.*|$build/tools/&/&|" | xargs -n 1 dirname | paste -sd :):$PATH" HOME="$BATS_TEST_TMPDIR" LANG=C.UTF-8
    PGHOST="$(cat "$cluster/socket")" PGPORT="$(cat "$cluster/port")" PGUSER=postgres DATABASE_URL="$(cluster_url "$cluster" app)"
    RUN_DIR="$BATS_TEST_TMPDIR" STATE_DIR="$BATS_TEST_TMPDIR" STORAGE_BASE_URI="file://$BATS_TEST_TMPDIR/inbox" WEBHOOK_CA_FILE="$BATS_FILE_TMPDIR/certs/ca.pem" WEBHOOK_ALLOW_PRIVATE=true
  )
  cluster_psql "$cluster" -d postgres -c "DROP DATABASE IF EXISTS app WITH (FORCE)" -c "CREATE DATABASE app" 2>/dev/null
  : >"$BATS_FILE_TMPDIR/received.jsonl"
}

deploy() { env -i "${world[@]}" sqitch deploy --chdir "$repository/lib/schema" db:pg:app >"$BATS_TEST_TMPDIR/sqitch.log"; }

# extract PAGE: its blocks as NN.run and NN.sql in the test's folder.
extract() {
  awk -v folder="$BATS_TEST_TMPDIR" -f "$repository/tests/support/examples.awk" "$repository/man/$1"
  local port
  port=$(cat "$BATS_FILE_TMPDIR/receiver/port")
  find "$BATS_TEST_TMPDIR" -name '[0-9]*.run' -exec sed -i "s|https://hooks.example.com|https://localhost:$port|; s|/usr/share/0admin-ops/schema|$repository/lib/schema|; s|/usr/lib/0admin-ops|$repository/scripts|; s|/etc/0admin/|$BATS_TEST_TMPDIR/etc/|g; s|/etc/credstore|$BATS_TEST_TMPDIR/credstore|g" {} +
}

# examples PAGE COUNT: runs them; there are at least COUNT. With a database that has the schema, each finds an event to deliver.
examples() {
  extract "$1"
  local file ran=0 status folder
  for file in "$BATS_TEST_TMPDIR"/[0-9]*; do
    status=0
    folder=$BATS_TEST_TMPDIR/folder$ran
    mkdir "$folder"
    [ -z "${feed:-}" ] || cluster_psql "$cluster" -d app -o /dev/null -c "SELECT zero_admin.enqueue_event(gen_random_uuid(), 'OrderPlaced', '{}')"
    case $file in
      *.run) (cd "$folder" && env -i "${world[@]}" timeout 60 bash -euo pipefail "$file") >"$file.out" 2>"$file.err" 3>&- || status=$? ;;
      *.sql) cluster_psql "$cluster" -d app -f "$file" >"$file.out" 2>"$file.err" || status=$? ;;
    esac
    if [ "$status" -ne 0 ]; then
      echo "an example of man/$1 exits with $status; repair: correct it"
      cat "$file" "$file.out" "$file.err"
      return 1
    fi
    ran=$((ran + 1))
  done
  [ "$ran" -ge "$2" ]
}

received() { wc -l <"$BATS_FILE_TMPDIR/received.jsonl"; }

@test "every example is marked to be run" {
  awk '
    FNR == 1 { section = "" }
    /^\.Sh / { section = $0 }
    section == ".Sh EXAMPLES" && /^\.Bd / && last !~ /^\.\\" run(: sql)?$/ {
      print FILENAME ":" FNR ": an example that does not run; repair: put .\\\" run before it"
    }
    { last = $0 }' man/*.[1-9] | none
}

@test "the examples of 0admin-ops(7) run: install, grant, enqueue, look" {
  cluster_psql "$cluster" -d app -c "CREATE TABLE orders (id integer, total numeric)"
  examples 0admin-ops.7 6
  [ "$(cluster_psql "$cluster" -d app -At -c "SELECT count(*) FROM zero_admin.event_outbox WHERE idempotency_key = 'order-42-placed'")" = 1 ]
}

@test "the examples of inbox-extract(1) run" { examples inbox-extract.1 3; }

@test "the examples of outbox-add(1) run" {
  deploy
  examples outbox-add.1 4
  # Four different events: the duplicate is none.
  [ "$(cluster_psql "$cluster" -d app -At -c "SELECT count(*) FROM zero_admin.event_outbox")" = 4 ]
}

@test "the examples of outbox-publish(1) run, and deliver" {
  deploy
  feed=yes examples outbox-publish.1 6
  [ "$(received)" -ge 2 ]
}

@test "the examples of inbox-add(1) run" {
  deploy
  examples inbox-add.1 2
  [ "$(cluster_psql "$cluster" -d app -At -c "SELECT count(*) FROM zero_admin.inbox_items")" = 2 ]
}

@test "the examples of inbox-work(1) run" {
  deploy
  examples inbox-work.1 2
  [ "$(cluster_psql "$cluster" -d app -At -c "SELECT status FROM zero_admin.inbox_items")" = error ]
}

@test "the examples of outbox-prune(1) run" {
  deploy
  examples outbox-prune.1 3
}

@test "the examples of deploy-gate(1) run" {
  examples deploy-gate.1 1
}

# What a deployment has beside the programs: settings, secrets, keys, dumps, and units, of which nothing runs here.
deployment() {
  mkdir "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/etc" "$BATS_TEST_TMPDIR/credstore" "$BATS_TEST_TMPDIR/dumps"
  printf '#!/bin/sh\necho "$*" >>"%s/units"\n' "$BATS_TEST_TMPDIR" | tee "$BATS_TEST_TMPDIR/bin/systemctl" >"$BATS_TEST_TMPDIR/bin/journalctl"
  chmod +x "$BATS_TEST_TMPDIR"/bin/*
  age-keygen -o "$BATS_TEST_TMPDIR/etc/backup_identity" 2>/dev/null
  age-keygen -y "$BATS_TEST_TMPDIR/etc/backup_identity" >"$BATS_TEST_TMPDIR/etc/backup.recipients"
  cat >"$BATS_TEST_TMPDIR/etc/env" <<END
BACKUP_DIR=$BATS_TEST_TMPDIR/dumps
BACKUP_RECIPIENTS=$BATS_TEST_TMPDIR/etc/backup.recipients
SCHEMA_DIR=$repository/lib/schema
RESTORE_URL='$(cluster_url "$cluster" app_restored)'
WEBHOOK_URL=https://localhost:$(cat "$BATS_FILE_TMPDIR/receiver/port")/hook
END
  (
    cd "$BATS_TEST_TMPDIR/credstore"
    openssl rand -hex 32 | tee 0admin.ops_token >0admin.admin_tokens
    openssl rand -hex 32 >0admin.audit_hmac_key
    printf 'whsec_%s\n' "$(openssl rand -base64 32)" >0admin.webhook_secret
    echo postgresql://127.0.0.1:1/none >0admin.database_url
  )
}

@test "the commands of 0admin-runbook(7) run" {
  deploy
  deployment
  cluster_psql "$cluster" -d postgres -c "DROP DATABASE IF EXISTS app_restored WITH (FORCE)" 2>/dev/null
  cluster_psql "$cluster" -d app -c "INSERT INTO zero_admin.dead_letters (event_id, tenant_id, event_created_at, attempt_count, generation, event_type, schema_version,
      idempotency_key, reason, payload_json) VALUES (gen_random_uuid(), gen_random_uuid(), now(), 4, 0, 'OrderPlaced', '1.0', 'k', 'http_500', '{}')"
  examples 0admin-runbook.7 26
  cluster_psql "$cluster" -d app -At -c "SELECT string_agg(DISTINCT resolution, ' ') FROM zero_admin.dead_letters" | grep -x replayed
  [ "$(cluster_psql "$cluster" -d app_restored -At -c "SELECT count(*) FROM zero_admin.dead_letters")" = 1 ]
  grep -qx 'stop 0admin.target' "$BATS_TEST_TMPDIR/units"
}

@test "the examples of dlq-replay(1) run" {
  deploy
  examples dlq-replay.1 5
}

@test "the examples of health-probe(1) run" {
  deploy
  examples health-probe.1 4
}

@test "the examples of ops-serve(1) run" {
  deploy
  examples ops-serve.1 3
}

@test "the examples of ops-metrics(1) run" {
  deploy
  examples ops-metrics.1 3
}

@test "the examples of alert-check(1) run" {
  deploy
  examples alert-check.1 7
}

@test "the examples of heartbeat-watch(1) run" {
  deploy
  examples heartbeat-watch.1 4
}

@test "0admin-ops(7) lists the columns that the tables have" {
  deploy
  for table in event_outbox dead_letters inbox_items parsed_items runner_heartbeats delivery_breakers; do
    awk -v table="$table" '/^\.S[hs] / { on = $2 == table } on && /^\.It Va / { gsub(/^\.It Va | ,/, ""); gsub(/ /, "\n"); print }' man/0admin-ops.7 |
      sort >"$BATS_TEST_TMPDIR/told"
    [ -s "$BATS_TEST_TMPDIR/told" ]
    cluster_psql "$cluster" -d app -At -c "SELECT column_name FROM information_schema.columns WHERE table_schema = 'zero_admin' AND table_name = '$table'" | sort >"$BATS_TEST_TMPDIR/real"
    diff "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/real" | sed -n -e "s/^< \(.*\)/0admin-ops(7) lists $table.\1, which does not exist; repair: remove it/p" \
      -e "s/^> \(.*\)/0admin-ops(7) lacks $table.\1; repair: describe it/p"
  done | none
}
