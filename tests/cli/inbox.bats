#!/usr/bin/env bats
# inbox-add and inbox-work: from a file to fields, a follow-up event, or a reason why not.

# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  settings+=("STORAGE_BASE_URI=file://$dir/inbox" PARSER_BACKOFF_STEPS=0)
}

# invoice NUMBER: a small invoice, whose names and notes have the canary.
invoice() {
  cat <<XML
<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:a="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:b="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<b:ID>RE-$1</b:ID><b:IssueDate>2026-01-02</b:IssueDate><b:InvoiceTypeCode>380</b:InvoiceTypeCode><b:Note>$canary</b:Note><b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>
<a:AccountingSupplierParty><a:Party><a:PartyLegalEntity><b:RegistrationName>$canary GmbH</b:RegistrationName></a:PartyLegalEntity></a:Party></a:AccountingSupplierParty>
<a:LegalMonetaryTotal><b:TaxInclusiveAmount currencyID="EUR">119.00</b:TaxInclusiveAmount><b:PayableAmount currencyID="EUR">119.00</b:PayableAmount></a:LegalMonetaryTotal>
</Invoice>
XML
}

# add FILE…: as inbox-add for the tenant.
add() { expect 0 inbox-add --tenant "$tenant" "$@"; }

# validated URI [HASH]: an item at that place, and its event.
validated() {
  local hash=${2:-$(printf '%s' "$1" | sha256sum | cut -d ' ' -f 1)}
  sql "WITH item AS (INSERT INTO zero_admin.inbox_items (tenant_id, content_hash, bytes, source, mime, uri, status)
         VALUES ('$tenant', '$hash', 1, 'test', 'application/xml', 'x', 'validated') RETURNING id)
       SELECT zero_admin.enqueue_event('$tenant', 'InboxItemValidated', json_build_object('inbox_item_id', id, 'content_hash', '$hash',
         'uri', '${1//\'/\'\'}'::text, 'mime', 'application/xml')) FROM item" >/dev/null
}

lines() { jq -c "select(.type == \"$1\") | $2" "$out"; }
items() { sql "SELECT string_agg(s, ' ' ORDER BY s) FROM (SELECT status || ':' || count(*) AS s FROM zero_admin.inbox_items GROUP BY status) x"; }
news() { sql "SELECT string_agg(s, ' ' ORDER BY s) FROM (SELECT event_type || ':' || count(*) AS s FROM zero_admin.event_outbox WHERE event_type <> 'InboxItemValidated' GROUP BY event_type) x"; }

@test "a document comes in, its fields and a follow-up event come out; id, tenant and trace go all the way" {
  invoice 1 >"$dir/$canary.xml"
  add "$dir/$canary.xml"
  local item trace
  item=$(lines added .inbox_item_id | jq -r .)
  equal "$(lines added '[.duplicate, .mime, .argument]')" '[false,"application/xml",1]'
  expect 0 inbox-work
  equal "$(lines parsed '[.inbox_item_id, .tenant_id, .doc_type, .status]')" "[\"$item\",\"$tenant\",\"invoice\",\"parsed\"]"
  equal "$(summary parsed)" 1
  equal "$(sql "SELECT payload_json->>'invoice_no' FROM zero_admin.parsed_items WHERE inbox_item_id = '$item'")" RE-1
  equal "$(items)" parsed:1
  # What a tick completes is a success, also when it never found the queue empty.
  equal "$(sql "SELECT last_success_at IS NOT NULL FROM zero_admin.runner_heartbeats WHERE name = 'worker'")" t
  trace=$(sql "SELECT trace_id FROM zero_admin.inbox_items")
  settings+=(PUBLISH_TRANSPORT=stdout)
  expect 0 outbox-publish
  equal "$(sql "SELECT last_success_at IS NOT NULL FROM zero_admin.runner_heartbeats WHERE name = 'publisher'")" t
  equal "$(lines published '[.event_type, .tenant_id, .trace_id]')" "[\"InboxItemParsed\",\"$tenant\",\"$trace\"]"
  equal "$(sql "SELECT payload_json->>'inbox_item_id' FROM zero_admin.event_outbox WHERE event_type = 'InboxItemParsed'")" "$item"
}

