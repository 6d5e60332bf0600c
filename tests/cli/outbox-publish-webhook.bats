#!/usr/bin/env bats
# outbox-publish with the webhook transport: what a request looks like, and what becomes of an answer.
# Each promise is tried over HTTP/2 and HTTP/1.1.

# shellcheck disable=SC2030,SC2031,SC2317 # a test is a subshell, and means to be one; wait_until calls by name
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

# over PROTOCOL [OPTION…]: starts the receiver "rx" and delivers to it.
over() {
  local options=()
  [ "$1" = h2 ] || options=(--http1-only)
  receiver rx "${options[@]}" "${@:2}"
  deliver_to rx
}

# Settings that make a test independent of the defaults.
steps() { settings+=(PUBLISH_RETRY_MAX=2 PUBLISH_BACKOFF_STEPS=100 PUBLISH_BREAKER_PROBE_MS=100000); }

# ---- the request

request() {
  over "$1" --record-body --secret "$secret"
  settings+=("WEBHOOK_SECRET=$secret" "WEBHOOK_HEADERS_ALLOWLIST=X-Api-Key=$canary, X-Empty= ,X-Equals=a=b" WEBHOOK_CE_SOURCE=/orders/eu)
  printf '{"idempotency_key":"k","schema_version":"2.0","trace_id":"trace-1","event_type":"OrderPlaced","payload":{"b":1, "a" : 1.0,"a":2,  "u":"\\u00e9é\\/","what":"%s"}}\n' "$canary" >"$dir/lines"
  expect 0 outbox-add --envelope --tenant "$tenant" <"$dir/lines"
  local created
  created=$(sql "SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM zero_admin.event_outbox")
  expect 0 outbox-publish
  assert_lines outbox-publish/delivered
  equal "$(requests rx)" 1
  equal "$(received rx | jq -r .proto)" "$1"
  equal "$(received rx | jq -r .path)" "/hook?token=$canary"
  equal "$(received rx | jq -r .signature)" valid
  equal "$(received rx | jq -r '.headers["ce-time"]')" "$created"
  equal "$(received rx | jq -r '.headers["webhook-id"], .headers["ce-id"]' | sort -u)" "$(sql 'SELECT id FROM zero_admin.outbox_done')"
  # Names and values in full, but for what HTTP/2 and HTTP/1.1 add by themselves.
  received rx | jq -c --arg canary "$canary" '.headers | with_entries(select(.key | test("^:|^host$|^content-length$|^connection$") | not))
    | walk(if . == $canary then "(the canary)" else . end)' | jq -c -S . | matches outbox-publish/request
  equal "$(received rx | jq -r .body)" "$(sed 's/.*"payload":\(.*\)}$/\1/' "$dir/lines")"
  equal "$(received rx | jq -r .body_sha256)" "$(sql 'SELECT payload_json FROM zero_admin.event_outbox' | head -c -1 | sha256sum | cut -d' ' -f1)"
}
@test "h2: all headers of an event, the body to the byte" { request h2; }
@test "h1: all headers of an event, the body to the byte" { request h1; }

@test "without secret, trace id and extra headers these are left out" {
  over h2
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(received rx | jq -c '.headers | keys | map(select(test("signature|trace|x-"; "i")))')" '[]'
}

@test "type, version and trace id with other than plain characters are percent-encoded" {
  over h1
  printf '%s\n' '{"event_type":"Größe 100% \"x\"","trace_id":"a b","schema_version":"ü","payload":1}' >"$dir/lines"
  expect 0 outbox-add --envelope --tenant "$tenant" <"$dir/lines"
  expect 0 outbox-publish
  equal "$(received rx | jq -r '.headers | .["ce-type"], .["x-trace-id"], .["ce-schemaversion"]' | paste -sd' ')" 'Gr%C3%B6%C3%9Fe%20100%25%20%22x%22 a%20b %C3%BC'
}

