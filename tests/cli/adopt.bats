#!/usr/bin/env bats
# A database of the original application is adopted: deploying keeps its rows and has them worked off, reverting leaves it as it was.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  use_database plain
}

schema() { (cd "$repository/lib/schema" && sqitch "$1" "${@:2}" "$(cluster_sqitch_url "$cluster" "$database")") >"$dir/sqitch.$1" 2>&1 || {
  cat "$dir/sqitch.$1"
  return 1
}; }

original() { cluster_psql "$cluster" -d "$database" -f "$support/original/$1.sql"; }

# Everything in the database but what sqitch keeps of its own.
dump() { cluster_dump "$cluster" -N sqitch "$database" | grep -vE '^(--|$|\\(un)?restrict )' >"$dir/$1"; }

column() { sql "SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM ($1) AS s(x)"; }
notes() { column "SELECT split_part(source, '.', 2) || ':' || source_id || ':' || note FROM zero_admin.adoption_notes"; }
last() { sed -E 's/0{8}-0{4}-4000-8000-0{9}//g'; }

@test "the migrations' tables: every row is there, in the state that it was in" {
  original migrations
  schema deploy
  equal "$(column "SELECT right(id::text, 3) || ':' || status || ':' || attempt_count FROM zero_admin.event_outbox")" \
    "301:pending:0 302:pending:2 303:pending:1 304:sent:0 305:dlq:5 306:dlq:5 307:dlq:5 308:pending:0 309:dlq:5 310:pending:0 311:sent:0 312:sent:0 313:pending:0"
  equal "$(column "SELECT right(i.id::text, 3) || ':' || i.status || ':' || o.filename FROM zero_admin.inbox_items i JOIN zero_admin_original.inbox_items o
                    USING (id, tenant_id, source, filename, content_hash, uri, created_at)")" \
    "101:received:Rechnung 1.pdf 102:validated:Rechnung 2.pdf 103:validated:Rechnung 3.pdf 104:parsed:Rechnung 4.pdf 105:error:Rechnung 5.pdf"
  equal "$(column "SELECT payload_json::text FROM zero_admin.parsed_items")" '{"amount":  "119.00"}'
  equal "$(column "SELECT seq_no || ':' || text || ':' || token_count FROM zero_admin.chunks")" "0:part 0:0 1:part 1:10 2:part 2:20"
  equal "$(column "SELECT idempotency_key || ':' || processed_at FROM zero_admin.processed_events")" "v-4:2026-01-04 00:00:00+00"
  # Due since they were enqueued, crashed ones too.
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE status = 'pending' AND next_attempt_at = created_at AND created_at < '2026-01-03'")" 6
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox e JOIN zero_admin_original.event_outbox o USING (id, tenant_id, event_type, schema_version, created_at)
                 WHERE e.payload_json::text = o.payload_json::text")" 13
}

@test "the migrations' tables: rows without a key get one, and what nobody parsed is listed" {
  original migrations
  schema deploy
  equal "$(column "SELECT right(id::text, 3) FROM zero_admin.event_outbox WHERE idempotency_key = id::text")" "308 309 310"
  equal "$(notes | last)" "event_outbox:310:key_replaced event_outbox:311:never_parsed parsed_items:201:not_copied"
  has "$(cat "$dir/sqitch.deploy")" "zero_admin_original.event_outbox: 1 rows are noted as never_parsed"
}

