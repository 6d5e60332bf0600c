#!/usr/bin/env bats
# outbox-add: JSON lines become events, to the byte; a bad line is named and costs only itself.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

add() { # CODE ARG…
  local code=$1
  shift
  expect "$code" outbox-add --tenant "$tenant" --type Demo "$@"
}

# Payloads in the order of their lines.
stored() { sql "SELECT payload_json FROM zero_admin.event_outbox ORDER BY split_part(idempotency_key, ':', 2)::int"; }
count() { sql "SELECT count(*) FROM zero_admin.event_outbox"; }

# refused NUMBER PART: the line is named on stderr, with what is wrong.
refused() {
  local told
  told=$(said error | grep -F "line $1 is refused") || {
    echo "line $1 is not named"
    show
    return 1
  }
  has "$told" "$2"
  equal "$(wc -l <<<"$told")" 1
}

@test "each line is stored to the byte, and told with its event after that" {
  {
    echo '{"b":1, "a" : 1.0,"a":2,  "u":"\u00e9é\/","n":12345678901234567890.12345678901234567890e+10,"what":"'"$canary"'"}'
    echo '[1,2,{"x":null}]'
    echo '"text"'
    echo '-0.0'
    echo 'null'
    printf '%s\n' '{"emoji":"😀","pair":"\ud83d\ude00","nul":"\u0000","tab":"\t"}'
    echo '{}'
    printf '[%.0s' {1..200}
    printf ']%.0s' {1..200}
    echo
    printf '{"last":"without a line break"}'
  } >"$dir/lines"
  add 0 <"$dir/lines"
  assert_lines outbox-add/enqueued
  diff <(stored) <(cat "$dir/lines" && echo)
  equal "$(sql "SELECT DISTINCT event_type, tenant_id, schema_version, trace_id IS NULL, status, attempt_count FROM zero_admin.event_outbox")" \
    "Demo|$tenant|1.0|t|pending|0"
  equal "$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE id IN ($(lines_of enqueued | jq -r '"'\''\(.event_id)'\''"' | paste -sd,))")" 9
}

@test "line ends of another system are taken off" {
  printf '{"a":1}\r\n{"a":2}\r\n' | add 0
  equal "$(stored)" $'{"a":1}\n{"a":2}'
}

@test "--schema-version is stored" {
  payload 1 | add 0 --schema-version 2.1
  equal "$(sql "SELECT schema_version FROM zero_admin.event_outbox")" 2.1
}

@test "--key-field makes a line idempotent: the second time it is a duplicate with the id of the first" {
  printf '{"order":"A-1","what":"%s"}\n{"order":7}\n{"order":"A-1"}\n' "$canary" >"$dir/lines"
  add 0 --key-field order <"$dir/lines"
  assert_lines outbox-add/duplicate
  local first
  first=$(lines_of enqueued | jq -r .event_id | head -n 1)
  add 0 --key-field order <"$dir/lines"
  equal "$(lines_of enqueued | jq -r .event_id | head -n 1)" "$first"
  equal "$(summary duplicates)" 3
  equal "$(summary enqueued)" 0
  equal "$(count)" 2
  equal "$(sql "SELECT string_agg(idempotency_key, ' ' ORDER BY idempotency_key) FROM zero_admin.event_outbox")" "7 A-1"
  equal "$(sql "SELECT payload_json ->> 'what' FROM zero_admin.event_outbox WHERE idempotency_key = 'A-1'")" "$canary"
}

@test "the same key is no duplicate for another tenant or type" {
  printf '{"k":"1"}' >"$dir/lines"
  add 0 --key-field k <"$dir/lines"
  expect 0 outbox-add --tenant "$tenant" --type Other --key-field k <"$dir/lines"
  expect 0 outbox-add --tenant "$other_tenant" --type Demo --key-field k <"$dir/lines"
  equal "$(summary duplicates)" 0
  equal "$(count)" 3
}

@test "a line without the key field, or with one that is no key, is refused by number" {
  printf '%s\n' '{"k":"good"}' '{"other":1}' '{"k":1.5}' '{"k":null}' '{"k":true}' '{"k":["x"]}' '[1]' '{"k":""}' '{"k":12}' >"$dir/lines"
  add 1 --key-field k <"$dir/lines"
  equal "$(said error | wc -l)" 7
  local line
  for line in 2 3 4 5 6 7 8; do refused "$line" key; done
  equal "$(count)" 2
}

@test "without a key the same lines are new events each time" {
  payload 1 | add 0
  payload 1 | add 0
  equal "$(count)" 2
}

