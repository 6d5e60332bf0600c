#!/usr/bin/env bats
# heartbeat-watch: real publishers that are idle, dead or stuck; on this host and on two.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  mkdir "$dir/state"
  file=$dir/run/publisher.last
  watching
}

watching() { settings=("STATE_DIR=$dir/state" "RUN_DIR=$dir/run" "DATABASE_URL=$database_url"); }

# watch CODE ARG…: of the publisher alone.
watch() { expect "$1" heartbeat-watch --target "publisher=$file" "${@:2}"; }

told() { lines_of heartbeat | jq -r '"\(.target) \(.state) \(.phase) \(.reason)"' | sed 's/ $//'; }

# publisher NAME [SETTING…]: as a service; returns when it beats.
publisher() {
  local name=$1
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout PUBLISH_POLL_INTERVAL_MS=50 "${@:2}")
  start "$name" outbox-publish --service
  watching
  wait_until 300 test -s "$file"
}

# The heartbeat file as it would be so many seconds from now.
age_file() {
  jq -c --argjson s "$1" '.boottime_ns -= $s * 1000000000' "$file" >"$file.new"
  mv "$file.new" "$file"
}

# A heartbeat of this boot: backlog and age of the last success in seconds (or null).
beat() {
  jq -cn --argjson backlog "$1" --argjson success "$2" --arg boot "$(cat /proc/sys/kernel/random/boot_id)" --argjson up "$(awk '{ printf "%.0f", $1 * 1e9 }' /proc/uptime)" '
    {v: 1, name: "publisher", state: "running", loop_ts: (now | todate), last_success_ts: (if $success == null then null else (now - $success | todate) end),
     started_ts: (now | todate), loops: 1, done: 0, backlog: $backlog, pid: 1, boot_id: $boot, boottime_ns: $up}' >"$file"
}

lag_of() { bare alert-check 2>/dev/null | jq -r 'select(.rule == "publisher_lag_ms") | .state'; }

# ---- real publishers

@test "a quiet night with an idle publisher raises neither heartbeat nor lag" {
  publisher idle
  looped_twice() { [ "$(jq .loops "$file")" -ge 2 ]; }
  wait_until 300 looped_twice
  watch 0
  equal "$(told)" "publisher ok ok"
  equal "$(lines_of heartbeat | jq .backlog)" 0
  equal "$(lag_of)" ok
}

@test "a dead publisher with work due raises both" {
  publisher doomed
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  enqueue 1 Demo
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() - interval '301 seconds'"
  watch 0
  age_file 601
  watch 1
  equal "$(told)" "publisher critical firing loop_stale"
  equal "$(lag_of)" warning
}

@test "a publisher that loops but cannot deliver is stuck" {
  enqueue 2 Demo
  publisher stuck PUBLISH_TRANSPORT=webhook PUBLISH_BREAKER_PROBE_MS=50 WEBHOOK_ALLOW_PRIVATE=true "WEBHOOK_URL=https://127.0.0.1:1/hook?token=$canary"
  stuck() {
    bare heartbeat-watch --target "publisher=$file" --max-age 2s >"$dir/watched" 2>&1 || true
    jq -es '.[0] | .state == "critical" and .reason == "stuck" and .backlog >= 1' "$dir/watched"
  }
  wait_until 300 stuck
  kill -0 "$pid"
}

@test "one that was stopped is told as stopped once it is stale, and a timer's ticks keep it fresh" {
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout)
  expect 0 outbox-publish
  watching
  watch 0
  age_file 601
  watch 1
  equal "$(told)" "publisher critical firing stopped"
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout)
  expect 0 outbox-publish
  watching
  watch 0
}

# ---- the fleet

@test "two hosts: one dies with work due, one is stuck, each is told by its name, and the lag rises" {
  local namespace=(unshare)
  [ "$(id -u)" -eq 0 ] || namespace=(unshare --user --map-current-user --keep-caps)
  "${namespace[@]}" --uts true 2>/dev/null || skip "needs root, or a kernel that lets users make namespaces"
  publisher here
  local first=$pid
  rm "$file"
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=stdout PUBLISH_POLL_INTERVAL_MS=50)
  # The second one finds itself on another host.
  local command
  compose outbox-publish --service
  keep outbox-publish
  "${namespace[@]}" --uts sh -c 'hostname elsewhere && exec "$@"' sh "${command[@]}" >"$out" 2>"$err" 3>&- &
  local second=$!
  pids+=("$second")
  watching
  both() { [ "$(sql "SELECT count(DISTINCT host) FROM zero_admin.runner_heartbeats WHERE state = 'running'")" = 2 ]; }
  wait_until 300 both
  expect 0 heartbeat-watch --fleet
  equal "$(told)" "fleet ok ok