# The signature by the standard, made with openssl.
signature_by() { # SECRET
  local key
  key=$(printf '%s' "${1#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  received rx | jq -j '.headers["webhook-id"] + "." + .headers["webhook-timestamp"] + "." + .body' |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64 | sed 's/^/v1,/'
}

@test "one secret: one signature by Standard Webhooks" {
  over h2 --record-body
  settings+=("WEBHOOK_SECRET=$secret")
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(received rx | jq -r '.headers["webhook-signature"]')" "$(signature_by "$secret")"
  equal "$(($(date +%s) - $(received rx | jq -r '.headers["webhook-timestamp"]') < 300))" 1
}

@test "two secrets: both signatures, so that a receiver may know either" {
  over h2 --record-body --secret "$previous_secret"
  settings+=("WEBHOOK_SECRET=$secret" "WEBHOOK_SECRET_PREVIOUS=$previous_secret")
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(received rx | jq -r '.headers["webhook-signature"]')" "$(signature_by "$secret") $(signature_by "$previous_secret")"
  equal "$(received rx | jq -r .signature)" valid
}

@test "secrets come from credentials, too" {
  over h2 --record-body --secret "$secret"
  mkdir "$dir/credentials"
  echo "$secret" >"$dir/credentials/webhook_secret"
  settings+=("WEBHOOK_SECRET=$previous_secret" "CREDENTIALS_DIRECTORY=$dir/credentials")
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(received rx | jq -r .signature)" valid
}

@test "a bad secret is a config error that does not print it" {
  local bad
  for bad in "$canary" "whsec_$canary" "whsec_$canary!" "whsec_"; do
    settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=webhook WEBHOOK_URL=https://localhost:1/ "WEBHOOK_SECRET=$bad")
    expect 78 outbox-publish --exit-codes sysexits
    one_error "whsec_ and the base64 of 24 to 64 bytes"
  done
  settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=webhook WEBHOOK_URL=https://localhost:1/ "WEBHOOK_SECRET_PREVIOUS=$secret")
  expect 78 outbox-publish --exit-codes sysexits
  has "$(said error)" WEBHOOK_SECRET_PREVIOUS
}

@test "the id is the same on every attempt, the timestamp and the signature are made anew" {
  respond rx '{"rules":[{"sequence":[{"status":400},{"status":204}]}]}'
  over h2 --secret "$secret"
  settings+=("WEBHOOK_SECRET=$secret" PUBLISH_BACKOFF_STEPS=1)
  enqueue 1 Demo
  expect 0 outbox-publish
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() - interval '1 second'"
  sleep 1.1 # timestamps are whole seconds
  expect 0 outbox-publish
  equal "$(received rx | jq -r '.headers["webhook-id"]' | uniq -c | sed 's/^ *//;s/ .*//')" 2
  equal "$(received rx | jq -r '.headers["webhook-timestamp"]' | sort -u | wc -l)" 2
  equal "$(received rx | jq -r .signature | sort -u)" valid
  equal "$(lines_of published | jq .attempt)" 2
}

@test "HTTP/2 uses one connection for many events" {
  over h2
  enqueue 200 Demo
  expect 0 outbox-publish
  equal "$(received rx | jq .conn | sort -u | wc -l)" 1
  equal "$(requests rx)" 200
}

resumes() {
  respond rx '{"default":{"status":204,"delay_ms":100}}'
  over h1
  settings+=(PUBLISH_CONCURRENCY=8)
  enqueue 40 Demo
  expect 0 outbox-publish
  equal "$(received rx | jq -s 'any(.conn == 1 and .resumed)')" false
  equal "$(received rx | jq -s 'any(.resumed)')" true
}
@test "connections after the first resume its TLS session" { resumes; }
@test "connections after the first resume its TLS session, in TLS 1.2 by a ticket" { NODE_OPTIONS=--tls-max-v1.2 resumes; }

@test "HTTP/1.1 keeps its connections: no more than PUBLISH_CONCURRENCY" {
  over h1
  settings+=(PUBLISH_CONCURRENCY=4)
  enqueue 200 Demo
  expect 0 outbox-publish
  [ "$(received rx | jq .conn | sort -u | wc -l)" -le 4 ]
  equal "$(requests rx)" 200
}

# ---- answers that speak about the event

event_answers() {
  respond rx '{"rules":[
    {"match":{"type":"S200"},"sequence":[{"status":200,"body":"ok"}]}, {"match":{"type":"S202"},"sequence":[{"status":202}]}, {"match":{"type":"S299"},"sequence":[{"status":299}]},
    {"match":{"type":"P410"},"sequence":[{"status":410}]}, {"match":{"type":"P413"},"sequence":[{"status":413}]},
    {"match":{"type":"P415"},"sequence":[{"status":415}]}, {"match":{"type":"P422"},"sequence":[{"status":422}]},
    {"match":{"type":"R400"},"sequence":[{"status":400}]}, {"match":{"type":"R409"},"sequence":[{"status":409}]},
    {"match":{"type":"R405"},"sequence":[{"status":405}]}, {"match":{"type":"R499"},"sequence":[{"status":499}]}]}'
  over "$1"
  steps
  settings+=(PUBLISH_CONCURRENCY=1 PUBLISH_BATCH_SIZE=1)
  local type
  for type in S200 S202 S299 P410 P413 P415 P422 R400 R405 R409 R499; do enqueue 1 "$type"; done
  expect 0 outbox-publish
  assert_lines outbox-publish/answers
  equal "$(sql "SELECT string_agg(event_type || ' ' || status || ' ' || attempt_count, ',' ORDER BY event_type) FROM zero_admin.event_outbox")" \
    "P410 dlq 1,P413 dlq 1,P415 dlq 1,P422 dlq 1,R400 pending 1,R405 pending 1,R409 pending 1,R499 pending 1,S200 sent 1,S202 sent 1,S299 sent 1"
  equal "$(sql "SELECT string_agg(reason || ' ' || (payload_json ->> 'what'), ',' ORDER BY reason) FROM zero_admin.dead_letters")" \
    "http_410 $canary,http_413 $canary,http_415 $canary,http_422 $canary"
  equal "$(sql "SELECT coalesce(max(state), 'closed') FROM zero_admin.delivery_breakers")" closed
  # By ±20 % around the step.
  equal "$(sql "SELECT bool_and(due_at - updated_at BETWEEN interval '80 s' AND interval '120 s') FROM zero_admin.outbox_queue")" t
}
@test "h2: success codes are sent, permanent codes are dead at once, other 4xx are charged and retried" { event_answers h2; }
@test "h1: success codes are sent, permanent codes are dead at once, other 4xx are charged and retried" { event_answers h1; }

