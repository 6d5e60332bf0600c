# Throw-away PostgreSQL clusters. Sourced.
#
#   cluster_init DIR                     initdb; nothing of another cluster is touched
#   cluster_start DIR [OPTION…]          options for postgres, for example -c work_mem=8MB
#   cluster_stop DIR [fast|immediate]
#   cluster_restart DIR [fast|immediate]
#   cluster_url DIR DATABASE             prints a libpq URI
#   cluster_sqitch_url DIR DATABASE      prints the same for sqitch
#   cluster_psql DIR ARGUMENT…           psql as the superuser
#   cluster_pid DIR                      process id of the postmaster
#   cluster_standby PRIMARY STANDBY      makes and starts a streaming standby; CLUSTER_SYNC=1: synchronous
#   cluster_promote DIR
#   cluster_destroy DIR                  stops at once and removes everything
#
# DIR holds data, log, socket (the path of the socket folder) and port. CLUSTER_TCP=1 at init: listens
# on 127.0.0.1 too, and cluster_url names that. CLUSTER_FSYNC=1: as durable as in production.
# PostgreSQL refuses to run as root: then the system user postgres runs it.

cluster_bin=$(find /usr/lib/postgresql/*/bin -maxdepth 0 | sort -V | tail -n 1)

_cluster_as() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
  else
    "$@"
  fi
}

# A port that nobody listens on: asked of the kernel by binding port 0.
_cluster_free_port() {
  node -e 'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });'
}

cluster_init() {
  local dir=$1
  mkdir -p "$dir"
  # The path of a Unix socket may have 107 bytes, and a test's folder is soon longer than that.
  mktemp -d /tmp/zaXXXXXX >"$dir/socket"
  echo 5432 >"$dir/port"
  [ "${CLUSTER_TCP:-0}" = 0 ] || _cluster_free_port >"$dir/port"
  mkdir -m 700 "$dir/data"
  if [ "$(id -u)" -eq 0 ]; then chown postgres: "$dir" "$dir/data" "$(cat "$dir/socket")"; fi
  chmod 711 "$(cat "$dir/socket")"
  [ "${CLUSTER_EMPTY:-0}" = 0 ] || return 0
  _cluster_as "$cluster_bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
    { tail -n 5 "$dir/initdb.log" >&2; return 1; }
}

cluster_start() {
  local dir=$1 options
  shift
  options="-k $(cat "$dir/socket") -p $(cat "$dir/port") -c max_connections=200 -c shared_buffers=128MB -c wal_level=replica"
  if [ "${CLUSTER_TCP:-0}" = 0 ]; then options="$options -c listen_addresses=''"; else options="$options -c listen_addresses=127.0.0.1"; fi
  [ "${CLUSTER_FSYNC:-0}" = 1 ] || options="$options -c fsync=off"
  _cluster_as "$cluster_bin/pg_ctl" -D "$dir/data" -l "$dir/data/log" -w -t 60 -o "$options $*" start >/dev/null ||
    { tail -n 5 "$dir/data/log" >&2; return 1; }
}

cluster_stop() { _cluster_as "$cluster_bin/pg_ctl" -D "$1/data" -m "${2:-fast}" -w stop >/dev/null; }

cluster_restart() {
  cluster_stop "$1" "${2:-fast}"
  cluster_start "$1"
}

cluster_url() {
  if [ "${CLUSTER_TCP:-0}" = 0 ]; then
    printf 'postgresql://postgres@/%s?host=%s&port=%s\n' "$2" "$(cat "$1/socket")" "$(cat "$1/port")"
  else
    printf 'postgresql://postgres@127.0.0.1:%s/%s\n' "$(cat "$1/port")" "$2"
  fi
}

cluster_sqitch_url() { printf 'db:pg://postgres@/%s?host=%s&port=%s\n' "$2" "$(cat "$1/socket")" "$(cat "$1/port")"; }

cluster_psql() {
  local dir=$1
  shift
  "$cluster_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$(cat "$dir/socket")" -p "$(cat "$dir/port")" -U postgres "$@"
}

cluster_pid() { head -n 1 "$1/data/postmaster.pid"; }

cluster_standby() {
  local primary=$1 standby=$2
  CLUSTER_EMPTY=1 cluster_init "$standby"
  _cluster_as "$cluster_bin/pg_basebackup" -D "$standby/data" -h "$(cat "$primary/socket")" -p "$(cat "$primary/port")" -U postgres \
    -R -X stream -c fast
  if [ "${CLUSTER_SYNC:-0}" = 1 ]; then
    echo "primary_conninfo = 'host=$(cat "$primary/socket") port=$(cat "$primary/port") user=postgres application_name=standby'" |
      _cluster_as tee -a "$standby/data/postgresql.auto.conf" >/dev/null
  fi
  cluster_start "$standby"
  if [ "${CLUSTER_SYNC:-0}" = 1 ]; then
    cluster_psql "$primary" -c "ALTER SYSTEM SET synchronous_standby_names = 'standby'" -c "SELECT pg_reload_conf()" >/dev/null
  fi
}

cluster_promote() { _cluster_as "$cluster_bin/pg_ctl" -D "$1/data" -w promote >/dev/null; }

cluster_destroy() {
  [ ! -e "$1/data/postmaster.pid" ] || cluster_stop "$1" immediate || true
  rm -rf "$(cat "$1/socket" 2>/dev/null || echo /nonexistent)" "$1"
}