@test "--envelope takes every field from the line" {
  printf '{"tenant_id":"%s","event_type":"Überweisung","idempotency_key":"k-1","schema_version":"3","trace_id":"t-1","extra":1,"payload" : {"z":1, "a":[ "%s" ]} }\n' \
    "$other_tenant" "$canary" >"$dir/lines"
  expect 0 outbox-add --envelope <"$dir/lines"
  equal "$(sql "SELECT tenant_id, event_type, idempotency_key, schema_version, trace_id, payload_json FROM zero_admin.event_outbox")" \
    "$other_tenant|Überweisung|k-1|3|t-1|{\"z\":1, \"a\":[ \"$canary\" ]}"
}

@test "--envelope takes what the line does not say from the flags, and the line goes first" {
  printf '%s\n' '{"payload":1}' '{"payload":2,"event_type":"Own","schema_version":"9"}' '{"payload":null,"trace_id":null}' |
    add 0 --envelope --schema-version 2
  equal "$(sql "SELECT payload_json, event_type, schema_version FROM zero_admin.event_outbox ORDER BY split_part(idempotency_key, ':', 2)::int")" \
    $'1|Demo|2\n2|Own|9\nnull|Demo|2'
}

@test "--envelope finds the payload wherever it stands, and not in a string or deeper down" {
  printf '%s\n' '{"note":"\"payload\":0}","deep":{"payload":1},"payload":{"payload":[2,"}"]},"x":"]"}' '{"payload":"a \\\" b"}' | add 0 --envelope
  equal "$(stored)" $'{"payload":[2,"}"]}\n"a \\\\\\" b"'
}

@test "bad lines are named by number with what is wrong, the good ones are kept, and the exit is 1" {
  {
    payload 1; echo
    echo "{\"broken\":\"$canary"
    payload 3; echo
    echo "$canary"
    echo "{\"a\":1} {\"b\":\"$canary\"}"
    payload 6; echo
  } >"$dir/lines"
  add 1 <"$dir/lines"
  assert_lines outbox-add/bad-lines
  equal "$(said error)" "line 2 is refused | it is not JSON | correct it and add it again; the other lines are kept
line 4 is refused | it is not JSON | correct it and add it again; the other lines are kept
line 5 is refused | it is not JSON | correct it and add it again; the other lines are kept"
  equal "$(stored | jq -c .n | paste -sd' ')" "1 3 6"
  add 70 --exit-codes sysexits <"$dir/lines"
  equal "$(summary exit)" 70
}

@test "bad envelopes are named by number, the good ones are kept" {
  printf '%s\n' \
    "{\"tenant_id\":\"$tenant\",\"event_type\":\"Demo\",\"payload\":1}" \
    "{\"event_type\":\"Demo\",\"payload\":\"$canary\"}" \
    "{\"tenant_id\":\"$canary\",\"event_type\":\"Demo\",\"payload\":1}" \
    "{\"tenant_id\":\"$tenant\",\"payload\":1}" \
    "{\"tenant_id\":\"$tenant\",\"event_type\":\"Demo\"}" \
    "{\"tenant_id\":\"$tenant\",\"event_type\":7,\"payload\":1}" \
    "[\"$canary\"]" \
    "{\"tenant_id\":\"$tenant\",\"event_type\":\"\",\"payload\":1}" \
    "{\"tenant_id\":\"$tenant\",\"event_type\":\"Demo\",\"payload\":9}" >"$dir/lines"
  expect 1 outbox-add --envelope <"$dir/lines"
  refused 2 tenant_id
  refused 3 tenant_id
  refused 4 event_type
  refused 5 payload
  refused 6 strings
  refused 7 object
  refused 8 event_type
  equal "$(stored | paste -sd' ')" "1 9"
}

@test "empty input is a success and needs no database" {
  settings=("DATABASE_URL=postgresql:///app?host=/nonexistent")
  add 0 </dev/null
  assert_lines outbox-add/empty
  printf '\n  \n{"v":1,"tool":"alert-check","type":"summary","state":"ok","exit":0}\n' | add 0
  equal "$(summary skipped)" 3
}

@test "summary lines of our own tools are skipped, lines that only look like them are not" {
  printf '%s\n' '{"v":1,"tool":"alert-check","run_id":"x","type":"summary","state":"ok"}' '{"type":"summary"}' '{"v":1,"tool":"x","type":"rule"}' | add 0
  equal "$(summary skipped)" 1
  equal "$(stored)" $'{"type":"summary"}\n{"v":1,"tool":"x","type":"rule"}'
}