@test "what nobody parsed is enqueued by the statement of 0admin-ops(7)" {
  original migrations
  schema deploy
  mkdir "$dir/examples"
  awk -v folder="$dir/examples" -f "$support/examples.awk" "$repository/man/0admin-ops.7"
  cat "$dir"/examples/*.sql | sed -n '/^SELECT i.id/,/;$/p' >"$dir/enqueue.sql"
  equal "$(cluster_psql "$cluster" -d "$database" -At -f "$dir/enqueue.sql" | cut -d '|' -f 1 | last)" 102
  equal "$(column "SELECT payload_json ->> 'content_hash' FROM zero_admin.event_outbox WHERE status = 'pending' AND idempotency_key LIKE 'adopted:%'")" "$(printf '2%.0s' {1..64})"
}

@test "the migrations' tables: each failed event has one open dead letter" {
  original migrations
  schema deploy
  equal "$(column "SELECT right(event_id::text, 3) || ':' || generation || ':' || reason || ':' || attempt_count || ':' || idempotency_key
                     FROM zero_admin.dead_letters WHERE resolved_at IS NULL" | last)" \
    "305:0:adopted:5:failed 306:0:timeout:5:failed-unlisted 307:1:timeout:5:dlq 309:0:timeout:5:309 405:0:adopted:0:long-gone"
  equal "$(column "SELECT right(id::text, 3) || ':' || resolution || ':' || resolved_at FROM zero_admin.dead_letters WHERE resolved_at IS NOT NULL")" \
    "402:replayed:2026-01-02 12:01:00+00"
}

@test "the migrations' tables: what was pending is delivered, oldest first" {
  original migrations
  schema deploy
  settings+=(PUBLISH_TRANSPORT=stdout)
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r '.event_id[-3:]' | paste -sd ' ')" "301 302 303 308 310"
  equal "$(states)" "dlq:4 pending:1 sent:8"
}

# Replays every open letter, delivers, and prints what the receiver got: the end of the id, the type and the body.
replayed() { # COUNT
  local operator=("DATABASE_URL=$database_url" "OPS_TOKEN=$canary-token" "ADMIN_TOKENS=$canary-token" "AUDIT_HMAC_KEY=$canary-$canary-$canary-$canary")
  sql "SELECT event_id FROM zero_admin.dead_letters WHERE resolved_at IS NULL" >"$dir/open"
  settings=("${operator[@]}")
  expect 0 dlq-replay replay --all-tenants
  equal "$(summary expect)" "$1"
  expect 0 dlq-replay replay --all-tenants --commit --expect "$1" --cause "receiver repaired"
  equal "$(lines_of item | jq -r .outcome | uniq -c | xargs)" "$1 replayed"
  receiver rx --record-body
  deliver_to rx
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r .event_id | grep -cFf "$dir/open")" "$1"
  settings=("${operator[@]}")
  expect 0 dlq-replay list --all-tenants
  equal "$(summary selected)" 0
  received rx | jq -rR 'fromjson | "\(.headers["webhook-id"][-3:]) \(.headers["ce-type"]) \(.body)"' | sort
}

@test "the migrations' tables: dead letters are replayed, and delivered to the byte" {
  original migrations
  schema deploy
  replayed 5 >"$dir/delivered"
  # What was pending, and the five; the letter of an event that was gone brings it back.
  equal "$(cut -d ' ' -f 1 "$dir/delivered" | paste -sd ' ')" "301 302 303 305 306 307 308 309 310 $(sql "SELECT right(id::text, 3) FROM zero_admin.event_outbox WHERE event_type = 'OrderPlaced'")"
  equal "$(grep -E '^30[5679] ' "$dir/delivered")" '305 InvoiceCreated {"n":  5}
306 InvoiceCreated {"n":  6}
307 InvoiceCreated {"n":  7}
309 InvoiceCreated {"n":  9}'
  has "$(cat "$dir/delivered")" ' OrderPlaced {"gone": true}'
  equal "$(column "SELECT right(id::text, 3) || ':' || status || ':' || attempt_count || ':' || replay_count FROM zero_admin.event_outbox
                    WHERE id IN (SELECT event_id FROM zero_admin.dead_letters) AND event_type <> 'OrderPlaced'")" "305:sent:1:1 306:sent:1:1 307:sent:1:2 309:sent:1:1"
  equal "$(column "SELECT idempotency_key FROM zero_admin.event_outbox WHERE event_type = 'OrderPlaced' AND status = 'sent'")" long-gone
  schema revert -y
  equal "$(sql "SELECT count(*) FROM zero_admin.dead_letters")" 5
}

@test "the models' tables: dead letters are replayed, and delivered to the byte" {
  original models
  schema deploy
  replayed 2 >"$dir/delivered"
  equal "$(grep -E '^30[59] ' "$dir/delivered")" '305 InvoiceCreated {"n":  5}
309 InvoiceCreated {"n":  9}'
}

@test "the models' tables: every row is there that has a tenant" {
  original models
  schema deploy
  equal "$(column "SELECT right(id::text, 3) || ':' || status || ':' || attempt_count || ':' || trace_id FROM zero_admin.event_outbox")" \
    "301:pending:0:trace-1 302:pending:2:trace-2 303:pending:1:trace-3 304:sent:0:trace-4 305:dlq:5:trace-5 306:pending:0:trace-6 308:sent:0:trace-8 309:dlq:5:trace-9"
  equal "$(notes | last)" "event_outbox:306:payload_not_json event_outbox:307:not_copied event_outbox:308:never_parsed event_outbox:309:key_replaced inbox_items:101:content_hash_replaced"
  equal "$(column "SELECT to_char(next_attempt_at, 'YYYY-MM-DD HH24:MI') FROM zero_admin.event_outbox WHERE status = 'pending'")" \
    "2026-01-02 10:03 2026-01-02 10:06 2026-01-02 10:30 2126-01-01 00:00"
  equal "$(sql "SELECT payload_json FROM zero_admin.event_outbox WHERE trace_id = 'trace-6'")" '"no json"'
  equal "$(column "SELECT c.seq_no || ':' || c.text FROM zero_admin.chunks c JOIN zero_admin.parsed_items p ON p.id = c.parsed_item_id AND right(p.inbox_item_id::text, 3) = '104'")" \
    "0:part 0 1:part 1 2:part 2"
  equal "$(column "SELECT status || ':' || mime FROM zero_admin.inbox_items")" \
    "error:application/pdf parsed:application/pdf received:application/pdf validated:application/pdf validated:application/pdf"
  equal "$(column "SELECT right(event_id::text, 3) || ':' || reason || ':' || (resolved_at IS NULL) FROM zero_admin.dead_letters")" "305:timeout:true 309:adopted:true"
  settings+=(PUBLISH_TRANSPORT=stdout)
  expect 0 outbox-publish
  equal "$(lines_of published | jq -r '.event_id[-3:]' | paste -sd ' ')" "303 306 301"
}

@test "both: a row that both have is taken once, and a key that both have stays with the first" {
  original migrations
  cluster_psql "$cluster" -d "$database" -f "$support/original/models.sql"
  sql "UPDATE event_outbox SET id = '00000000-0000-4000-8000-000000000999' WHERE idempotency_key = 'crashed'"
  schema deploy
  equal "$(sql "SELECT string_agg(right(idempotency_key, 3), ' ' ORDER BY id) FROM zero_admin.event_outbox WHERE payload_json::text = '{\"n\":  3}'")" "hed 999"
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox")" 14
}

@test "reverting leaves the original as it was, and deploying again adopts again" {
  local shape
  for shape in migrations models; do
    use_database plain
    original "$shape"
    dump before
    schema deploy
    settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout)
    expect 0 outbox-publish
    schema revert -y
    dump after
    diff "$dir/before" "$dir/after"
    schema deploy
    expect 0 outbox-publish
    [ "$(lines_of published | wc -l)" -ge 3 ]
  done
}

@test "the head of the original's own migrations stays where it is" {
  original migrations
  schema deploy
  equal "$(sql "SELECT version_num FROM zero_admin.alembic_version")" 20251007_ops
}

@test "the original goes on enqueuing by INSERT" {
  original migrations
  schema deploy
  sql "CREATE ROLE adopt_app_$BATS_SUITE_TEST_NUMBER LOGIN IN ROLE zero_admin_application" || true
  local id=99999999-0000-4000-8000-000000000001 insert
  insert="SET ROLE adopt_app_$BATS_SUITE_TEST_NUMBER; SET search_path = zero_admin, public;
    INSERT INTO event_outbox (id, tenant_id, event_type, payload_json, idempotency_key, schema_version, trace_id, status, attempt_count, created_at)
    VALUES ('$id', '$tenant', 'FromTheApplication', '{\"a\":  1}', 'k', '1.0', 't', 'pending', 0, now()) RETURNING id"
  equal "$(sql "$insert")" "$id"
  run sql "$insert"
  has "$output" "duplicate key value violates unique constraint"
  run sql "INSERT INTO zero_admin.event_outbox (tenant_id, event_type, payload_json, status) VALUES ('$tenant', 'T', '{}', 'sent')"
  has "$output" "enqueued as pending"
  settings+=(PUBLISH_TRANSPORT=stdout PUBLISH_TYPES=FromTheApplication)
  expect 0 outbox-publish --payload
  equal "$(lines_of published | jq -r .event_id)" "$id"
  cluster_psql "$cluster" -d postgres -c "DROP ROLE adopt_app_$BATS_SUITE_TEST_NUMBER"
}

@test "a payload over the limit and a control character are refused at INSERT as at enqueue_event()" {
  use_database ops
  run sql "SET zero_admin.outbox_max_payload_bytes = 10; INSERT INTO zero_admin.event_outbox (tenant_id, event_type, payload_json) VALUES ('$tenant', 'T', '{\"long\": \"payload\"}')"
  has "$output" "more than the 10 that are allowed"
  run sql "INSERT INTO zero_admin.event_outbox (tenant_id, event_type, payload_json) VALUES ('$tenant', E'T\\n', '{}')"
  has "$output" "event_type_label_check"
  equal "$(sql "SELECT count(*) FROM zero_admin.outbox_events")" 0
}

@test "tables that only have the names are refused in zero_admin, and left alone in public" {
  sql "CREATE TABLE public.chunks (n integer); CREATE TABLE public.event_outbox (n integer)"
  schema deploy
  schema revert -y
  equal "$(column "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")" "chunks event_outbox"
  sql "CREATE SCHEMA zero_admin; CREATE TABLE zero_admin.chunks (n integer)"
  run schema deploy
  [ "$status" -ne 0 ]
  has "$output" "zero_admin.chunks is neither of this project nor of the original application"
  equal "$(column "SELECT relname FROM pg_class WHERE relnamespace = 'zero_admin'::regnamespace")" chunks
}

@test "tables that are in use are not waited for without end" {
  original migrations
  sed -i 's/15s/100ms/' "$(cp -r "$repository/lib/schema" "$dir/schema" && echo "$dir/schema/deploy/adopt.sql")"
  mkfifo "$dir/hold"
  cluster_psql "$cluster" -d "$database" <"$dir/hold" >"$dir/held" 3>&- &
  pids+=($!)
  exec 7>"$dir/hold"
  printf '%s\n' 'BEGIN; SELECT count(*) FROM zero_admin.event_outbox;' '\echo locked' >&7
  locked() { grep -q locked "$dir/held"; }
  wait_until 100 locked
  local repository=$dir
  mkdir "$dir/lib" && ln -s "$dir/schema" "$dir/lib/schema"
  run schema deploy
  exec 7>&-
  [ "$status" -ne 0 ]
  has "$output" "Stop the original application"
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox")" 13
}
