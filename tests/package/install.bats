#!/usr/bin/env bats
# The package on a Debian 12 that was made for it: installed, run by systemd under its hardening, updated, removed and purged. The tests
# are one story, in this order. Root only, and the mirror of /etc/apt must answer.

# shellcheck source=tests/package/machine.bash
source "$BATS_TEST_DIRNAME/machine.bash"
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=600

setup_file() {
  new_machine
}

teardown_file() {
  machine_stop "$machine"
  stop_helpers
}

setup() {
  [ -z "$reason" ] || skip "$reason"
}

as_user() { on setpriv --reuid _zeroadmin --regid _zeroadmin --clear-groups env DATABASE_URL=postgresql:///app "$@"; }
# Files of ours that are left, without those of apt and of this test.
left() { find "$machine" -xdev -name '*0admin*' -not -path '*/var/cache/*' -not -path '*/root/*' -not -path '*/var/log/*' -not -path '*/etc/credstore/*' -printf '/%P\n'; }

@test "apt installs it on a bare Debian 12, and starts nothing" {
  machine_chroot "$machine" apt-get install -q -y --no-install-recommends /root/0admin-ops.deb >"$BATS_TEST_TMPDIR/log" 2>&1 || {
    tail -n 20 "$BATS_TEST_TMPDIR/log"
    return 1
  }
  equal "$(machine_chroot "$machine" stat -c '%a %U %G' /etc/0admin/env)" "640 root _zeroadmin"
  machine_chroot "$machine" cmp /etc/0admin/env /usr/share/0admin-ops/env.example
  equal "$(machine_chroot "$machine" getent passwd _zeroadmin | cut -d : -f 6,7)" "/var/lib/0admin:/usr/sbin/nologin"
  equal "$(find "$machine/etc/systemd" -name '0admin*')" ""
  tools | while read -r tool; do machine_chroot "$machine" "$tool" --version; done
}

@test "systemd of that Debian finds nothing wrong with the units" {
  # shellcheck disable=SC2016 # for the shell in there
  machine_chroot "$machine" sh -c 'cd /usr/lib/systemd/system && systemd-analyze --recursive-errors=yes --man=no verify $(find . -maxdepth 1 -type f -name "0admin*" -not -name "*@.*")' 2>&1
}

@test "the services run under their hardening, with a role that needs no password" {
  settle curl age jq
  install -d -m 777 "$machine/var/lib/prometheus/node-exporter"
  machine_boot "$machine"
  equal "$(on stat -c '%a %U' /run/0admin)" "750 _zeroadmin"
  start_database
  start_receiver 900 --script "$BATS_FILE_TMPDIR/script.json"
  on systemctl enable -q --now 0admin.target 0admin-outbox-publish.service 0admin-inbox-work.service
  equal "$(on systemctl is-active 0admin-outbox-publish.service 0admin-inbox-work.service | sort -u)" active
  wait_until 100 on grep -qE '"boot_id":"[0-9a-f-]{36}"' /run/0admin/publisher.last
  wait_until 100 on test -s /run/0admin/worker.last
}

@test "an event reaches the receiver, and a document is read behind both walls" {
  sql "SELECT zero_admin.enqueue_event('018f4e7a-0000-7000-8000-000000000001', 'OrderPlaced', '{}')"
  printf '<a/>' >"$machine/var/lib/0admin/a.xml"
  chmod 644 "$machine/var/lib/0admin/a.xml"
  as_user inbox-add --tenant 018f4e7a-0000-7000-8000-000000000001 /var/lib/0admin/a.xml
  rm "$machine/var/lib/0admin/a.xml"
  wait_until 200 is 2 jq -s '[.[] | select(.status == 204)] | length' "$BATS_FILE_TMPDIR/receiver/received.jsonl"
  equal "$(jq -rs 'map(.headers["ce-type"]) | sort | join(" ")' "$BATS_FILE_TMPDIR/receiver/received.jsonl")" "InboxItemParsed OrderPlaced"
  # What is not there is namespaces, which no service may have: Landlock and the filter are.
  equal "$(lines 0admin-inbox-work.service | jq -rR 'fromjson? | select(.error // "" | startswith("the extractor")) | .detail')" "not available here: namespaces"
}

@test "every job succeeds" {
  on sh -c 'age-keygen -o /root/key 2>/dev/null && age-keygen -y /root/key >/etc/0admin/backup.recipients'
  for unit in "$machine"/usr/lib/systemd/system/0admin-*.service; do
    unit=${unit##*/}
    case $unit in 0admin-alert@*) continue ;; esac
    grep -q '^Type=oneshot' "$machine/usr/lib/systemd/system/$unit" || continue
    unit=${unit/@./@publisher.}
    on systemctl start "$unit" || {
      lines "$unit"
      return 1
    }
    echo "$unit succeeded"
  done
}

# The receiver knows these secrets from now on, and refuses what none of them signed.
knows() {
  jq -n '{secrets: $ARGS.positional}' --args "$@" >"$BATS_FILE_TMPDIR/script.new"
  mv "$BATS_FILE_TMPDIR/script.new" "$BATS_FILE_TMPDIR/script.json"
}
secret() { on cat "/etc/credstore/0admin.$1"; }
# One step of the runbook, and then more deliveries, and more answers to whoever asks ops-serve.
step() {
  local before asked
  on bash -euo pipefail "/root/rotation/0$1.run"
  before=$(deliveries)
  asked=$(on sh -c 'wc -l </root/codes')
  wait_until 300 at_least "$((before + 20))" deliveries
  wait_until 300 at_least "$((asked + 5))" on sh -c 'wc -l </root/codes'
}
deliveries() { jq -s '[.[] | select(.status == 204)] | length' "$BATS_FILE_TMPDIR/receiver/received.jsonl"; }

@test "tokens are rotated as 0admin-runbook(7) says, while events flow, and nobody is refused" {
  mkdir "$machine/root/rotation"
  awk -v folder="$machine/root/rotation" -v section="ROTATING TOKENS" -f tests/support/examples.awk man/0admin-runbook.7
  sql 'CREATE ROLE root LOGIN IN ROLE zero_admin_operator, zero_admin_watcher'
  # shellcheck disable=SC2016 # for the shell in there
  on bash -euc 'cd /etc/credstore; umask 077
    openssl rand -hex 32 | tee 0admin.ops_token >0admin.admin_tokens
    openssl rand -hex 32 >0admin.audit_hmac_key
    printf "whsec_%s\n" "$(openssl rand -base64 32)" >0admin.webhook_secret
    systemctl restart 0admin-outbox-publish.service
    systemctl start 0admin-ops-serve.socket'
  : >"$BATS_FILE_TMPDIR/receiver/received.jsonl"
  knows "$(secret webhook_secret)"
  # shellcheck disable=SC2016
  on bash -c 'until [ -e /root/enough ]; do
      su postgres -c "psql -qAt -d app -o /dev/null -c \"SELECT zero_admin.enqueue_event(gen_random_uuid(), '"'Rotated'"', '"'{}'"') FROM generate_series(1, 10)\""
      curl -s -o /dev/null -w "%{http_code}\n" -H "Authorization: Bearer $(cat /etc/credstore/0admin.ops_token)" http://127.0.0.1:8470/metrics >>/root/codes
      sleep 0.05
    done' >/dev/null 2>"$BATS_TEST_TMPDIR/load" 3>&- &
  load=$!
  wait_until 300 on test -s /root/codes
  step 1
  old=$(secret webhook_secret)
  for part in 2 3 4; do step "$part"; done
  equal "$(secret webhook_secret_previous)" "$old"
  knows "$(secret webhook_secret)"
  for part in 5 6; do step "$part"; done
  on touch /root/enough
  wait "$load"
  equal "$(jq -r '"\(.signature) \(.status)"' "$BATS_FILE_TMPDIR/receiver/received.jsonl" | sort -u)" "valid 204"
  equal "$(on sort -u /root/codes)" 200
  equal "$(secret admin_tokens)" "$(secret ops_token)"
  [ "$(secret webhook_secret)" != "$old" ]
  wait_until 200 is 0 sql "SELECT count(*) FROM zero_admin.outbox_queue WHERE event_type = 'Rotated'"
  equal "$(sql "SELECT string_agg(DISTINCT status, ' ') FROM zero_admin.event_outbox WHERE event_type = 'Rotated'")" sent
  on sh -c 'umask 077; rm -r /root/rotation /etc/credstore/0admin.webhook_secret; systemctl disable -q --now 0admin-ops-serve.socket'
  rm "$BATS_FILE_TMPDIR/script.json"
}

@test "a service that is killed is started again, and told of once, also by mail" {
  nsenter -t "$(cat "$machine.pid")" -n node -e '
    // The least of an SMTP server: takes one mail and keeps it.
    const fs = require("fs");
    require("net").createServer((socket) => {
      let data = false, mail = "";
      socket.write("220 here\r\n");
      socket.on("error", () => {}).on("data", (bytes) => {
        for (const line of bytes.toString().split("\r\n").slice(0, -1)) {
          if (data && line === ".") { data = false; fs.writeFileSync(process.argv[1], mail); socket.write("250 taken\r\n"); }
          else if (data) mail += line + "\n";
          else if (line === "DATA") { data = true; socket.write("354 go on\r\n"); }
          else if (line === "QUIT") socket.end("221 bye\r\n");
          else socket.write("250 yes\r\n");
        }
      });
    }).listen(25, "127.0.0.1", () => fs.writeFileSync(process.argv[1] + ".ready", "yes"));
    setTimeout(() => process.exit(), 120000);' "$BATS_FILE_TMPDIR/mail" >/dev/null 2>&1 3>&- &
  echo $! >>"$BATS_FILE_TMPDIR/pids"
  wait_until 300 test -s "$BATS_FILE_TMPDIR/mail.ready"
  for time in 1 2; do
    before=$(on systemctl show -P MainPID 0admin-outbox-publish.service)
    on systemctl kill -s KILL 0admin-outbox-publish.service
    wait_until 300 sh -c "now=\$(nsenter -t $(cat "$machine.pid") -m -p -n -C systemctl show -P MainPID 0admin-outbox-publish.service) && [ \"\$now\" != 0 ] && [ \"\$now\" != $before ]"
    echo "started again, time $time"
  done
  wait_until 100 test -s "$BATS_FILE_TMPDIR/mail"
  has "$(cat "$BATS_FILE_TMPDIR/mail")" "Subject: 0admin-outbox-publish.service failed on "
  equal "$(on journalctl --no-pager -o cat -p 2..2 -u 0admin-outbox-publish.service | grep -c 'result signal')" 1
}

@test "a wrong setting is told of by the handler, and not tried again" {
  on sh -c 'mkdir /run/systemd/system/0admin-inbox-work.service.d && printf "[Service]\nEnvironment=WORKER_BATCH_SIZE=0\n" >/run/systemd/system/0admin-inbox-work.service.d/wrong.conf && systemctl daemon-reload'
  run ! on systemctl restart 0admin-inbox-work.service
  equal "$(on systemctl show -P Result -P NRestarts 0admin-inbox-work.service | paste -sd ' ')" "exit-code 0"
  equal "$(on systemctl show -P ExecMainStatus 0admin-inbox-work.service)" 78
  wait_until 100 is 1 sh -c "nsenter -t $(cat "$machine.pid") -m -p -n -C journalctl --no-pager -o cat -p 2..2 | grep -c '0admin-inbox-work.service failed'"
  on sh -c 'rm -r /run/systemd/system/0admin-inbox-work.service.d && systemctl daemon-reload && systemctl start 0admin-inbox-work.service'
}

@test "the handler tells of an instance by its whole name" {
  on systemctl start '0admin-alert@0admin-heartbeat-watch@publisher.service.service'
  has "$(lines '0admin-alert@*')" "0admin-heartbeat-watch@publisher.service failed on "
}

@test "one way to run a runner stops the other" {
  on systemctl start 0admin-inbox-work-tick.timer
  equal "$(on systemctl is-active 0admin-inbox-work.service 0admin-inbox-work-tick.timer | paste -sd ' ')" "inactive active"
  on systemctl start 0admin-inbox-work.service
  equal "$(on systemctl is-active 0admin-inbox-work.service 0admin-inbox-work-tick.timer | paste -sd ' ')" "active inactive"
}

@test "an update keeps the settings, and restarts what runs" {
  settings=$(on sha256sum /etc/0admin/env)
  before=$(on systemctl show -P MainPID 0admin-outbox-publish.service)
  on dpkg -i /root/0admin-ops.deb
  equal "$(on sha256sum /etc/0admin/env)" "$settings"
  equal "$(on systemctl is-active 0admin-outbox-publish.service 0admin-inbox-work.service | sort -u)" active
  [ "$(on systemctl show -P MainPID 0admin-outbox-publish.service)" != "$before" ]
}

@test "removing stops it and keeps settings and documents; reinstalling finds them again" {
  settings=$(on sha256sum /etc/0admin/env)
  on dpkg -r 0admin-ops
  equal "$(on sh -c 'ls /proc/*/exe -l 2>/dev/null | grep -c "/usr/bin/outbox-publish"' || true)" 0
  on test -d /var/lib/0admin/inbox
  on dpkg -i /root/0admin-ops.deb
  equal "$(on sha256sum /etc/0admin/env)" "$settings"
  on systemctl start 0admin.target
  wait_until 100 is active on systemctl is-active 0admin-outbox-publish.service
}

@test "purging leaves nothing but what is the user's" {
  on dpkg -P 0admin-ops
  machine_stop "$machine"
  # The document that was added, what was put beside the settings, and the dump, where there is one.
  equal "$(left | grep -v ^/var/backups | sort | paste -sd ' ')" "/etc/0admin /var/lib/0admin"
  equal "$(find "$machine/etc/0admin" -type f -printf '%f\n' | sort | paste -sd ' ')" "backup.recipients ca.pem"
  equal "$(find "$machine/var/lib/0admin" -mindepth 1 -maxdepth 1 -printf '%f ')" "inbox "
}
