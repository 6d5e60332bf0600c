# Throw-away PostgreSQL clusters. Sourced.
#
#   cluster_init DIR                     initdb; does nothing where there is a cluster already
#   cluster_start DIR [OPTION…]          options for postgres, for example -c work_mem=8MB
#   cluster_stop DIR [fast|immediate]
#   cluster_restart DIR [fast|immediate] with the options of the last start
#   cluster_url DIR DATABASE [DIR…]      prints a libpq URI; of several hosts, when further clusters are named
#   cluster_sqitch_url DIR DATABASE      prints the same for sqitch
#   cluster_psql DIR ARGUMENT…           psql as the superuser, postgres
#   cluster_dump DIR ARGUMENT…           the same, pg_dump
#   cluster_pid DIR                      process id of the postmaster
#   cluster_standby PRIMARY STANDBY [OPTION…]
#                                        makes and starts a streaming standby; returns when it streams.
#                                        CLUSTER_SLOT=1: with a replication slot. CLUSTER_SYNC=1: commits wait for it
#   cluster_promote DIR
#   cluster_destroy DIR                  stops at once, frozen processes too, and removes DIR
#
# CLUSTER_TCP=1 at init or start: listens on 127.0.0.1 too, and cluster_url names that (CLUSTER_TCP=0 at a later start
# takes it back). CLUSTER_FSYNC=1 at init: as durable as in production. Otherwise there is only a Unix socket, and
# fsync is off: killed processes lose nothing by that, only a machine without power would.
#
# CLUSTER_VERSION=15: of that version of PostgreSQL; otherwise the newest that is installed.
#
# All can be called again: what is so already stays so. A failure is one line on stderr. A cluster belongs to the system
# user postgres where root calls, and ends by itself after SUPPORT_MAX_SECONDS (3600).
#
# DIR holds data and log (links), socket (the path of the folder with the socket), port, listen and options.

# shellcheck source=tests/support/server.bash
source "${BASH_SOURCE[0]%/*}/server.bash"

# Sets cluster_bin to the folder of PostgreSQL's programs. It is looked for once, and known to all that the one who did so starts: tests
# ask for it thousands of times, and a process more for each question would be most of what they take.
_cluster_find_bin() {
  local known=CLUSTER_BIN_${CLUSTER_VERSION:-NEWEST} found
  if [ -z "${!known:-}" ]; then
    # shellcheck disable=SC2086 # a pattern
    found=$(find /usr/lib/postgresql/${CLUSTER_VERSION:-*}/bin -maxdepth 0 2>/dev/null | sort -V | tail -n 1)
    export "$known=${found:-$(pg_config --bindir)}"
  fi
  cluster_bin=${!known}
}

_cluster_data() { readlink "$1/data"; }

_cluster_runs() { server_runs "$(cluster_pid "$1" 2>/dev/null)" "$(_cluster_data "$1")"; }

_cluster_pg_ctl() { # DIR ARGUMENT…
  local dir=$1
  shift
  _cluster_find_bin
  server_run "$cluster_bin/pg_ctl" -D "$(_cluster_data "$dir")" -w -s "$@"
}

# The place of a cluster, without data.
_cluster_place() {
  local dir=$1 home
  home=$(server_home "$dir") || return
  ln -sfn "$home/data" "$dir/data"
  ln -sfn "$home/log" "$dir/log"
  [ -s "$dir/port" ] || server_free_port >"$dir/port" || return
  _cluster_listen "$dir"
}

_cluster_listen() {
  if [ -n "${CLUSTER_TCP:-}" ] || [ ! -e "$1/listen" ]; then
    if [ "${CLUSTER_TCP:-0}" = 0 ]; then echo; else echo 127.0.0.1; fi >"$1/listen"
  fi
}

