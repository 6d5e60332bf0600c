#!/usr/bin/env bats
# A secret is exchanged while work goes on: by one host after the other, with the old and the new one valid meanwhile.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
bats_require_minimum_version 1.5.0
load helpers

old_secret=whsec_$(printf 'the-old-secret-of-32-bytes-or-so' | base64)
new_secret=whsec_$(printf 'the-new-secret-of-32-bytes-or-so' | base64)

setup_file() { setup_cluster; }
teardown_file() { cluster_destroy "$BATS_FILE_TMPDIR/cluster"; }
setup() { setup_world; }
teardown() { teardown_world; }

# While $dir/enough is not there.
keep() {
  while [ ! -e "$dir/enough" ]; do
    "$@"
    sleep 0.02
  done
}

# in_background COMMAND…: its process is `worker`.
in_background() {
  keep "$@" 3>&- &
  worker=$!
  pids+=("$worker")
}

knows() { respond "{\"secrets\":[\"$1\"]}"; }
# Waits until the command's number has grown by so many.
another() { # COUNT COMMAND
  local before
  before=$("$2")
  wait_until 600 at_least "$((before + $1))" "$2"
}
signed_by() { jq -r '.headers["webhook-signature"] | split(" ") | length' "$dir/rx/received.jsonl" | grep -c "$1" || true; }
signed_by_one() { signed_by 1; }
signed_by_both() { signed_by 2; }

# Each publisher is stopped, and started with what it has to sign with now, while the other one works.
restart_each() { # SECRET [PREVIOUS]
  local name
  export WEBHOOK_SECRET=$1 WEBHOOK_SECRET_PREVIOUS=${2:-}
  for name in a b; do
    if [ -n "${running[$name]:-}" ]; then
      kill -TERM "${running[$name]}"
      ends_in_time "${running[$name]}"
    fi
    INSTANCE=$name service "$name"
    running[$name]=$pid
    another 20 delivered
  done
}

@test "the webhook secret, under load: no delivery is refused by a receiver that knows the old one, then the new one" {
  declare -A running=()
  receiver "{\"secrets\":[\"$old_secret\"]}"
  in_background enqueue 10 Demo
  restart_each "$old_secret"
  equal "$(signed_by_both)" 0
  restart_each "$new_secret" "$old_secret"
  another 20 signed_by_both
  knows "$new_secret"
  another 20 delivered
  restart_each "$new_secret"
  another 20 signed_by_one
  touch "$dir/enough"
  wait "$worker"
  wait_until 600 is 0 left
  equal "$(jq -r .signature "$dir/rx/received.jsonl" | sort -u)" valid
  equal "$(jq -r .status "$dir/rx/received.jsonl" | sort -u)" 204
  equal "$(states)" "sent:$(sql 'SELECT count(*) FROM zero_admin.outbox_events')"
}

@test "a receiver that does not know the secret refuses what it gets, and nothing is lost" {
  receiver "{\"secrets\":[\"$old_secret\"]}"
  export WEBHOOK_SECRET=$new_secret
  enqueue 3 Demo
  service a
  wait_until 100 at_least 3 requests
  equal "$(jq -r '"\(.signature) \(.status)"' "$dir/rx/received.jsonl" | sort -u)" "invalid 401"
  equal "$(sql 'SELECT count(*) FROM zero_admin.outbox_events')" 3
  equal "$(($(left) + $(dead)))" 3
}

# An operator and a watcher with the token that is handed out just then: every answer that they get is in $dir/answers.
replay() {
  local code=0
  OPS_TOKEN_FILE=$dir/ops_token "$bin/tools/dlq-replay/dlq-replay" replay --all-tenants --limit 1 --commit --expect 1 --cause 'tokens rotate' \
    >"$dir/replay.out" 2>>"$dir/replay.err" || code=$?
  echo "replay $code" >>"$dir/answers"
}
ask() {
  local code
  # While one server takes the place of the other there may be none at an address that was read before: that is no answer.
  code=$(curl -s -o "$dir/metrics" -w '%{http_code}' -H "Authorization: Bearer $(<"$dir/ops_token")" "http://$(<"$dir/address")/metrics") || return 0
  echo "ask $code" >>"$dir/answers"
}
both() { replay && ask; }
answers() { wc -l 2>/dev/null <"$dir/answers" || echo 0; }

# A new server, then the end of the one before it.
serve() {
  local before=${server:-}
  "$bin/tools/ops-serve/ops-serve" >"$dir/serve.out" 2>"$dir/serve.err" 3>&- &
  server=$!
  pids+=("$server")
  wait_until 100 grep -q '"listening"' "$dir/serve.out"
  put address "$(jq -r 'select(.type == "listening") | .address' "$dir/serve.out")"
  [ -z "$before" ] || {
    kill -TERM "$before"
    ends_in_time "$before"
  }
}

@test "the admin token, under load: whoever has the old one or the new one is served" {
  export ADMIN_TOKENS_FILE=$dir/admin_tokens AUDIT_HMAC_KEY=key-of-the-audit-that-has-32-bytes OPS_LISTEN=127.0.0.1:0
  receiver '{"default":{"status":422}}'
  enqueue 1000 Demo
  "$publish" >"$dir/drain.out" 2>"$dir/drain.err"
  equal "$(dead)" 1000
  put ops_token token-of-last-quarter
  put admin_tokens token-of-last-quarter
  serve
  in_background both
  another 6 answers
  put admin_tokens token-of-this-quarter,token-of-last-quarter
  serve
  another 6 answers
  put ops_token token-of-this-quarter
  another 6 answers
  put admin_tokens token-of-this-quarter
  serve
  another 6 answers
  touch "$dir/enough"
  wait "$worker"
  equal "$(sort -u "$dir/answers" | paste -sd ,)" "ask 200,replay 0"
  equal "$(sql "SELECT count(*) FROM zero_admin.dead_letters WHERE resolution = 'replayed'")" "$(grep -c replay "$dir/answers")"
  put ops_token token-of-last-quarter
  both
  equal "$(tail -n 2 "$dir/answers" | paste -sd ,)" "replay 1,ask 401"
}
