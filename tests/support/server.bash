# What the servers of this folder share: who runs them, what they inherit, where they live and how they end.
# Sourced by cluster.bash, pgbouncer.bash and nginx.bash.

# A server that nobody stops, because its test was killed, ends by itself after so many seconds.
SUPPORT_MAX_SECONDS=${SUPPORT_MAX_SECONDS:-3600}

_server_say() {
  echo "$*" >&2
  return 1
}

# PostgreSQL and PgBouncer refuse to run as root.
server_user() {
  if [ "$EUID" -ne 0 ]; then
    id -un
  elif id -u postgres >/dev/null 2>&1; then
    echo postgres
  else
    echo nobody
  fi
}

# server_bare COMMAND…: with nothing of the caller's but stdout and stderr. A variable (PGHOST, PGOPTIONS) would change
# what is tested; a descriptor that a server keeps open (Bats has one as 3, a pipe of $(…) is another) makes its reader wait.
server_bare() {
  (
    cd / || exit
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi
    done
    exec env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@" </dev/null
  )
}

# server_run COMMAND…: the same, as server_user.
server_run() {
  local user
  if [ "$EUID" -ne 0 ]; then
    server_bare "$@"
  else
    user=$(server_user)
    server_bare setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
  fi
}

# server_home DIR: makes DIR, and apart from it a folder that belongs to server_user; prints the path of the latter, which
# DIR/socket keeps. Apart, because the path of a Unix socket has 107 bytes at most, and DIR may be closed to that user.
server_home() {
  local home
  mkdir -p "$1" || return
  home=$(cat "$1/socket" 2>/dev/null) || home=
  if [ ! -d "$home" ]; then
    home=$(mktemp -d /tmp/zaXXXXXX) || return
    chmod 711 "$home"
    if [ "$EUID" -eq 0 ]; then chown "$(server_user):" "$home"; fi
    echo "$home" >"$1/socket"
  fi
  echo "$home"
}

# server_forget DIR: removes what server_home made.
server_forget() {
  local home
  home=$(cat "$1/socket" 2>/dev/null) || return 0
  case $home in /tmp/za??????) rm -rf "$home" ;; esac
  rm -f "$1/socket"
}

# A port of 127.0.0.1 that nobody listens on, below those that the kernel gives to clients: a client of another test
# cannot take it while a server restarts. Another server can take it first, so whoever binds it tries again.
server_free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + SRANDOM % 12000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
  done
  _server_say "server_free_port: none found"
}

# server_lives PID: a zombie does not.
server_lives() {
  local stat
  read -r stat 2>/dev/null <"/proc/$1/stat" && [[ ${stat##*) } != Z* ]]
}

# server_runs PID TEXT: the process lives and TEXT is in its command line, so that a number which the kernel gave to
# somebody else is never taken for ours.
server_runs() {
  [ -n "$1" ] && server_lives "$1" && tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF -- "$2"
}

# server_stop PID TEXT SIGNAL: returns when it is gone; after ten seconds it is killed.
server_stop() {
  server_runs "$1" "$2" || return 0
  kill -s "$3" "$1" 2>/dev/null || true
  for _ in {1..200}; do
    server_runs "$1" "$2" || return 0
    sleep 0.05
  done
  kill -s KILL "$1" 2>/dev/null || true
}

# server_lifetime PID SIGNAL: sends the signal when SUPPORT_MAX_SECONDS are over; ends with the process.
server_lifetime() {
  # A process that is stopped takes a signal only when it continues.
  # shellcheck disable=SC2016 # the inner shell expands them
  server_bare setsid -f sh -c 'timeout "$3" tail -s 1 --pid="$1" -f /dev/null; [ $? -ne 124 ] || { kill -s "$2" "$1"; kill -s CONT "$1"; }' \
    server_lifetime "$1" "$2" "$SUPPORT_MAX_SECONDS" >/dev/null 2>&1
}

# server_encode TEXT: percent-encoded, for a part of a URI.
server_encode() {
  local LC_ALL=C text=$1 out='' char i
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in
      [a-zA-Z0-9._~-]) out+=$char ;;
      *) printf -v char '%%%02X' "'$char" && out+=$char ;;
    esac
  done
  printf '%s\n' "$out"
}