cluster_init() {
  local dir=$1 data fsync=off
  [ ! -e "$dir/data/PG_VERSION" ] || return 0
  _cluster_place "$dir" || return
  data=$(_cluster_data "$dir")
  _cluster_find_bin
  server_run "$cluster_bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
    _server_say "cluster_init: $dir: $(grep -m1 -iE 'error|fatal' "$dir/initdb.log" || tail -n 1 "$dir/initdb.log")" || return
  [ "${CLUSTER_FSYNC:-0}" = 0 ] || fsync=on
  cat >>"$data/postgresql.conf" <<CONF
max_connections = 200
shared_buffers = 128MB
fsync = $fsync
wal_level = replica
timezone = UTC
log_line_prefix = '%m [%p] %q%a '
CONF
}

# One attempt; what it wrote to the log is left in $said.
_cluster_try() { # DIR OPTION…
  local dir=$1 home before options
  home=$(server_home "$dir")
  shift
  options="-k $home -p $(cat "$dir/port") -c listen_addresses='$(cat "$dir/listen")' $*"
  before=$(wc -c 2>/dev/null <"$home/log") || before=0
  _cluster_pg_ctl "$dir" -t 60 -l "$home/log" -o "$options" start >/dev/null 2>&1 && return
  said=$(tail -c "+$((before + 1))" "$home/log" 2>&1)
  return 1
}

cluster_start() {
  local dir=$1 said='' never=0
  shift
  if _cluster_runs "$dir"; then return 0; fi
  [ -e "$dir/data/PG_VERSION" ] || _server_say "cluster_start: $dir: there is no cluster; cluster_init makes one" || return
  [ -e "$dir/options" ] || never=1
  _cluster_listen "$dir"
  echo "${@@Q}" >"$dir/options"
  for _ in {1..50}; do
    if _cluster_try "$dir" "${@@Q}"; then
      server_lifetime "$(cluster_pid "$dir")" QUIT
      return 0
    fi
    case $said in
      # A killed postmaster is there until it is reaped, and its backends until they notice.
      *'"postmaster.pid" already exists'* | *'still in use'*) sleep 0.2 ;;
      # Until the first start nobody has been told the port.
      *'Address already in use'*)
        [ "$never" -eq 1 ] || break
        server_free_port >"$dir/port" || return
        ;;
      *) break ;;
    esac
  done
  _server_say "cluster_start: $dir: $(grep -E 'FATAL|PANIC' <<<"$said" | tail -n 1 || tail -n 1 <<<"$said")"
}

cluster_stop() {
  if ! _cluster_runs "$1"; then return 0; fi
  _cluster_pg_ctl "$1" -t "${CLUSTER_STOP_SECONDS:-60}" -m "${2:-fast}" stop >/dev/null 2>&1 && return
  if _cluster_runs "$1"; then _server_say "cluster_stop: $1: it still runs"; fi
}

cluster_restart() {
  local -a options
  eval "options=($(cat "$1/options" 2>/dev/null))"
  cluster_stop "$1" "${2:-fast}" && cluster_start "$1" "${options[@]}"
}