@test "the same bytes twice are one item, told as a duplicate, also in two runs at once" {
  invoice 1 >"$dir/a"
  cp "$dir/a" "$dir/b.xml"
  add "$dir/a" "$dir/b.xml"
  equal "$(lines added .duplicate | paste -sd ' ')" "false true"
  equal "$(lines added .inbox_item_id | sort -u | wc -l)" 1
  invoice 2 >"$dir/c.xml"
  start one inbox-add --tenant "$tenant" "$dir/c.xml"
  local first=$pid
  start two inbox-add --tenant "$tenant" "$dir/c.xml"
  ends "$first" 0
  ends "$pid" 0
  equal "$(cat "$dir/one.out" "$dir/two.out" | jq -s 'map(select(.type == "added") | .duplicate) | sort' -c)" '[false,true]'
  equal "$(sql 'SELECT count(*) FROM zero_admin.inbox_items')" 2
  equal "$(sql 'SELECT count(*) FROM zero_admin.event_outbox')" 2
  add --tenant "$other_tenant" "$dir/c.xml"
  equal "$(lines added .duplicate)" false
}

@test "a run that ends between file and commit leaves no item, and its file is used by the next" {
  invoice 1 >"$dir/a.xml"
  local file kept=("${settings[@]}")
  settings+=("DATABASE_URL=postgresql://127.0.0.1:1/app")
  expect 1 inbox-add --tenant "$tenant" "$dir/a.xml"
  file=$(find "$dir/inbox" -type f)
  [ -s "$file" ]
  touch -d @1000000 "$file"
  settings=("${kept[@]}")
  add "$dir/a.xml"
  equal "$(find "$dir/inbox" -type f)" "$file"
  equal "$(stat -c %Y "$file")" 1000000
  expect 0 inbox-work
  equal "$(summary parsed)" 1
}

@test "what is no document is refused by the number of its argument, and the others are kept" {
  invoice 1 >"$dir/a.xml"
  : >"$dir/$canary.xml"
  mkfifo "$dir/fifo.xml"
  head -c 200 /dev/zero | tr '\0' x >"$dir/unknown"
  printf 'GIF89a' >"$dir/b.gif"
  settings+=(PARSER_MAX_BYTES=5000 MIME_ALLOWLIST=xml,pdf)
  truncate -s 20G "$dir/huge.xml"
  printf '{}' >"$dir/c.json"
  expect 1 inbox-add --tenant "$tenant" "$dir/$canary.xml" "$dir/fifo.xml" "$dir/none.xml" "$dir/unknown" "$dir/b.gif" "$dir/huge.xml" "$dir/c.json" "$dir/a.xml"
  equal "$(lines added .argument)" 8
  equal "$(summary refused)" 7
  local number=0 why
  for why in empty 'no regular file' 'No such file' 'cannot be told' 'cannot be told' 'larger than 5000' 'not in MIME_ALLOWLIST'; do
    number=$((number + 1))
    has "$(said error | sed -n "${number}p")" "document $number is refused"
    has "$(said error | sed -n "${number}p")" "$why"
  done
}

@test "inbox-add needs a tenant and a file" {
  expect 1 inbox-add "$dir/a.xml"
  has "$(said error)" "--tenant is missing"
  expect 64 inbox-add --tenant "$tenant" --exit-codes sysexits
  has "$(said error)" "no file is named"
}

@test "storage that cannot be written is one error, and nothing is entered" {
  invoice 1 >"$dir/a.xml"
  : >"$dir/inbox"
  expect 1 inbox-add --tenant "$tenant" "$dir/a.xml"
  has "$(said error)" "a document cannot be stored"
  equal "$(items)" ''
}

