# A Debian of its own with the package, a database and a receiver: what install.bats and schedule.bats share. Sourced.
#
#   new_machine           sets `machine` and puts the package into it as /root/0admin-ops.deb; or sets `reason` to why there is none
#   settle PACKAGE…       before it is booted: PostgreSQL and the packages, settings and secrets. The package is installed by then
#   start_database        in the booted machine: PostgreSQL, the schema, and the role of the services
#   start_receiver SECONDS [OPTION…]
#                         in its network, told to the publisher; $BATS_FILE_TMPDIR/receiver/received.jsonl is what it got
#   stop_helpers          ends what runs beside the machine
#   on COMMAND…, sql STATEMENT, lines UNIT
#                         in the booted machine: a command, a statement, what a unit printed

# shellcheck source=tests/package/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"
# shellcheck source=tests/support/machine.bash
source "$repository/tests/support/machine.bash"

on() { machine_run "$machine" "$@"; }
sql() { on su postgres -c "psql -qAt -v ON_ERROR_STOP=1 -d app -c \"$1\""; }
lines() { on journalctl --no-pager -o cat -u "$1"; }

new_machine() {
  export machine=$BATS_FILE_TMPDIR/machine reason=
  if [ "$(id -u)" -ne 0 ]; then
    reason="not root"
  elif ! command -v debootstrap >/dev/null; then
    reason="debootstrap is not installed"
  elif ! machine_make "$machine"; then
    reason="debootstrap made no Debian: $(tail -n 1 "$machine.log")"
  else
    pack
    cp "$package" "$machine/root/0admin-ops.deb"
  fi
}

install_packages() {
  # No server may start in the chroot.
  printf '#!/bin/sh\nexit 101\n' >"$machine/usr/sbin/policy-rc.d"
  chmod 755 "$machine/usr/sbin/policy-rc.d"
  machine_chroot "$machine" apt-get install -q -y --no-install-recommends "$@" >"$BATS_FILE_TMPDIR/apt.log" 2>&1 || {
    tail -n 20 "$BATS_FILE_TMPDIR/apt.log"
    return 1
  }
  rm "$machine/usr/sbin/policy-rc.d"
}

settle() {
  install_packages postgresql-15 "$@"
  tests/support/certs.sh "$BATS_FILE_TMPDIR/certs"
  install -m 644 "$BATS_FILE_TMPDIR/certs/ca.pem" "$machine/etc/0admin/ca.pem"
  mkdir -m 700 "$machine/etc/credstore"
  echo 'postgresql:///app' >"$machine/etc/credstore/0admin.database_url"
}

start_database() {
  local change
  on systemctl start postgresql
  wait_until 300 on pg_isready -q
  on su postgres -c "psql -q -c 'CREATE DATABASE app' -c 'CREATE ROLE _zeroadmin LOGIN'"
  grep -oE '^[a-z_]+ ' lib/schema/sqitch.plan | while read -r change; do
    on su postgres -c "psql -q -v ON_ERROR_STOP=1 -d app -o /dev/null -f /usr/share/0admin-ops/schema/deploy/$change.sql" </dev/null
  done
  sql 'GRANT zero_admin_application, zero_admin_runner, zero_admin_watcher, zero_admin_operator, pg_read_all_data TO _zeroadmin'
}

start_receiver() {
  mkdir "$BATS_FILE_TMPDIR/receiver"
  nsenter -t "$(cat "$machine.pid")" -n node tests/support/receiver.mjs --dir "$BATS_FILE_TMPDIR/receiver" --max-seconds "$@" \
    --cert "$BATS_FILE_TMPDIR/certs/server.pem" --key "$BATS_FILE_TMPDIR/certs/server.key" >/dev/null 2>&1 3>&- &
  echo $! >>"$BATS_FILE_TMPDIR/pids"
  wait_until 200 test -s "$BATS_FILE_TMPDIR/receiver/port"
  printf '%s\n' PUBLISH_TRANSPORT=webhook "WEBHOOK_URL=https://localhost:$(cat "$BATS_FILE_TMPDIR/receiver/port")/" \
    WEBHOOK_CA_FILE=/etc/0admin/ca.pem WEBHOOK_ALLOW_PRIVATE=true >>"$machine/etc/0admin/env"
}

stop_helpers() {
  [ ! -s "$BATS_FILE_TMPDIR/pids" ] || xargs kill <"$BATS_FILE_TMPDIR/pids" 2>/dev/null || true
  rm -f "$BATS_FILE_TMPDIR/pids"
}
