#!/usr/bin/env bats
# Both runners under a real scheduler, in both modes, while events and documents arrive: by systemd as a service and by timers, and by cron.
# OPS_SCHEDULER_SECONDS=600 is what a release is tried with; below that, watchdog and timers of systemd are made short. Root only, and the mirror
# of /etc/apt must answer.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/package/machine.bash
source "$BATS_TEST_DIRNAME/machine.bash"
bats_require_minimum_version 1.5.0
seconds=${OPS_SCHEDULER_SECONDS:-70}
export BATS_TEST_TIMEOUT=$((seconds + 600))

tenant=018f4e7a-0000-7000-8000-000000000001

setup_file() {
  new_machine
  [ -z "$reason" ] || return 0
  install_packages /root/0admin-ops.deb
  settle cron procps
}

# Each test has a boot, a database and a receiver of its own.
setup() {
  [ -z "$reason" ] || skip "$reason"
  got=$BATS_FILE_TMPDIR/receiver/received.jsonl
  rm -rf "$BATS_FILE_TMPDIR/receiver"
  cp "$machine/usr/share/0admin-ops/env.example" "$machine/etc/0admin/env"
  rm -f "$machine/etc/cron.d/0admin-ops"
  booted=$(date +%s)
  machine_boot "$machine"
  start_database
  start_receiver $((seconds + 500))
}

teardown() {
  [ -z "$reason" ] || return 0
  on sh -c 'su postgres -c "dropdb --force app && dropuser _zeroadmin"; systemctl stop postgresql' || true
  machine_stop "$machine"
  stop_helpers
}

override() { # UNIT SECTION LINE…
  mkdir -p "$machine/etc/systemd/system/$1.d"
  printf '%s\n' "[$2]" "${@:3}" >"$machine/etc/systemd/system/$1.d/short.conf"
}

# In the background: an event every half second, a document every two, for as long as the test goes on.
work_arrives() {
  # shellcheck disable=SC2016 # of the shell in there
  printf '%s\n' '#!/bin/bash' "tenant=$tenant seconds=$seconds" '
export DATABASE_URL=postgresql:///app
events() {
  for ((n = 0; n < seconds * 2; ++n)); do
    echo "SELECT zero_admin.enqueue_event('\''$tenant'\'', '\''OrderPlaced'\'', '\''{\"n\": $n}'\'', '\''order-$n'\'');"
    sleep 0.5
  done | psql -qX -v ON_ERROR_STOP=1 -d app -o /dev/null
}
documents() {
  for ((n = 0; n < seconds / 2; ++n)); do
    echo "<a n=\"$n\"/>" >"/tmp/document-$n.xml"
    inbox-add --tenant "$tenant" "/tmp/document-$n.xml" >/dev/null || return
    sleep 2
  done
}
documents & documents=$!
events && wait "$documents" && touch /run/0admin/arrived' >"$machine/usr/local/bin/work-arrives"
  chmod 755 "$machine/usr/local/bin/work-arrives"
  on systemd-run -q --unit arrivals --uid _zeroadmin --gid _zeroadmin /usr/local/bin/work-arrives
}

