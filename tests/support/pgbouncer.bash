# PgBouncer in transaction pooling mode before a cluster. Sourced, after cluster.bash.
#
#   pgbouncer_start DIR CLUSTER          DIR holds its configuration, log and socket path
#   pgbouncer_url DIR DATABASE
#   pgbouncer_stop DIR

pgbouncer_start() {
  local dir=$1 cluster=$2
  mkdir -p "$dir"
  mktemp -d /tmp/zaXXXXXX >"$dir/socket"
  cat >"$dir/pgbouncer.ini" <<INI
[databases]
* = host=$(cat "$cluster/socket") port=$(cat "$cluster/port") user=postgres
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $(cat "$dir/socket")
auth_type = any
pool_mode = transaction
default_pool_size = 5
logfile = $dir/log
pidfile = $dir/pid
INI
  if [ "$(id -u)" -eq 0 ]; then chown -R postgres: "$dir" "$(cat "$dir/socket")"; fi
  _cluster_as /usr/sbin/pgbouncer -q -d "$dir/pgbouncer.ini"
  local try
  for try in $(seq 100); do
    [ ! -S "$(cat "$dir/socket")/.s.PGSQL.6432" ] || return 0
    sleep 0.1
  done
  echo "pgbouncer did not start within $((try / 10)) seconds, see $dir/log" >&2
  return 1
}

pgbouncer_url() { printf 'postgresql://postgres@/%s?host=%s&port=6432\n' "$2" "$(cat "$1/socket")"; }

pgbouncer_stop() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 0
  kill "$pid" 2>/dev/null || true
  rm -rf "$(cat "$1/socket")"
}