@test "400 uses up the retries, then the event is a dead letter" {
  respond rx '{"default":{"status":400}}'
  over h2
  steps
  enqueue 1 Demo
  local attempt
  for attempt in 1 2 3; do
    sql "UPDATE zero_admin.outbox_queue SET due_at = now()"
    expect 0 outbox-publish
    equal "$(lines_of publish_failed | jq -c '[.attempt, .charged]')" "[$attempt,true]"
  done
  equal "$(lines_of publish_failed | jq -c '[.status, .next_attempt_at]')" '["dead",null]'
  equal "$(states)" "dlq:1"
  equal "$(sql 'SELECT reason, attempt_count, generation FROM zero_admin.dead_letters')" "http_400|3|0"
  equal "$(sql "SELECT attempts_total, failures_total, dead_total, done_total FROM zero_admin.runner_heartbeats")" "3|3|1|0"
  expect 0 outbox-publish
  equal "$(requests rx)" 3
}

@test "WEBHOOK_SUCCESS_CODES and WEBHOOK_PERMANENT_CODES move the lines of the table" {
  respond rx '{"rules":[{"match":{"type":"A"},"sequence":[{"status":202}]},{"match":{"type":"B"},"sequence":[{"status":409}]},{"match":{"type":"C"},"sequence":[{"status":404}]}],"default":{"status":200}}'
  over h2
  settings+=("WEBHOOK_SUCCESS_CODES=200,409" "WEBHOOK_PERMANENT_CODES=404,500-599")
  enqueue 1 B
  enqueue 1 C
  enqueue 1 D
  expect 0 outbox-publish
  equal "$(sql "SELECT string_agg(event_type || ' ' || status, ',' ORDER BY event_type) FROM zero_admin.event_outbox")" "B sent,C dlq,D sent"
  settings+=("WEBHOOK_PERMANENT_CODES=404,409")
  expect 78 outbox-publish --exit-codes sysexits
  has "$(said error)" WEBHOOK_PERMANENT_CODES
}

