# Waiting and comparing, for every suite. Sourced.
#
#   wait_until TRIES COMMAND…    tries ten times a second until the command succeeds; fails after TRIES
#   is EXPECTED COMMAND…         whether the command prints just that: for wait_until
#   at_least NUMBER COMMAND…     whether it prints a number that is no less
#   gone PID                     whether the process has ended
#   equal ACTUAL EXPECTED        fails unless both are the same, and shows them (and what show() shows, where the suite has it)
#   has TEXT PART, has_not TEXT PART
#   transactions                 how many the suite's database (its sql) has committed; each backend tells its own at its leisure
#   has_sanitizer PROGRAM        whether it was built with one: it takes other memory then, and no other library may be loaded first

# shellcheck source=tests/support/server.bash
source "${BASH_SOURCE[0]%/*}/server.bash"

wait_until() {
  local tries=$1 try
  shift
  for ((try = 1; try <= tries; ++try)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  echo "gave up after $((tries / 10)) seconds: $*" >&2
  return 1
}

is() {
  local want=$1
  shift
  [ "$("$@")" = "$want" ]
}

at_least() {
  local least=$1
  shift
  [ "$("$@")" -ge "$least" ]
}

transactions() { sql "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"; }

gone() { ! server_lives "$1"; }

equal() {
  [ "$1" = "$2" ] || {
    printf 'expected: %s\nactual:   %s\n' "$2" "$1" >&2
    if declare -F show >/dev/null; then show >&2; fi
    return 1
  }
}

has() {
  case $1 in *"$2"*) ;; *)
    printf 'expected to find: %s\nin: %s\n' "$2" "$1" >&2
    return 1
    ;;
  esac
}

has_not() {
  case $1 in *"$2"*)
    printf 'expected not to find: %s\nin: %s\n' "$2" "$1" >&2
    return 1
    ;;
  esac
}

has_sanitizer() { grep -qaE '__(asan|tsan)_init' "$1"; }
