# PgBouncer in transaction pooling mode before a cluster of cluster.bash. Sourced.
#
#   pgbouncer_start DIR CLUSTER [SETTING=VALUE…]
#                                        CLUSTER is the DIR of a cluster; settings go into [pgbouncer], for example
#                                        default_pool_size=1. Where it runs already, it stays as it is
#   pgbouncer_url DIR DATABASE           prints a libpq URI; DATABASE pgbouncer is its console
#   pgbouncer_stop DIR                   at once, and clears away what it left
#
# Roles are those of the cluster: each client is logged in as who it says it is. Five server connections for each
# role and database. DIR holds socket (the path of the folder with the socket), pgbouncer.ini and log (links).

# shellcheck source=tests/support/server.bash
source "${BASH_SOURCE[0]%/*}/server.bash"

_pgbouncer_pid() { cat "$(cat "$1/socket" 2>/dev/null)/pid" 2>/dev/null; }

pgbouncer_start() {
  local dir=$1 cluster=$2 home
  shift 2
  [ -s "$cluster/socket" ] || _server_say "pgbouncer_start: $cluster: there is no cluster" || return
  home=$(server_home "$dir") || return
  if server_runs "$(_pgbouncer_pid "$dir")" "$home"; then return 0; fi
  rm -f "$home/pid"
  ln -sfn "$home/pgbouncer.ini" "$dir/pgbouncer.ini"
  ln -sfn "$home/log" "$dir/log"
  echo '"postgres" ""' >"$home/users"
  cat >"$home/pgbouncer.ini" <<INI
[databases]
* = host=$(cat "$cluster/socket") port=$(cat "$cluster/port") auth_user=postgres
[pgbouncer]
unix_socket_dir = $home
listen_port = 6432
logfile = $home/log
pidfile = $home/pid
auth_type = trust
auth_file = $home/users
auth_query = SELECT rolname, '' FROM pg_roles WHERE rolname = \$1
admin_users = postgres
pool_mode = transaction
default_pool_size = 5
max_client_conn = 500
; A test that restarts PostgreSQL need not wait the usual 15 seconds.
server_login_retry = 1
$(printf '%s\n' "$@")
INI
  chmod 644 "$home/users" "$home/pgbouncer.ini"
  if server_run /usr/sbin/pgbouncer -q -d "$home/pgbouncer.ini" >/dev/null 2>"$dir/errors"; then
    # Its first process is gone before the one that stays has written its number.
    for _ in {1..100}; do
      if [ -S "$home/.s.PGSQL.6432" ] && server_runs "$(_pgbouncer_pid "$dir")" "$home"; then
        server_lifetime "$(_pgbouncer_pid "$dir")" TERM
        return 0
      fi
      sleep 0.05
    done
  fi
  _server_say "pgbouncer_start: $dir: $(cat "$dir/errors" "$home/log" 2>/dev/null | grep -m1 -E 'ERROR|FATAL')"
}

pgbouncer_url() { printf 'postgresql://postgres@/%s?host=%s&port=6432\n' "$(server_encode "$2")" "$(cat "$1/socket")"; }

pgbouncer_stop() {
  server_stop "$(_pgbouncer_pid "$1")" "$(cat "$1/socket" 2>/dev/null)" TERM
  server_forget "$1"
}