# ---- answers that speak about the endpoint

# given_back PATH REASON: one event that is due is tried once at that path, and is as it was: uncharged, due, no dead letter; the breaker is open.
given_back() {
  deliver_to rx "$1"
  steps
  settings+=(WEBHOOK_TIMEOUT_MS="${timeout_ms:-3000}")
  local before
  before=$(sql "SELECT due_at FROM zero_admin.outbox_queue")
  expect 0 outbox-publish
  equal "$(lines_of publish_failed | jq -c '[.status, .reason, .charged]')" "[\"retry\",\"$2\",false]"
  equal "$(lines_of breaker | jq -c '[.state, .reason]')" "[\"open\",\"$2\"]"
  equal "$(summary released) $(summary retried) $(summary dead) $(summary exit)" "1 0 0 0"
  equal "$(sql "SELECT attempt_count, due_at, lease_token IS NULL FROM zero_admin.outbox_queue")" "0|$before|t"
  equal "$(said warning | wc -l)" 1
}

endpoint_statuses() {
  local rules='' code
  for code in 401 403 404 408 425 429 500 502 503 504 300 301 302 304 307 308; do
    rules="$rules${rules:+,}{\"match\":{\"path\":\"/$code\"},\"sequence\":[{\"status\":$code}]}"
  done
  respond rx "{\"rules\":[$rules]}"
  over "$1"
  enqueue 1 Demo
  for code in 401 403 404 408 425 429 500 502 503 504 300 301 302 304 307 308; do
    given_back "/$code" "http_$code"
  done
  equal "$(sql "SELECT count(*) FROM zero_admin.delivery_breakers WHERE state = 'open'")" 16
  equal "$(sql "SELECT attempts_total, failures_total, dead_total FROM zero_admin.runner_heartbeats")" "0|0|0"
}
@test "h2: 401, 403, 404, 408, 425, 429, 5xx and 3xx are given back uncharged, and open the breaker" { endpoint_statuses h2; }
@test "h1: 401, 403, 404, 408, 425, 429, 5xx and 3xx are given back uncharged, and open the breaker" { endpoint_statuses h1; }

endpoint_accidents() {
  respond rx '{"rules":[{"match":{"path":"/reset"},"sequence":[{"reset":true}]},{"match":{"path":"/closed"},"sequence":[{"close_before_headers":true}]},
    {"match":{"path":"/cut"},"sequence":[{"close_mid_headers":true}]},{"match":{"path":"/hang"},"sequence":[{"hang":true}]},
    {"match":{"path":"/slow"},"sequence":[{"status":204,"delay_ms":60000}]}]}'
  over "$1"
  enqueue 1 Demo
  given_back /reset reset
  given_back /closed reset
  given_back /cut reset
  timeout_ms=200
  given_back /hang timeout
  given_back /slow timeout
}
@test "h2: reset, closed without an answer, cut in the headers, never answered: given back uncharged, and the breaker opens" { endpoint_accidents h2; }
@test "h1: reset, closed without an answer, cut in the headers, never answered: given back uncharged, and the breaker opens" { endpoint_accidents h1; }

@test "nobody listens: given back uncharged, and the breaker opens" {
  over h2
  enqueue 1 Demo
  kill "${pids[0]}"
  wait_until 100 gone "${pids[0]}"
  echo 1 >"$dir/rx/port"
  given_back /hook connect_refused
}

@test "a name that does not resolve: given back uncharged, and the breaker opens" {
  over h2
  enqueue 1 Demo
  settings+=("WEBHOOK_URL=https://$unknown_host/hook?token=$canary" WEBHOOK_TIMEOUT_MS=20000)
  expect 0 outbox-publish
  equal "$(lines_of publish_failed | jq -c '[.reason, .charged]')" '["dns",false]'
  equal "$(sql "SELECT attempt_count FROM zero_admin.outbox_queue")" 0
}