# How many of each runner there are at once: a sample five times a second, of which the largest counts. A child of a runner is none,
# also before it becomes something else.
watch_for_overlap() {
  # shellcheck disable=SC2016 # of the shell in there
  nsenter -t "$(cat "$machine.pid")" -p -m bash -c 'most_p=0 most_w=0
    echo "0 0" >/run/0admin/most
    while sleep 0.2; do
      read -r p w < <(ps -eo pid=,ppid=,comm= | awk "{ name[\$1] = \$3; parent[\$1] = \$2 }
        END { for (pid in name) if (name[pid] != name[parent[pid]]) ++n[name[pid]]; print n[\"outbox-publish\"] + 0, n[\"inbox-work\"] + 0 }")
      [ "$p" -le "$most_p" ] && [ "$w" -le "$most_w" ] && continue
      most_p=$((p > most_p ? p : most_p)) most_w=$((w > most_w ? w : most_w))
      echo "$most_p $most_w" >/run/0admin/most
    done' >/dev/null 2>&1 3>&- &
  echo $! >>"$BATS_FILE_TMPDIR/pids"
}

# Of ticks, which may be over between two looks; that there were some, and in turn, the journal tells.
never_two() { on grep -qx '[01] [01]' /run/0admin/most; }

pid_of() { on systemctl show -P MainPID "$1"; }
restarted() { # UNIT PID: sets `now`
  now=$(pid_of "$1")
  [ "$now" != 0 ] && [ "$now" != "$2" ]
}
waiting() { sql "SELECT count(*) FROM zero_admin.event_outbox WHERE status IN ('pending', 'processing')"; }
arrived() { on test -e /run/0admin/arrived; }

# Nothing waits, everything was delivered, each document was read once; says how much it was.
nothing_lost() { # NAME MOST_DUPLICATES
  local enqueued documents deliveries delivered
  wait_until $((seconds * 10 + 1200)) arrived
  wait_until 1800 is 0 waiting
  enqueued=$(sql "SELECT count(*) FROM zero_admin.event_outbox WHERE event_type = 'OrderPlaced'")
  documents=$(sql 'SELECT count(*) FROM zero_admin.inbox_items')
  equal "$(sql "SELECT string_agg(DISTINCT status, ' ') FROM zero_admin.event_outbox")" sent
  equal "$enqueued $documents" "$((seconds * 2)) $((seconds / 2))"
  equal "$(sql 'SELECT count(*) FROM zero_admin.parsed_items')" "$documents"
  deliveries=$(jq -s '[.[] | select(.status == 204)] | length' "$got")
  delivered=$(jq -r 'select(.status == 204) | .headers["webhook-id"]' "$got" | sort -u | wc -l)
  equal "$(jq -r 'select(.status == 204 and .headers["ce-type"] == "OrderPlaced") | .headers["webhook-id"]' "$got" | sort -u | wc -l)" "$enqueued"
  equal "$delivered" $((enqueued + documents))
  [ $((deliveries - delivered)) -le "$2" ]
  echo "# $1: $seconds s, $enqueued events and $documents documents enqueued, $delivered events delivered, lost 0, delivered twice $((deliveries - delivered)), most at once $(on cat /run/0admin/most)" >&3
}

# Of each tick of this test, in their order, when it printed its first and its last line. The journal keeps what those before printed, under
# the same boot ID: it is that of the kernel.
ticks() { # OPTION… of journalctl
  on journalctl --no-pager -o cat --since "@$booted" "$@" | jq -R 'fromjson? | select(.run_id)' |
    jq -cs 'group_by(.run_id) | map({from: (map(.ts) | min), to: (map(.ts) | max), ended: any(.[]; .type == "summary")}) | sort_by(.from)'
}
# None began before the one before it had ended; the last may be at work.
ticks_in_turn() { # OPTION…
  ticks "$@" | jq -e 'length > 1 and all(.[:-1][]; .ended) and ([.[:-1], .[1:]] | transpose | all(.[]; .[0].to <= .[1].from))'
}
# What the last one says may still be on its way to the journal.
in_turn() { # OPTION…
  if wait_until 100 ticks_in_turn "$@"; then return 0; fi
  ticks "$@"
  return 1
}

# Stops a service by its name, and how many seconds that took; systemd would kill it after fifteen.
stop_in_time() { # UNIT
  local from to
  from=$(date +%s%N)
  on systemctl stop "$1"
  to=$(date +%s%N)
  equal "$(on systemctl show -P Result "$1")" success
  [ $((to - from)) -le 10000000000 ]
}

@test "as services: a runner that freezes is killed and started again, and stopping takes no ten seconds" {
  local name unit frozen now
  if [ "$seconds" -lt 600 ]; then
    override 0admin-outbox-publish.service Service WatchdogSec=10 TimeoutAbortSec=3
    override 0admin-inbox-work.service Service WatchdogSec=10 TimeoutAbortSec=3
    on systemctl daemon-reload
  fi
  on systemctl start 0admin-outbox-publish.service 0admin-inbox-work.service
  watch_for_overlap
  work_arrives
  sleep $((seconds / 5))
  for name in worker publisher; do
    unit=0admin-$([ $name = worker ] && echo inbox-work || echo outbox-publish).service
    frozen=$(pid_of "$unit")
    on kill -STOP "$frozen"
    wait_until 3000 restarted "$unit" "$frozen"
    has "$(lines "$unit")" "Watchdog timeout"
    # It works again, by what it wrote after its start.
    wait_until 600 on grep -q "\"pid\":$now," "/run/0admin/$name.last"
  done
  # While there is work.
  stop_in_time 0admin-outbox-publish.service
  stop_in_time 0admin-inbox-work.service
  on systemctl start 0admin-outbox-publish.service 0admin-inbox-work.service
  # Requests of the frozen publisher may have been answered.
  nothing_lost services 16
  equal "$(on cat /run/0admin/most)" "1 1"
  stop_in_time 0admin-outbox-publish.service
  stop_in_time 0admin-inbox-work.service
}

@test "as timers: each tick begins after the one before it" {
  if [ "$seconds" -lt 600 ]; then
    override 0admin-outbox-publish-tick.timer Timer OnBootSec= OnUnitActiveSec= OnActiveSec=1 OnUnitActiveSec=5
    override 0admin-inbox-work-tick.timer Timer OnBootSec= OnUnitActiveSec= OnActiveSec=1 OnUnitActiveSec=5
    on systemctl daemon-reload
  fi
  on systemctl start 0admin-outbox-publish-tick.timer 0admin-inbox-work-tick.timer
  watch_for_overlap
  work_arrives
  nothing_lost timers 0
  never_two
  in_turn -u 0admin-outbox-publish-tick.service
  in_turn -u 0admin-inbox-work-tick.service
}

@test "by cron: the lines of the example, as they are" {
  sed -n '/^SHELL=/p; /^PATH=/p; /outbox-publish/p; /inbox-work/p' examples/cron/0admin-ops >"$machine/etc/cron.d/0admin-ops"
  echo DATABASE_URL=postgresql:///app >>"$machine/etc/0admin/env"
  on systemctl start cron
  watch_for_overlap
  work_arrives
  nothing_lost cron 0
  never_two
  in_turn -t outbox-publish
  in_turn -t inbox-work
}
