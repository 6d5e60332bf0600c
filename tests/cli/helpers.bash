# Tools are called in an empty environment, all that they print is kept, and what they print is compared.

# shellcheck disable=SC2034 # the tests use what is set here

bats_require_minimum_version 1.5.0
shopt -s lastpipe # what the last command of a pipe sets, stays set
# shellcheck source=tests/cli/common.bash
source "$BATS_TEST_DIRNAME/common.bash"
# shellcheck source=tests/support/checks.bash
source "$repository/tests/support/checks.bash"
BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}

build=${OPS_BUILD:-build}
case $build in /*) ;; *) build=$repository/$build ;; esac

tenant=11111111-1111-4111-8111-111111111111
other_tenant=22222222-2222-4222-8222-222222222222
secret=whsec_${canary}${canary}${canary}
previous_secret=whsec_${canary}${canary}Previous${canary}

# ---- a world for each test

setup() { setup_world; }
teardown() { teardown_world; }

setup_world() {
  dir=$BATS_TEST_TMPDIR
  cluster=$CLI_SUITE/cluster
  mkdir "$dir/run"
  pids=()
  calls=0
  out=
  err=
  database=
  use_database ops
}

# A database made from a template. The URL has user info and a query string with the canary.
use_database() {
  drop_database
  database=t${BATS_SUITE_TEST_NUMBER}
  cluster_psql "$cluster" -d postgres -c "CREATE DATABASE $database TEMPLATE $1 STRATEGY FILE_COPY"
  database_url=$(cluster_url "$cluster" "$database")
  database_url=${database_url/postgres@/postgres:$canary@}\&application_name=$canary
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run")
}

drop_database() {
  [ -z "$database" ] || cluster_psql "$cluster" -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)"
  database=
}

teardown_world() {
  local pid
  for pid in "${pids[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  drop_database
}

sql() { cluster_psql "$cluster" -d "$database" -At -c "$1"; }

# "dlq:1 sent:200", by status.
states() { sql "SELECT string_agg(s, ' ' ORDER BY s) FROM (SELECT status || ':' || count(*) AS s FROM zero_admin.event_outbox GROUP BY status) x"; }

# ---- calling tools

# Sets `command` to a call with nothing in the environment but `settings`.
compose() { command=(env -i PATH=/usr/local/bin:/usr/bin:/bin TZ=UTC LC_ALL=C.UTF-8 "${settings[@]}" "$build/tools/$1/$1" "${@:2}"); }

bare() {
  local command
  compose "$@"
  "${command[@]}"
}

# keep TOOL ARG…: sets `out` and `err` to new files for what a tool prints.
keep() {
  local name folder=printed
  name=${BATS_TEST_FILENAME##*/}-$BATS_TEST_NUMBER-$((++calls)).$1
  case " $* " in *" --payload "*) folder=payload ;; esac
  out=$CLI_SUITE/$folder/$name.out
  err=$CLI_SUITE/printed/$name.err
}

# expect CODE TOOL ARG…: runs it to its end and compares its exit; sets output, stderr and status, and out and err, where these are kept.
expect() {
  local want=$1
  shift
  keep "$@"
  status=0
  bare "$@" >"$out" 2>"$err" || status=$?
  { output=$(<"$out"); } 2>/dev/null # without its NULs, of which Bash warns
  stderr=$(<"$err")
  [ "$status" = "$want" ] || {
    echo "$* was to exit with $want, not $status"
    show
    return 1
  }
}

# Shows the last call in full.
show() {
  local file
  for file in "$out" "$err"; do
    [ ! -e "$file" ] || printf -- '--- %s of the last call:\n%s\n' "${file##*.}" "$(cut -c 1-2000 "$file")"
  done
}

# start NAME TOOL ARG…: in the background; its process is `pid`, $dir/NAME.out and .err are what it prints, and $dir/NAME.in, when there is one, its input.
start() {
  local name=$1 command out err input=/dev/null
  shift
  keep "$@"
  ln -sf "$out" "$dir/$name.out"
  ln -sf "$err" "$dir/$name.err"
  [ ! -e "$dir/$name.in" ] || input=$dir/$name.in
  compose "$@"
  "${command[@]}" <"$input" >"$out" 2>"$err" 3>&- &
  pid=$!
  pids+=("$pid")
}

# Waits for a process to end with CODE, for half a minute at most.
ends() { # PID CODE
  local code=0
  wait_until 300 gone "$1"
  wait "$1" || code=$?
  equal "$code" "$2"
}