@test "every trick in a uri is refused before a byte is read" {
  mkdir "$dir/inbox"
  invoice 1 >"$dir/secret.xml"
  cp "$dir/secret.xml" "$dir/inbox/ok.xml"
  ln -s ../secret.xml "$dir/inbox/link.xml"
  ln -s .. "$dir/inbox/folder"
  mkfifo "$dir/inbox/fifo.xml"
  truncate -s 20G "$dir/inbox/huge.xml"
  local uri count=0
  for uri in ../../../../etc/passwd /etc/passwd /proc/self/environ file:///etc/passwd file://localhost/etc/passwd "file://$dir/inbox/../secret.xml" \
    "file://$dir/inbox/..%2fsecret.xml" "file://$dir/inbox/%2e%2e/secret.xml" "file://$dir/inbox//ok.xml" "file://$dir/inbox/./ok.xml" "file://$dir/inbox" \
    "file://$dir/inbox/ok.xml?x" "file://$dir/inbox/a\\b" "http://127.0.0.1:9/x.xml" gopher://127.0.0.1:9/ s3://bucket/x '' . ' ' \
    "file://$dir/inbox/$other_tenant/x.xml" "$dir/inbox/ok.xml" ok.xml "file://$dir/inbox/$(printf 'a%.0s' {1..4090})"; do
    validated "$uri"
    count=$((count + 1))
  done
  expect 0 inbox-work
  equal "$(lines parse_failed '[.reason, .error_class, .status]' | sort | uniq -c | sed 's/^ *//')" "$count [\"validation_error\",\"uri\",\"error\"]"
  for uri in link.xml folder/secret.xml fifo.xml; do validated "file://$dir/inbox/$uri"; done
  validated "file://$dir/inbox/huge.xml"
  expect 0 inbox-work
  equal "$(lines parse_failed '.error_class' | sort | paste -sd ' ')" '"not_file" "not_file" "not_file" "too_large"'
  equal "$(summary errors)" 4
  equal "$(news)" "InboxItemParseFailed:$((count + 4))"
  equal "$(sql 'SELECT count(*) FROM zero_admin.dead_letters')" 0
}

@test "a payload that names nothing, another tenant's item, or other content is final" {
  invoice 1 >"$dir/a.xml"
  add "$dir/a.xml"
  local item hash uri
  read -r item hash uri < <(sql "SELECT id || ' ' || content_hash || ' ' || uri FROM zero_admin.inbox_items")
  sql "DELETE FROM zero_admin.outbox_queue" >/dev/null
  sql "SELECT zero_admin.enqueue_event('$tenant', 'InboxItemValidated', '{\"inbox_item_id\":1}'),
              zero_admin.enqueue_event('$tenant', 'InboxItemValidated', '[]'),
              zero_admin.enqueue_event('$tenant', 'InboxItemValidated', '{\"inbox_item_id\":\"$other_tenant\",\"content_hash\":\"$hash\",\"uri\":\"$uri\",\"mime\":\"text/xml\"}'),
              zero_admin.enqueue_event('$tenant', 'InboxItemValidated', '{\"inbox_item_id\":\"$item\",\"content_hash\":\"$hash\",\"uri\":\"$uri\",\"mime\":\"text/html\"}')" >/dev/null
  expect 0 inbox-work
  equal "$(lines parse_failed '[.reason, .error_class]' | sort | paste -sd ' ')" \
    '["unsupported_mime","declared"] ["validation_error","item_unknown"] ["validation_error","payload"] ["validation_error","payload"]'
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" 0
}

@test "a document that is not there is tried again, then a dead letter, and its item is told" {
  validated "file://$dir/inbox/none.xml"
  mkdir "$dir/inbox"
  settings+=(PARSER_RETRY_MAX=1)
  expect 0 inbox-work
  equal "$(lines parse_failed '[.reason, .error_class, .status, .attempt]' | paste -sd ' ')" '["io_error","missing","retry",1] ["io_error","missing","dead",2]'
  equal "$(sql "SELECT reason || ' ' || attempt_count FROM zero_admin.dead_letters")" "io_error 2"
  equal "$(items)" error:1
  equal "$(sql "SELECT payload_json->>'reason' || ' ' || (payload_json->>'retriable') FROM zero_admin.event_outbox WHERE event_type = 'InboxItemParseFailed'")" "io_error true"
}