@test "what outbox-publish prints can be piped in" {
  enqueue 3 First
  local out err
  keep outbox-publish
  settings+=(PUBLISH_TRANSPORT=stdout)
  bare outbox-publish >"$out" 2>"$err"
  local printed=$out
  add 0 <"$printed"
  equal "$(summary enqueued)" 3
  equal "$(summary skipped)" 1
  equal "$(sql "SELECT payload_json ->> 'type' FROM zero_admin.event_outbox WHERE event_type = 'Demo'" | sort -u)" published
}

@test "the largest payload is taken and the next byte is not; the lines around are kept" {
  local max=1000
  settings+=("OUTBOX_MAX_PAYLOAD_BYTES=$max")
  {
    payload 1; echo
    printf '"%*s"\n' $((max - 2)) "$canary"
    printf '"%*s"\n' $((max - 1)) "$canary"
    printf '"%*s"\n' 5000000 "$canary"
    payload 5; echo
  } >"$dir/lines"
  add 1 <"$dir/lines"
  equal "$(said error | wc -l)" 2
  refused 3 "OUTBOX_MAX_PAYLOAD_BYTES"
  refused 4 "OUTBOX_MAX_PAYLOAD_BYTES"
  equal "$(sql "SELECT octet_length(payload_json::text) FROM zero_admin.event_outbox ORDER BY 1 DESC LIMIT 1")" "$max"
  equal "$(count)" 3
}

@test "a payload of more than a mebibyte is taken when OUTBOX_MAX_PAYLOAD_BYTES allows it, and else not" {
  printf '"%*s"\n' 1048575 "$canary" >"$dir/lines"
  add 1 <"$dir/lines"
  refused 1 1048576
  settings+=(OUTBOX_MAX_PAYLOAD_BYTES=2000000)
  add 0 <"$dir/lines"
  equal "$(sql "SELECT octet_length(payload_json::text) FROM zero_admin.event_outbox")" 1048577
}

@test "control characters in type, key, version and trace id are refused by number" {
  local field
  {
    printf '{"payload":1,"event_type":"Demo"}\n'
    for field in event_type idempotency_key schema_version trace_id; do
      printf '{"payload":1,"%s":"a\\u0001b"}\n{"payload":1,"%s":"a\\nb"}\n{"payload":1,"%s":"a\\u007fb"}\n{"payload":1,"%s":"a\\u0000b"}\n' "$field" "$field" "$field" "$field"
    done
    printf '{"payload":2}\n'
  } >"$dir/lines"
  add 1 --envelope <"$dir/lines"
  equal "$(said error | wc -l)" 16
  equal "$(summary refused)" 16
  equal "$(stored | paste -sd' ')" "1 2"
}

@test "what only the database refuses is named by number too, and the lines around are kept" {
  printf '%s\n' '{"payload":1}' '{"payload":2,"trace_id":"a\u0085b"}' '{"payload":3}' >"$dir/lines"
  add 1 --envelope <"$dir/lines"
  equal "$(said error | wc -l)" 1
  has "$(said error)" "line 2 is refused"
  equal "$(stored | paste -sd' ')" "1 3"
}

@test "type, key, version and trace id that are too long are refused by number" {
  local long
  long=$(printf 'x%.0s' {1..129})
  printf '%s\n' "{\"payload\":1,\"event_type\":\"${long:1}\"}" "{\"payload\":2,\"event_type\":\"$long\"}" "{\"payload\":3,\"idempotency_key\":\"$long\"}" \
    "{\"payload\":4,\"schema_version\":\"${long:0:17}\"}" "{\"payload\":5,\"trace_id\":\"${long:0:65}\"}" "{\"payload\":6,\"trace_id\":\"${long:0:64}\"}" >"$dir/lines"
  add 1 --envelope <"$dir/lines"
  refused 2 type
  refused 3 key
  refused 4 version
  refused 5 trace
  equal "$(stored | paste -sd' ')" "1 6"
}

@test "invalid UTF-8 and NUL are refused by number, the lines around are kept" {
  printf '{"n":1}\n{"x":"\xff"}\n{"x":"\xc0\xaf"}\n{"x":"\xed\xa0\x80"}\n{"x":"a\x00b"}\n{"x":"\xf4\x90\x80\x80"}\n{"n":7}\n' >"$dir/lines"
  add 1 <"$dir/lines"
  equal "$(said error | wc -l)" 5
  equal "$(stored)" $'{"n":1}\n{"n":7}'
  payload 1 | expect 1 outbox-add --tenant "$tenant" --type $'bad\xff'
}