publisher@elsewhere ok ok
publisher@$(hostname) ok ok"
  kill -KILL "$first" "$second"
  wait "$first" "$second" 2>/dev/null || true
  enqueue 1 Demo
  sql "UPDATE zero_admin.outbox_queue SET due_at = now() - interval '301 seconds'"
  sql "UPDATE zero_admin.runner_heartbeats SET loop_at = now() - interval '11 minutes' WHERE host = 'elsewhere'"
  sql "UPDATE zero_admin.runner_heartbeats SET backlog = 1, last_success_at = now() - interval '11 minutes' WHERE host <> 'elsewhere'"
  expect 1 heartbeat-watch --fleet
  equal "$(told)" "fleet ok ok
publisher@elsewhere critical firing loop_stale
publisher@$(hostname) critical firing stuck"
  equal "$(lag_of)" warning
}

row() { # HOST AGE STATE [BACKLOG [SUCCESS_AGE]]
  sql "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state, loop_at, backlog, last_success_at)
       VALUES (gen_random_uuid(), 'publisher', '$1', 1, '$3', now() - interval '$2', ${4:-0}, now() - interval '${5:-0}')"
}

@test "of one that was killed and started again the newest row counts" {
  row a '1 hour' running
  row a '1 second' running
  expect 0 heartbeat-watch --fleet
  equal "$(told | tail -n 1)" "publisher@a ok ok"
}

@test "a host that is silent is an alarm, one that was taken away long ago is forgotten, and its alarm resolved" {
  row a '1 second' running
  row b '6 days' stopped
  expect 1 heartbeat-watch --fleet --notify changes
  equal "$(told)" "publisher@b critical firing stopped"
  sql "UPDATE zero_admin.runner_heartbeats SET loop_at = now() - interval '8 days' WHERE host = 'b'"
  expect 0 heartbeat-watch --fleet --notify changes
  equal "$(told)" "publisher@b ok resolved target_removed"
  expect 0 heartbeat-watch --fleet --notify changes
  equal "$output" ''
}

@test "an empty fleet and a database that does not answer are unknown, and no alarm ends by that" {
  expect 3 heartbeat-watch --fleet --exit-codes plugin
  equal "$(told)" "fleet unknown unknown no_rows"
  row a '1 second' running
  row b '1 hour' running
  expect 1 heartbeat-watch --fleet --notify changes
  settings=("STATE_DIR=$dir/state" "DATABASE_URL=postgresql://postgres@/app?host=/nonexistent")
  expect 1 heartbeat-watch --fleet
  equal "$(told)" "fleet unknown unknown database
publisher@a unknown unknown database
publisher@b unknown unknown database"
  watching
  expect 1 heartbeat-watch --fleet --notify changes
  has_not "$output" resolved
}

# ---- files

@test "a file that is missing is an alarm, and one that cannot be looked at is unknown, never ok" {
  watch 1
  equal "$(told)" "publisher critical firing missing"
  reason_of() { watch 3 --exit-codes plugin; lines_of heartbeat | jq -r '"\(.state) \(.reason)"'; }
  beat 0 0
  mv "$file" "$dir/real"
  ln -s "$dir/real" "$file"
  equal "$(reason_of)" "unknown not_regular"
  rm "$file"
  mkfifo "$file"
  equal "$(reason_of)" "unknown not_regular"
  rm "$file"
  mkdir "$file"
  equal "$(reason_of)" "unknown not_regular"
  rmdir "$file"
  { cat "$dir/real"; head -c 4096 /dev/zero; } >"$file"
  equal "$(reason_of)" "unknown too_large"
  : >"$file"
  equal "$(reason_of)" "unknown invalid"
  head -c 40 "$dir/real" >"$file"
  equal "$(reason_of)" "unknown invalid"
  file=$dir/real/below
  equal "$(reason_of)" "unknown unreadable"
  file=$dir/real
  watch 0
}

@test "a file that this user may not read is unknown" {
  [ "$EUID" -eq 0 ] || skip "only root can become another user"
  beat 0 0
  chmod 600 "$file"
  chmod 711 "$BATS_TEST_TMPDIR" "$dir/run"
  chmod 777 "$dir/state"
  local command code=0
  compose heartbeat-watch --target "publisher=$file"
  keep heartbeat-watch
  setpriv --reuid=65534 --regid=65534 --clear-groups "${command[@]}" >"$out" 2>"$err" || code=$?
  # Where the folders above let nobody through, it is the same.
  equal "$code $(lines_of heartbeat | jq -r '"\(.state) \(.reason)"')" "1 unknown unreadable"
}