@test "a file that is no longer what was stored is not read" {
  invoice 1 >"$dir/a.xml"
  add "$dir/a.xml"
  invoice 2 >"$(find "$dir/inbox" -type f)"
  settings+=(PARSER_RETRY_MAX=0)
  expect 0 inbox-work
  equal "$(lines parse_failed '[.reason, .error_class, .status]')" '["io_error","content_hash","dead"]'
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" 0
}

@test "a tenant that is not allowed: a dead letter, the item stays, nothing is sent" {
  invoice 1 >"$dir/a.xml"
  add "$dir/a.xml"
  settings+=("TENANT_ALLOWLIST=$other_tenant")
  expect 0 inbox-work
  equal "$(lines parse_failed '[.reason, .status]')" '["tenant_unknown","dead"]'
  equal "$(items)" validated:1
  equal "$(news)" ''
}

@test "long text is stored in chunks of at most the threshold, and counted" {
  { printf 'Buchungstag;Betrag;Verwendungszweck\n'; for i in $(seq 200); do printf '02.01.2026;-%s,00;%s\n' "$i" "Miete und mehr $i"; done; } >"$dir/a.csv"
  add "$dir/a.csv"
  settings+=(PARSER_CHUNK_THRESHOLD_BYTES=1024)
  expect 0 inbox-work
  equal "$(lines parsed .has_chunks)" true
  [ "$(sql 'SELECT count(*) FROM zero_admin.chunks')" -gt 3 ]
  equal "$(sql 'SELECT max(octet_length(text)) <= 1024 AND min(seq_no) = 0 AND max(seq_no) + 1 = count(*) FROM zero_admin.chunks')" t
  equal "$(sql 'SELECT sum(chunk_bytes_total) = (SELECT sum(octet_length(text)) FROM zero_admin.chunks) FROM zero_admin.runner_heartbeats')" t
  equal "$(sql "SELECT payload_json->>'has_chunks' FROM zero_admin.event_outbox WHERE event_type = 'InboxItemParsed'")" true
}

@test "the type is decided by content, and the allowlist goes by it too" {
  invoice 1 >"$dir/a.csv"
  add --mime csv "$dir/a.csv"
  expect 0 inbox-work
  equal "$(lines parsed '.flags')" '["mime_mismatch"]'
  invoice 2 >"$dir/b.csv"
  add --mime csv "$dir/b.csv"
  settings+=(MIME_ALLOWLIST=csv)
  expect 0 inbox-work
  equal "$(lines parse_failed '[.reason, .error_class]')" '["unsupported_mime","content"]'
}

@test "a PDF and a workbook that are declared as what the light extractor reads go on to the other one, at no charge" {
  add --mime xml "$repository/tests/fixtures/documents/zugferd.pdf"
  add --mime csv "$repository/tests/fixtures/documents/invoice.xlsx"
  expect 0 inbox-work
  equal "$(lines parsed '[.doc_type, .flags, .attempt]' | paste -sd ' ')" '["invoice",["mime_mismatch"],1] ["invoice",["mime_mismatch"],1]'
  equal "$(sql "SELECT string_agg(payload_json->>'syntax', ' ' ORDER BY payload_json->>'syntax') FROM zero_admin.parsed_items")" "facturx xlsx"
  equal "$(summary claimed)" 2
}

@test "without the light extractor the other one reads its documents" {
  invoice 1 >"$dir/a.xml"
  add "$dir/a.xml"
  mkdir -p "$dir/alone/tools/inbox-work"
  cp "$build/tools/inbox-work/inbox-work" "$build/tools/inbox-extract/inbox-extract" "$dir/alone/tools/inbox-work/"
  local build=$dir/alone
  expect 0 inbox-work
  equal "$(summary parsed)" 1
}

