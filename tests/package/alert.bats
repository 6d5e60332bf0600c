#!/usr/bin/env bats
# scripts/alert: who is told of a failed unit, how, and how often.

# shellcheck source=tests/package/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"
bats_require_minimum_version 1.5.0

# alert UNIT [NAME=VALUE…]: with what systemd says of a unit that failed.
alert() {
  local unit=$1
  shift
  run --separate-stderr env -i PATH="$PATH" ALERTS_FOLDER="$BATS_TEST_TMPDIR" ALERTS_SMTP_PORT="${port:-9}" MONITOR_SERVICE_RESULT=exit-code MONITOR_EXIT_STATUS=70 \
    MONITOR_INVOCATION_ID=abc "$@" scripts/alert "$unit"
  equal "$status" 0
}
# shellcheck disable=SC2154 # run sets it
told() { grep -c '^<2>' <<<"$stderr" || true; }

@test "a failure is told at priority crit, with what to look at" {
  alert 0admin-outbox-prune.service
  has "$stderr" "<2>0admin-outbox-prune.service failed on "
  has "$stderr" "result exit-code, status 70. See: journalctl _SYSTEMD_INVOCATION_ID=abc"
}

@test "it is told once an hour, for each unit" {
  alert a.service
  alert a.service
  equal "$(told)" 0
  alert b.service
  equal "$(told)" 1
  # An hour later.
  echo $(($(date +%s) - 3601)) >"$BATS_TEST_TMPDIR/a.service"
  alert a.service
  equal "$(told)" 1
}

@test "a clock that was set back does not silence it" {
  echo $(($(date +%s) + 1000)) >"$BATS_TEST_TMPDIR/a.service"
  alert a.service
  equal "$(told)" 1
}

@test "where nothing can be remembered it is told every time" {
  for _ in 1 2; do
    alert a.service ALERTS_FOLDER=/nonexistent
    equal "$(told)" 1
    has "$stderr" "/nonexistent/a.service cannot be written"
  done
}

@test "a stop that was asked for is none to tell of" {
  alert a.service MONITOR_SERVICE_RESULT=success
  equal "$stderr" ""
  alert a.service
  equal "$(told)" 1
}

@test "called by a service that is started again, it tells what that service tells it" {
  alert a.service MONITOR_SERVICE_RESULT= MONITOR_EXIT_STATUS= MONITOR_INVOCATION_ID= SERVICE_RESULT=watchdog EXIT_STATUS=ABRT INVOCATION_ID=def
  has "$stderr" "result watchdog, status ABRT. See: journalctl _SYSTEMD_INVOCATION_ID=def"
}

@test "a mail server that takes no mail is named" {
  node -e '
    const server = require("net").createServer((socket) => socket.on("error", () => {}).end("554 no\r\n"));
    server.listen(0, "127.0.0.1", () => require("fs").writeFileSync(process.argv[1], String(server.address().port)));
    setTimeout(() => process.exit(), 60000);' "$BATS_TEST_TMPDIR/port" 3>&- &
  local server=$!
  wait_until 100 test -s "$BATS_TEST_TMPDIR/port"
  port=$(cat "$BATS_TEST_TMPDIR/port") alert a.service
  kill "$server"
  equal "$(told)" 1
  has "$stderr" "<4>the mail server of this host did not take the mail for root@localhost"
}