@test "a byte order mark is refused" {
  printf '\xef\xbb\xbf{"n":1}\n' | add 1
  refused 1 ''
}

@test "a slow writer's lines are stored without waiting for the end of the input" {
  mkfifo "$dir/slow.in"
  start slow outbox-add --tenant "$tenant" --type Demo
  exec 4>"$dir/slow.in"
  payload 1 >&4; echo >&4
  wait_until 100 is 1 count
  wait_until 100 grep -q '"line":1' "$dir/slow.out"
  printf '{"half":' >&4
  payload 2 >&4; echo '}' >&4
  wait_until 100 is 2 count
  exec 4>&-
  ends "$pid" 0
  equal "$(summary lines "$dir/slow.out")" 2
}

@test "SIGTERM ends it: what came is stored, the summary says so, exit 0" {
  mkfifo "$dir/slow.in"
  start slow outbox-add --tenant "$tenant" --type Demo
  exec 4>"$dir/slow.in"
  payload 1 >&4; echo >&4
  wait_until 100 is 1 count
  kill -TERM "$pid"
  ends "$pid" 0
  exec 4>&-
  equal "$(summary stopped_by "$dir/slow.out")" SIGTERM
  equal "$(summary exit "$dir/slow.out")" 0
  equal "$(summary enqueued "$dir/slow.out")" 1
}

@test "SIGINT ends it in the same way" {
  mkfifo "$dir/slow.in"
  start slow outbox-add --tenant "$tenant" --type Demo
  exec 4>"$dir/slow.in"
  payload 1 >&4; echo >&4
  wait_until 100 is 1 count
  kill -INT "$pid"
  ends "$pid" 0
  exec 4>&-
  equal "$(summary stopped_by "$dir/slow.out")" SIGINT
}

@test "100,000 lines in one call" {
  payloads 100000 | add 0
  equal "$(summary enqueued)" 100000
  equal "$(count)" 100000
  equal "$(lines_of enqueued | wc -l)" 100000
  equal "$(sql "SELECT count(DISTINCT payload_json ->> 'n') FROM zero_admin.event_outbox")" 100000
}

# An address space of 200 MB for 300 MB of input: whoever kept it all would not get it.
@test "300 MB of large lines in bounded memory" {
  local code=0 lines=300
  ! has_sanitizer "$build/tools/outbox-add/outbox-add" || lines=30 # nothing limits its memory, and a line takes it a second
  keep outbox-add
  (
    limit_memory outbox-add 200000
    long=$(printf '%1000000s' "$canary")
    for n in $(seq "$lines"); do printf '{"n":%d,"x":"%s"}\n' "$n" "$long"; done |
      bare outbox-add --tenant "$tenant" --type Large
  ) >"$out" 2>"$err" || code=$?
  equal "$code" 0
  equal "$(summary enqueued)" "$lines"
  equal "$(count)" "$lines"
}

@test "a line without an end takes no more memory than the largest payload" {
  local code=0
  keep outbox-add
  (
    limit_memory outbox-add 200000
    { head -c 300000000 /dev/zero | tr '\0' x; printf '\n{"n":2}\n'; } | bare outbox-add --tenant "$tenant" --type Large
  ) >"$out" 2>"$err" || code=$?
  equal "$code" 1
  refused 1 OUTBOX_MAX_PAYLOAD_BYTES
  equal "$(stored)" '{"n":2}'
}

@test "a reader that goes away after the first line ends it: exit 1, and no more is read" {
  local codes
  keep outbox-add
  payloads 50000 | { bare outbox-add --tenant "$tenant" --type Demo 2>"$err" || echo "$?" >"$dir/code"; } | head -n 1 >"$out"
  codes=$(cat "$dir/code")
  equal "$codes" 1
  has "$(cat "$err")" "standard output could not be written"
  [ "$(count)" -lt 50000 ]
  equal "$(lines_of enqueued | wc -l)" 1
}

@test "tenant and type must be given, and the tenant be a UUID" {
  payload 1 | expect 64 outbox-add --exit-codes sysexits --type Demo
  one_error
  payload 1 | expect 64 outbox-add --exit-codes sysexits --tenant "$tenant"
  one_error
  payload 1 | expect 64 outbox-add --exit-codes sysexits --tenant "$canary" --type Demo
  one_error
  equal "$(count)" 0
}