@test "a failure of the endpoint is charged when it accepted another event since this one's attempt" {
  respond rx '{"rules":[{"match":{"type":"Bad"},"sequence":[{"status":500,"delay_ms":500}]}]}'
  over h2
  steps
  enqueue 1 Bad
  enqueue 3 Good
  # Bad is sent first and answered last.
  expect 0 outbox-publish
  equal "$(sql "SELECT string_agg(event_type || ' ' || status || ' ' || attempt_count, ',' ORDER BY event_type) FROM zero_admin.event_outbox")" \
    "Bad pending 1,Good sent 1,Good sent 1,Good sent 1"
  equal "$(lines_of publish_failed | jq -c '[.status, .reason, .charged]')" '["retry","http_500",true]'
}

@test "while the breaker is open and no probe is due, nothing goes out" {
  respond rx '{"default":{"status":503}}'
  over h2
  enqueue 3 Demo
  given_back_all() {
    steps
    expect 0 outbox-publish
    equal "$(states)" "pending:3"
  }
  given_back_all
  equal "$(requests rx)" 3
  given_back_all
  given_back_all
  equal "$(requests rx)" 3
  equal "$(summary exit) $(summary claimed)" "0 0"
}

@test "one success closes the breaker, and the rest goes out in the same tick" {
  respond rx '{"rules":[{"sequence":[{"status":503},{"status":503},{"status":503}],"repeat_last":false}]}'
  over h2
  settings+=(PUBLISH_BREAKER_PROBE_MS=10)
  enqueue 3 Demo
  expect 0 outbox-publish
  equal "$(lines_of breaker | jq -r .state | head -n 1)" open
  all_sent() {
    expect 0 outbox-publish
    [ "$(states)" = "sent:3" ]
  }
  wait_until 100 all_sent
  equal "$(sql "SELECT state FROM zero_admin.delivery_breakers")" closed
  equal "$(sql "SELECT max(attempt_count) FROM zero_admin.outbox_done")" 1
}

@test "another URL is another endpoint: an open breaker does not hold it up" {
  respond rx '{"rules":[{"match":{"path":"/down"},"sequence":[{"status":503}]}]}'
  over h2
  enqueue 1 Demo
  given_back /down http_503
  deliver_to rx /up
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
}

# ---- sent again

@test "h2: GOAWAY and a refused stream are sent again, uncharged" {
  respond rx '{"rules":[{"match":{"type":"Goaway"},"sequence":[{"goaway":true},{"status":204}]},{"match":{"type":"Refused"},"sequence":[{"refuse_stream":true},{"status":204}]}]}'
  over h2
  steps
  enqueue 1 Goaway
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
  equal "$(lines_of published | jq -c '[.attempt, .http_status]')" '[1,204]'
  equal "$(lines_of publish_failed)" ""
  enqueue 1 Refused
  expect 0 outbox-publish
  equal "$(states)" "sent:2"
  equal "$(sql "SELECT max(attempt_count) FROM zero_admin.outbox_done")" 1
}

@test "h2: GOAWAY in the middle of many loses none and charges none" {
  respond rx '{"rules":[{"match":{"body_contains":"\"n\":50,"},"sequence":[{"goaway":true},{"status":204}]}]}'
  over h2
  steps
  settings+=(PUBLISH_BREAKER_PROBE_MS=10)
  enqueue 200 Demo
  all_sent() {
    expect 0 outbox-publish
    [ "$(states)" = "sent:200" ]
  }
  wait_until 50 all_sent
  equal "$(sql "SELECT max(attempt_count) FROM zero_admin.outbox_done")" 1
}

@test "h1: a kept connection that closes just as it is used again costs nothing" {
  respond rx '{"rules":[{"match":{"type":"Second"},"sequence":[{"close_before_headers":true},{"status":204}]}]}'
  over h1
  steps
  settings+=(PUBLISH_CONCURRENCY=1 PUBLISH_BATCH_SIZE=1)
  enqueue 1 First
  enqueue 1 Second
  expect 0 outbox-publish
  equal "$(states)" "sent:2"
  equal "$(sql "SELECT max(attempt_count) FROM zero_admin.outbox_done")" 1
}