# Limits the address space of what the subshell runs from here on, in KiB. Not of a program with a sanitizer, which reserves terabytes.
limit_memory() { # TOOL KIB
  has_sanitizer "$build/tools/$1/$1" || ulimit -v "$2"
}

# Opens file descriptor 6 on a pipe that nobody reads any more.
open_broken_pipe() {
  rm -f "$dir/pipe"
  mkfifo "$dir/pipe"
  # shellcheck disable=SC2094 # the first opening only lets the second one not wait
  exec 5<>"$dir/pipe" 6>"$dir/pipe" 5>&-
}

# payload N: a payload with the canary.
payload() { printf '{"n":%s,"what":"%s"}' "$1" "$canary"; }
payloads() { seq "$1" | sed "s/.*/{\"n\":&,\"what\":\"$canary\"}/"; }

# enqueue COUNT TYPE [TENANT]
enqueue() {
  local out err settings=("DATABASE_URL=$database_url")
  keep outbox-add
  payloads "$1" | bare outbox-add --tenant "${3:-$tenant}" --type "$2" >"$out" 2>"$err"
}

# strace as somebody who sees the memory of tools, which keep it from everybody but root; what is traced runs as the caller.
may_trace() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null || skip "needs root or sudo, to see what calls are given"; }
traced() { # OPTION… COMMAND…
  if [ "$(id -u)" -eq 0 ]; then strace "$@"; else sudo -n strace -u "$(id -un)" "$@"; fi
}

# ---- comparing

# Compares JSON lines on standard input with expected/NAME.jsonl; UPDATE=1 rewrites that.
matches() {
  local file=$BATS_TEST_DIRNAME/expected/$1.jsonl
  jq -c -s -f "$BATS_TEST_DIRNAME/mask.jq" >"$dir/masked"
  if [ "${UPDATE:-0}" = 1 ]; then
    mkdir -p "$(dirname "$file")"
    cat "$dir/masked" >"$file"
  fi
  cmp -s "$dir/masked" "$file" || {
    printf -- '--- expected (%s):\n' "expected/$1.jsonl"
    cat "$file"
    printf -- '--- actual:\n'
    cat "$dir/masked"
    printf -- '--- difference:\n'
    diff "$file" "$dir/masked"
    return 1
  }
}

# assert_lines TOOL/NAME: the last call's standard output.
assert_lines() { matches "$1" <"$out"; }

# Lines of the last call's stderr of a level, as "error | detail | hint".
said() { jq -R -r --arg level "$1" 'sub("^<[0-7]>"; "") | fromjson | select(.level == $level) | "\(.error) | \(.detail) | \(.hint)"' "${2:-$err}"; }

# The last call failed with one line, which has a hint, and each PART.
one_error() { # [PART…]
  local told part
  told=$(said error)
  equal "${told%%$'\n'*}" "$told"
  [ -n "${told##* | }" ] || {
    echo "an error without a hint"
    show
    return 1
  }
  for part in "$@"; do has "$told" "$part"; done
}

# A field of the last line of the last call, which is the summary.
summary() { tail -n 1 "${2:-$out}" | jq -r "if .type == \"summary\" then .$1 else \"no summary\" end"; }

# The lines of a type of the last call.
lines_of() { jq -c --arg type "$1" 'select(.type == $type)' "${2:-$out}"; }

# ---- receivers

# receiver NAME [OPTION…]: $dir/NAME.json is its script (see respond), $dir/NAME/received.jsonl what it got.
receiver() {
  local name=$1 certificate=${certificate:-server}
  shift
  node "$support/receiver.mjs" --dir "$dir/$name" --cert "$CLI_SUITE/certs/$certificate.pem" --key "$CLI_SUITE/certs/$certificate.key" \
    --script "$dir/$name.json" --max-seconds 300 "$@" >"$dir/$name.log" 2>&1 3>&- &
  pids+=($!)
  wait_until 200 test -s "$dir/$name/port"
}

# respond NAME SCRIPT
respond() {
  printf '%s\n' "$2" >"$dir/$1.new"
  mv "$dir/$1.new" "$dir/$1.json"
}

port_of() { cat "$dir/$1/port"; }
received() { cat "$dir/$1/received.jsonl" 2>/dev/null || true; }
requests() { received "$1" | wc -l; }

# Settings for delivery to a receiver; the URL has a query string with the canary.
deliver_to() { # NAME [PATH [HOST]]
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=webhook "WEBHOOK_CA_FILE=$CLI_SUITE/certs/ca.pem" WEBHOOK_ALLOW_PRIVATE=true
    "WEBHOOK_URL=https://${3:-localhost}:$(port_of "$1")${2:-/hook}?token=$canary")
}