cluster_url() {
  local dir database hosts='' ports='' host
  database=$(server_encode "$2")
  for dir in "$1" "${@:3}"; do
    [ -s "$dir/socket" ] || _server_say "cluster_url: $dir: there is no cluster" || return
    { host=$(<"$dir/listen"); } 2>/dev/null || host=
    hosts+=,${host:-$(<"$dir/socket")}
    ports+=,$(<"$dir/port")
  done
  if [ $# -eq 2 ] && [ -n "$host" ]; then
    printf 'postgresql://postgres@%s:%s/%s\n' "$host" "${ports#,}" "$database"
  else
    printf 'postgresql://postgres@/%s?host=%s&port=%s\n' "$database" "${hosts#,}" "${ports#,}"
  fi
}

cluster_sqitch_url() { printf 'db:pg://postgres@/%s?host=%s&port=%s\n' "$(server_encode "$2")" "$(cat "$1/socket")" "$(cat "$1/port")"; }

_cluster_client() { # DIR PROGRAM ARGUMENT…
  _cluster_find_bin
  "$cluster_bin/$2" -h "$(<"$1/socket")" -p "$(<"$1/port")" -U postgres "${@:3}"
}

cluster_psql() { _cluster_client "$1" psql -X -q -v ON_ERROR_STOP=1 "${@:2}"; }

cluster_dump() { _cluster_client "$1" pg_dump "${@:2}"; }

cluster_pid() {
  local pid
  { read -r pid <"$1/data/postmaster.pid"; } 2>/dev/null || _server_say "cluster_pid: $1: it does not run" || return
  echo "$pid"
}

# A column of what the primary knows of a standby.
_cluster_replication() { cluster_psql "$1" -d postgres -Atc "SELECT $3 FROM pg_stat_replication WHERE application_name = '$2'"; }

_cluster_wait_replication() { # PRIMARY NAME COLUMN VALUE
  for _ in {1..300}; do
    [ "$(_cluster_replication "$1" "$2" "$3")" != "$4" ] || return 0
    sleep 0.1
  done
  _server_say "cluster_standby: $2 has not become $4 within 30 seconds"
}

cluster_standby() {
  local primary=$1 standby=$2 data name slot=()
  shift 2
  # Slots are named in lower case.
  name=standby_$(basename "$standby" | tr -c 'a-z0-9\n' _)
  if [ ! -e "$standby/data/PG_VERSION" ]; then
    CLUSTER_TCP=${CLUSTER_TCP:-$([ -z "$(cat "$primary/listen")" ] || echo 1)} _cluster_place "$standby" || return
    data=$(_cluster_data "$standby")
    if [ "${CLUSTER_SLOT:-0}" != 0 ]; then
      slot=(-C -S "$name")
      # Of a standby of this name before.
      cluster_psql "$primary" -d postgres >/dev/null \
        -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '$name'" || return
    fi
    _cluster_find_bin
    server_run "$cluster_bin/pg_basebackup" -D "$data" -R -X stream -c fast --no-sync "${slot[@]}" \
      -d "host=$(cat "$primary/socket") port=$(cat "$primary/port") user=postgres application_name=$name" >"$standby/basebackup.log" 2>&1 ||
      _server_say "cluster_standby: $standby: $(tail -n 1 "$standby/basebackup.log")" || return
    # Copied from a primary that has a synchronous standby, it would make this one wait for itself after its promotion.
    echo "synchronous_standby_names = ''" >>"$data/postgresql.auto.conf"
  fi
  cluster_start "$standby" "$@" || return
  [ -e "$standby/data/standby.signal" ] || return 0
  _cluster_wait_replication "$primary" "$name" state streaming || return
  if [ "${CLUSTER_SYNC:-0}" != 0 ]; then
    cluster_psql "$primary" -d postgres -c "ALTER SYSTEM SET synchronous_standby_names = '$name'" -c "SELECT pg_reload_conf()" >/dev/null || return
    _cluster_wait_replication "$primary" "$name" sync_state sync
  fi
}

cluster_promote() {
  [ -e "$1/data/standby.signal" ] || return 0
  _cluster_pg_ctl "$1" -t 60 promote >/dev/null 2>&1 || _server_say "cluster_promote: $1: $(tail -n 1 "$1/log")"
}

cluster_destroy() {
  local pid
  [ -s "$1/socket" ] || return 0
  if _cluster_runs "$1"; then
    pid=$(cluster_pid "$1")
    # shellcheck disable=SC2046 # a list of process ids
    kill -s CONT "$pid" $(pgrep -P "$pid") 2>/dev/null || true
    CLUSTER_STOP_SECONDS=10 cluster_stop "$1" immediate 2>/dev/null ||
      kill -s KILL $(pgrep -P "$pid") "$pid" 2>/dev/null || true
  fi
  server_forget "$1"
  rm -rf "$1"
}