@test "fresh, stale, stuck, of another boot, from the future" {
  beat 5 0
  watch 0
  beat 5 601
  watch 1
  equal "$(told)" "publisher critical firing stuck"
  beat 0 36000
  rm "$dir"/state/*
  watch 0
  jq -c '.boot_id = "another"' "$file" >"$file.new" && mv "$file.new" "$file"
  watch 1
  equal "$(told)" "publisher critical firing before_boot"
  beat 0 0
  age_file -60
  watch 3 --exit-codes plugin
  equal "$(lines_of heartbeat | jq -r .reason)" clock_skew
}

@test "bare times are taken" {
  date +%s >"$file"
  watch 0
  date -u +%Y-%m-%dT%H:%M:%SZ >"$file"
  watch 0
  date -d '-11 minutes' +%s >"$file"
  watch 1
  watch 0 --max-age 12m
  date -d '+1 minute' +%s >"$file"
  watch 1
  equal "$(lines_of heartbeat | jq -r .reason)" clock_skew
}

@test "without --target both files of RUN_DIR and INSTANCE are watched" {
  beat 0 0
  expect 1 heartbeat-watch
  equal "$(told)" "publisher ok ok
worker critical firing missing"
  cp "$file" "$dir/run/publisher@two.last"
  cp "$file" "$dir/run/worker@two.last"
  settings+=(INSTANCE=two)
  expect 0 heartbeat-watch
}

@test "it needs no database but with --fleet" {
  beat 0 0
  settings=("STATE_DIR=$dir/state" "RUN_DIR=$dir/run")
  watch 0
  expect 78 heartbeat-watch --exit-codes sysexits --fleet
  has "$(said error)" DATABASE_URL
  expect 64 heartbeat-watch --exit-codes sysexits --fleet --follow
}

# ---- views, news

@test "the exit of the process is the one in the summary, in every view and format" {
  local what exits row view
  while read -r what exits; do
    read -ra row <<<"$exits"
    case $what in
      fresh) beat 0 0 ;;
      stuck) beat 1 601 ;;
      invalid) echo no >"$file" ;;
    esac
    for view in simple plugin sysexits; do
      watch "${row[0]}" --exit-codes "$view" --format jsonl
      equal "$(summary exit)" "${row[0]}"
      watch "${row[0]}" --exit-codes "$view" --format text
      has "$output" "exit=${row[0]}"
      [ "$view" != plugin ] || watch "${row[0]}" --plugin
      row=("${row[@]:1}")
    done
  done <<'ROWS'
fresh 0 0 0
stuck 1 2 1
invalid 1 3 69
ROWS
}

@test "--plugin prints one line with performance data in the format" {
  beat 3 601
  watch 2 --plugin
  [[ $output =~ ^'HEARTBEAT-WATCH CRITICAL - publisher stuck, looped '[0-9ms]+' ago, succeeded '[0-9ms]+" ago, 3 due | 'publisher'="[0-9.]+s\;\;~:600\;0$ ]] || { echo "$output"; return 1; }
  equal "$(wc -l <"$out")" 1
}

@test "a command is told what is new, and again what it could not take" {
  echo no >"$file"
  told_to() { watch "$1" --notify changes -- sh -c "cat >>$dir/told; $2"; }
  told_to 1 'exit 3'
  has "$(said error)" "it exited with 3"
  told_to 1 true
  told_to 1 true
  beat 0 0
  told_to 0 true
  told_to 0 true
  equal "$(jq -r '"\(.target) \(.notify_reason) \(.reason)"' "$dir/told" | sed 's/ $//')" "publisher first invalid
publisher first invalid
publisher resolved"
}

# ---- following

@test "--follow keeps the file of a publisher that writes none" {
  enqueue 3 Demo
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/nowhere" PUBLISH_TRANSPORT=stdout PUBLISH_POLL_INTERVAL_MS=50)
  start publishing outbox-publish --service
  local publishing=$pid
  watching
  settings=("RUN_DIR=$dir/run")
  local command
  compose heartbeat-watch --follow
  keep heartbeat-watch
  # The lines as a journal hands them on: with others in between.
  (tail -n +1 --pid="$publishing" -s 0.1 -f "$dir/publishing.out" | sed -u '1i starting …' | "${command[@]}") >"$out" 2>"$err" 3>&- &
  local following=$!
  pids+=("$following")
  watching
  kept() { [ "$(jq -r '"\(.name) \(.state) \(.done) \(.backlog)"' "$file")" = 'publisher running 3 0' ]; }
  wait_until 300 kept
  watch 0
  kill -TERM "$publishing"
  ends "$publishing" 0
  wait_until 300 gone "$following"
  equal "$(jq -r .state "$file")" stopped
  equal "$(jq -r .v "$file")" 1
  equal "$(stat -c %a "$file")" 640
}

@test "--follow ends with its input, and by SIGTERM, with 0; a folder that is missing is said once and is a failure" {
  local line='{"v":1,"tool":"outbox-publish","ts":"2026-11-24T02:00:00Z","type":"pass","backlog":0}'
  expect 0 heartbeat-watch --follow </dev/null
  mkfifo "$dir/follow.in"
  exec 7<>"$dir/follow.in"
  start follow heartbeat-watch --follow
  echo "$line" >&7
  wait_until 100 test -s "$file"
  kill -TERM "$pid"
  ends "$pid" 0
  settings=("RUN_DIR=$dir/nowhere")
  expect 70 heartbeat-watch --exit-codes sysexits --follow < <(printf '%s\n' "$line" "$line")
  one_error
}