# ---- Retry-After

# waits HEADER: seconds until the next attempt of an event that is answered with it.
waits() {
  respond rx "{\"default\":{\"status\":409,\"headers\":{\"retry-after\":\"$1\"}}}"
  sql "DELETE FROM zero_admin.outbox_queue"
  enqueue 1 Demo
  expect 0 outbox-publish
  sql "SELECT round(extract(epoch FROM due_at - updated_at)) FROM zero_admin.outbox_queue"
}

@test "Retry-After is honoured between one and two steps" {
  over h2
  steps
  equal "$(waits 150)" 150
  equal "$(waits 1)" 100
  equal "$(waits 100000)" 200
  local at
  at=$(waits "$(LC_ALL=C date -u -d '+150 seconds' '+%a, %d %b %Y %H:%M:%S GMT')")
  [ "$at" -ge 100 ] && [ "$at" -le 150 ]
  for at in -5 soon 'Sat, 01 Jan 2000 00:00:00 GMT' '1.5'; do
    at=$(waits "$at")
    [ "$at" -ge 80 ] && [ "$at" -le 120 ]
  done
}

@test "Retry-After of a failing endpoint moves its first probe, between one and two waits" {
  local asked
  for asked in 1:100 150:150 100000:200; do
    respond rx "{\"default\":{\"status\":503,\"headers\":{\"retry-after\":\"${asked%:*}\"}}}"
    [ -e "$dir/rx/port" ] || over h2
    steps
    sql "DELETE FROM zero_admin.outbox_queue; DELETE FROM zero_admin.delivery_breakers"
    enqueue 1 Demo
    expect 0 outbox-publish
    equal "$(sql "SELECT round(extract(epoch FROM probe_at - changed_at)) FROM zero_admin.delivery_breakers")" "${asked#*:}"
  done
}

# ---- bodies of answers

@test "a redirect is not followed: where it points gets nothing" {
  receiver other
  respond rx "{\"default\":{\"redirect\":\"https://localhost:$(port_of other)/stolen\"}}"
  over h2
  enqueue 1 Demo
  given_back /hook http_302
  equal "$(requests other)" 0
}

# Who read such a body to its end would not come back in time.
@test "the body of an answer is not read beyond a few KiB" {
  respond rx '{"rules":[{"match":{"type":"Large"},"sequence":[{"status":200,"huge":10000000}]},{"match":{"type":"Endless"},"sequence":[{"status":200,"huge":1000000000000000}]},
    {"match":{"type":"Bad"},"sequence":[{"status":422,"huge":1000000000000000}]},{"match":{"type":"Lie"},"sequence":[{"lie_content_length":true}]}]}'
  local protocol type
  for protocol in h2 h1; do
    over "$protocol"
    settings+=(WEBHOOK_TIMEOUT_MS=60000)
    for type in Large Endless Lie Bad Small; do enqueue 1 "$type"; done
    start one outbox-publish
    ends "$pid" 0
    equal "$(sql "SELECT string_agg(event_type || ' ' || status || ' ' || attempt_count, ',' ORDER BY event_type) FROM zero_admin.event_outbox")" \
      "Bad dlq 1,Endless sent 1,Large sent 1,Lie sent 1,Small sent 1"
    kill "${pids[0]}"
    wait_until 100 test ! -e "$dir/rx/port"
    sql "TRUNCATE zero_admin.outbox_done, zero_admin.outbox_events, zero_admin.dead_letters"
    pids=()
  done
}

@test "headers that drip in past the timeout are a timeout, a body that drips is nobody's business" {
  respond rx '{"default":{"status":200,"drip":{"bytes":100000,"interval_ms":20}}}'
  over h2
  settings+=(WEBHOOK_TIMEOUT_MS=300)
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
}

@test "what a receiver says in headers and bodies is in no line" {
  respond rx "{\"default\":{\"status\":400,\"body\":\"$canary\",\"headers\":{\"x-told\":\"$canary\"}}}"
  over h1
  enqueue 1 Demo
  expect 0 outbox-publish
  has_not "$output$stderr" "$canary"
}