@test "what the database refuses is found among its neighbours, and is final" {
  for i in 1 2 3 4 5; do invoice "$i" >"$dir/$i.xml"; done
  add "$dir"/?.xml
  sql "ALTER TABLE zero_admin.parsed_items ADD CONSTRAINT no_3 CHECK (payload_json->>'invoice_no' <> 'RE-3')" >/dev/null
  expect 0 inbox-work
  equal "$(summary parsed)" 4
  equal "$(lines parse_failed '[.reason, .error_class, .status]')" '["validation_error","data_refused","error"]'
  equal "$(items)" "error:1 parsed:4"
  equal "$(news)" "InboxItemParseFailed:1 InboxItemParsed:4"
}

@test "without its extractor a tick fails with its own error, and nothing is charged" {
  invoice 1 >"$dir/a.xml"
  add "$dir/a.xml"
  mkdir -p "$dir/alone/tools/inbox-work"
  cp "$build/tools/inbox-work/inbox-work" "$dir/alone/tools/inbox-work/"
  local build=$dir/alone
  expect 1 inbox-work
  has "$(said error)" "no document can be read"
  equal "$(summary stopped_by)" fault
  equal "$(sql 'SELECT attempt_count || status FROM zero_admin.event_outbox')" 0pending
}

@test "standard output full: what was read is completed, no more is claimed, exit 1" {
  for i in $(seq 60); do invoice "$i" >"$dir/$i.xml"; done
  add "$dir"/*.xml
  settings+=(WORKER_BATCH_SIZE=10)
  keep inbox-work
  status=0
  bare inbox-work --exit-codes sysexits >/dev/full 2>"$err" || status=$?
  equal "$status" 74
  equal "$(sql "SELECT count(*) FROM zero_admin.parsed_items")" "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = 'InboxItemParsed'")"
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE status = 'processing'")" 0
  [ "$(sql "SELECT count(*) FROM zero_admin.parsed_items")" -lt 60 ]
}

@test "a document opens no file, makes none, and connects nowhere" {
  may_trace
  printf '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>' >"$dir/xxe.xml"
  invoice 1 >"$dir/a.xml"
  printf '%%PDF-1.4 %s' "$canary" >"$dir/broken.pdf"
  add "$dir/xxe.xml" "$dir/a.xml" "$dir/broken.pdf"
  local command
  settings+=(ASAN_OPTIONS=detect_leaks=0) # which a sanitizer does as a tracer of its own, and a process has one
  compose inbox-work
  keep inbox-work
  traced -ff -o "$dir/strace" -e trace=%file,%network,%process,seccomp "${command[@]}" >"$out" 2>"$err"
  # What the processes of the documents, and those that fork them, do once their filter is loaded.
  local trace
  for trace in "$dir"/strace.*; do awk 'on; /SECCOMP_SET_MODE_FILTER, 0, \{len=.*= 0/ { on = 1 }' "$trace" >"$trace.behind"; done
  mkdir "$dir/parents"
  grep -lE '^clone\(' "$dir"/strace.*.behind | xargs mv -t "$dir/parents"
  equal "$(cat "$dir"/strace.*.behind | grep -c 'exited with 0')" 3
  equal "$(cat "$dir"/strace.*.behind | grep -vE '^exit_group|^\+\+\+|EPERM|^newfstatat\([0-9]+, ""')" ''
  equal "$(find "$dir/parents" -type f | wc -l)" 2
  equal "$(cat "$dir"/parents/* | grep -vE '^(clone|wait4|recvmsg|sendto)\(|^\+\+\+|^--- SIGCHLD|EPERM|^newfstatat\([0-9]+, ""')" ''
  equal "$(lines parse_failed .error_class | sort | paste -sd ' ')" '"damaged" "entity_declaration"'
}
