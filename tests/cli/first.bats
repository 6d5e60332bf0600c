#!/usr/bin/env bats
# What every tool promises. A new tool is found by its folder; where the row that it gets in call() does not do, it gets one of its own.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"
# shellcheck source=tests/support/tools.bash
source "$repository/tests/support/tools.bash"

# Sets what a call of a tool needs when nothing is wrong: settings, args, input (a file), named (settings that it must have),
# shown (a word of its text); and what it is when PostgreSQL is down: down_exits, down_outcome.
call() {
  tool=$1
  args=()
  shown=summary
  down_exits=(1 3 70)
  down_outcome=runtime_error
  input=/dev/null
  named=(DATABASE_URL DATABASE_CONNECT_TIMEOUT_MS DATABASE_STATEMENT_TIMEOUT_MS LOG_LEVEL)
  settings=("DATABASE_URL=$database_url")
  case $tool in
    inbox-add)
      args=(--tenant "$tenant" --mime json -)
      input=$dir/document
      payload 1 >"$input"
      settings+=("STORAGE_BASE_URI=file://$dir/inbox")
      named+=(STORAGE_BASE_URI PARSER_MAX_BYTES MIME_ALLOWLIST)
      ;;
    inbox-work)
      settings+=("RUN_DIR=$dir/run" "STORAGE_BASE_URI=file://$dir/inbox")
      named+=(DATABASE_LISTEN_URL INSTANCE RUN_DIR LEASE_SECONDS SHUTDOWN_GRACE_MS TENANT_ALLOWLIST TENANT_ALLOWLIST_PATH WORKER_BATCH_SIZE
        WORKER_POLL_INTERVAL_MS WORKER_JOBS PARSER_MAX_BYTES PARSER_CHUNK_THRESHOLD_BYTES PARSER_RETRY_MAX PARSER_BACKOFF_STEPS PARSER_TIMEOUT_MS
        PARSER_MEMORY_BYTES MIME_ALLOWLIST STORAGE_BASE_URI)
      ;;
    alert-check)
      watches
      named+=(ALERT_RULES_FILE OPS_TOKEN PUBLISH_TYPES PUBLISH_EXCLUDE_TYPES)
      ;;
    heartbeat-watch)
      watches
      args=(--fleet)
      named+=(RUN_DIR)
      # A runner that beats, where there is a table for it.
      sql "INSERT INTO zero_admin.runner_heartbeats (id, name, host, pid, state) VALUES (gen_random_uuid(), 'publisher', 'here', 1, 'running')" 2>/dev/null || true
      ;;
    ops-metrics)
      named+=(PUBLISH_TYPES PUBLISH_EXCLUDE_TYPES)
      shown=dlq_size
      ;;
    outbox-add)
      args=(--tenant "$tenant" --type Demo)
      input=$dir/lines
      payload 1 >"$input"
      named+=(OUTBOX_MAX_PAYLOAD_BYTES)
      ;;
    dlq-replay)
      args=(list --all-tenants)
      named+=(OPS_TOKEN ADMIN_TOKENS AUDIT_HMAC_KEY AUDIT_HMAC_KEY_PREVIOUS)
      ;;
    health-probe)
      args=(all)
      named+=(WEBHOOK_URL WEBHOOK_DOMAIN_ALLOWLIST WEBHOOK_ALLOW_PRIVATE WEBHOOK_CA_FILE)
      ;;
    ops-serve)
      args=(--max-seconds 1)
      settings+=(OPS_LISTEN=127.0.0.1:0)
      named+=(OPS_LISTEN ADMIN_TOKENS PUBLISH_TYPES PUBLISH_EXCLUDE_TYPES)
      ;;
    outbox-prune) named+=(OUTBOX_RETENTION_DAYS DLQ_RETENTION_DAYS AUDIT_RETENTION_DAYS) ;;
    outbox-publish)
      settings+=(PUBLISH_TRANSPORT=stdout "RUN_DIR=$dir/run")
      named+=(DATABASE_LISTEN_URL INSTANCE PUBLISH_TRANSPORT PUBLISH_BATCH_SIZE PUBLISH_POLL_INTERVAL_MS PUBLISH_CONCURRENCY PUBLISH_RETRY_MAX
        PUBLISH_BACKOFF_STEPS PUBLISH_BREAKER_FAILURES PUBLISH_BREAKER_PROBE_MS PUBLISH_TYPES PUBLISH_EXCLUDE_TYPES WEBHOOK_URL WEBHOOK_TIMEOUT_MS
        WEBHOOK_SUCCESS_CODES WEBHOOK_PERMANENT_CODES WEBHOOK_HEADERS_ALLOWLIST WEBHOOK_DOMAIN_ALLOWLIST WEBHOOK_ALLOW_PRIVATE WEBHOOK_CA_FILE
        WEBHOOK_CE_SOURCE WEBHOOK_SECRET WEBHOOK_SECRET_PREVIOUS TENANT_ALLOWLIST TENANT_ALLOWLIST_PATH LEASE_SECONDS SHUTDOWN_GRACE_MS RUN_DIR)
      ;;
  esac
}

# What cannot be determined is unknown, not an error of theirs.
watches() {
  mkdir -p "$dir/state"
  settings+=("STATE_DIR=$dir/state")
  named+=(STATE_DIR INSTANCE)
  down_exits=(1 3 69)
  down_outcome=unknown
}

# The exit that the last call told on standard output: 0 by its one object where a tool prints no summary.
told_exit() {
  if [ "$tool" = ops-metrics ] && jq -e 'has("dlq_size")' "$out" >/dev/null 2>&1; then echo 0; else summary exit; fi
}

# Without inbox-extract, which has neither a database nor a summary: inbox-extract.bats has these cases.
database_tools() { tools | grep -vx inbox-extract; }

# each CASE…: for every tool.
each() {
  local one
  for one in $(database_tools); do
    echo "=== $one"
    call "$one"
    "$@"
  done
}

# A tool that measures tells the state of a database, where others tell an error.
measures() { case $1 in health-probe | ops-serve) ;; *) return 1 ;; esac }

# The same for those that need the database for their work.
each_worker() {
  local one
  for one in $(database_tools); do
    if measures "$one"; then continue; fi
    echo "=== $one"
    call "$one"
    "$@"
  done
}

# expects CODE [ARG…]: as expect, with the input and arguments of the tool.
expects() {
  local code=$1
  shift
  expect "$code" "$tool" "${args[@]}" "$@" <"$input"
}

# Replaces or adds settings.
set_to() {
  local pair one kept=()
  for pair in "$@"; do
    kept=()
    for one in "${settings[@]}"; do [ "${one%%=*}" = "${pair%%=*}" ] || kept+=("$one"); done
    settings=("${kept[@]}" "$pair")
  done
}

unset_settings() { settings=(NOTHING=); }

# fails SIMPLE PLUGIN SYSEXITS [ARG…]: in every view and format; what is told is the same in each.
fails() {
  local codes=("$1" "$2" "$3") view=0 name format told first=
  shift 3
  for name in simple plugin sysexits; do
    for format in jsonl text; do
      expects "${codes[view]}" --exit-codes "$name" --format "$format" "$@"
      if [ "$format" = jsonl ]; then
        equal "$(summary exit)" "${codes[view]}"
        told=$(said error)
        [ -n "$told" ]
        equal "$told" "${first:=$told}"
      else
        has "$stderr" 'hint: '
      fi
    done
    view=$((view + 1))
  done
}

down="postgresql://postgres:$canary@/app?host=/nonexistent&application_name=$canary"

# ---- help and version

help_case() {
  local name
  unset_settings
  expect 0 "$tool" --help
  for name in "${named[@]}"; do has "$output" "  $name="; done
  for name in --format --exit-codes --check-config --help --version; do has "$output" "$name"; done
  equal "$stderr" ''
  expect 0 "$tool" -h
  expect 3 "$tool" --help --exit-codes plugin
  expect 0 "$tool" --help --exit-codes sysexits
  set_to DATABASE_CONNECT_TIMEOUT_MS=x
  expect 0 "$tool" --help
}
@test "--help names every setting, needs none of them, and exits 0 (3 in the plugin view)" { each help_case; }

help_complete_case() {
  local name
  expects 0 --check-config
  jq -r 'keys_unsorted[]' "$out" >"$dir/settings"
  [ -s "$dir/settings" ]
  expect 0 "$tool" --help
  while read -r name; do has "$output" "  $name="; done <"$dir/settings"
}
@test "--help names every setting that --check-config shows" { each help_complete_case; }

version_case() {
  unset_settings
  expect 0 "$tool" --version
  [[ $output =~ ^$tool\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  equal "$stderr" ''
  expect 3 "$tool" --version --exit-codes plugin
  expect 0 "$tool" -V --exit-codes sysexits
}
@test "--version prints name and version on one line and exits 0 (3 in the plugin view)" { each version_case; }

# ---- usage

unknown_flag_case() {
  fails 1 3 64 --no-such-flag
  has "$stderr" no-such-flag
  expects 1 --no-such-flag
  one_error "--no-such-flag"
  equal "$(summary state)" unknown
}
@test "an unknown flag is named in one line; exit 1, 3, 64" { each unknown_flag_case; }

bad_flag_case() {
  expects 1 --format yaml
  one_error "auto, jsonl, text"
  expects 1 --exit-codes nagios
  has "$(said error)" "simple, plugin, sysexits"
  expects 1 --format
  one_error
  expects 1 leftover
  one_error
}
@test "a flag with a wrong value, one without a value, and an argument too many are named" { each bad_flag_case; }

# ---- settings

missing_case() {
  unset_settings
  fails 1 3 78
  has "$stderr" DATABASE_URL
  settings=(DATABASE_URL=)
  expects 1
  has "$(said error)" "DATABASE_URL is not set"
  has "$(said error)" "postgresql://"
}
@test "a missing setting is named with what is allowed; an empty one is a missing one; exit 1, 3, 78" { each missing_case; }

bad_setting_case() {
  local value
  for value in 99 60001 -1 12x '1 2' 99999999999999999999 0x10 1.5 ' 5000'; do
    set_to "DATABASE_CONNECT_TIMEOUT_MS=$value"
    expects 1
    one_error DATABASE_CONNECT_TIMEOUT_MS "allowed: 100 to 60000"
  done
  fails 1 3 78
  for value in 100 60000; do
    set_to "DATABASE_CONNECT_TIMEOUT_MS=$value"
    expects 0
  done
}
@test "a bad setting is named with its range, and the ends of the range are inside" { each bad_setting_case; }

all_bad_case() {
  set_to DATABASE_URL="$canary" DATABASE_CONNECT_TIMEOUT_MS=x DATABASE_STATEMENT_TIMEOUT_MS=0 LOG_LEVEL=loud
  expects 1
  equal "$(said error | wc -l)" 4
  local name
  for name in DATABASE_URL DATABASE_CONNECT_TIMEOUT_MS DATABASE_STATEMENT_TIMEOUT_MS LOG_LEVEL; do has "$(said error)" "$name "; done
  equal "$(said error | grep -c 'allowed: ')" 4
  equal "$(summary exit)" 1
}
@test "all bad settings are named in one run, each with what is allowed" { each all_bad_case; }

unknown_variable_case() {
  set_to DATABASE_URLL="$canary"
  expects 0
  has "$(said warning)" DATABASE_URLL
  has "$(said warning)" "did you mean DATABASE_URL?"
  call "$tool"
  set_to SOMETHING_ELSE=1 LANG=C.UTF-8
  expects 0
  has_not "$stderr" SOMETHING_ELSE
}
@test "an unknown variable with a prefix of the tool is a warning with 'did you mean'; any other is none of its business" { each unknown_variable_case; }

check_config_case() {
  set_to DATABASE_URL="$down"
  expects 0 --check-config
  equal "$(wc -l <"$out")" 1
  equal "$stderr" ''
  equal "$(jq -c '.DATABASE_URL' "$out")" '{"value":"set","source":"environment"}'
  equal "$(jq -c '.DATABASE_CONNECT_TIMEOUT_MS' "$out")" '{"value":"5000","source":"default"}'
  set_to DATABASE_CONNECT_TIMEOUT_MS=6000
  expects 0 --check-config --format text
  equal "$(jq -c '.DATABASE_CONNECT_TIMEOUT_MS' "$out")" '{"value":"6000","source":"environment"}'
  set_to DATABASE_CONNECT_TIMEOUT_MS=6
  expects 1 --check-config
}
@test "--check-config prints one object with PostgreSQL down: secrets as set or unset, and where each came from" { each check_config_case; }

secret_source_case() {
  mkdir -p "$dir/credentials"
  printf '%s\n' "$database_url" >"$dir/credentials/database_url"
  printf '%s\n' "$database_url" >"$dir/url"
  set_to DATABASE_URL="$down" DATABASE_URL_FILE="$dir/url" CREDENTIALS_DIRECTORY="$dir/credentials"
  expects 0 --check-config
  equal "$(jq -r .DATABASE_URL.source "$out")" credential
  rm "$dir/credentials/database_url"
  expects 0 --check-config
  equal "$(jq -r .DATABASE_URL.source "$out")" file
  expects 0
  rm "$dir/url"
  expects 1
  one_error "DATABASE_URL its file cannot be read"
}
@test "a secret is taken from the credential, else from the file, else from the variable; a file that cannot be read is an error" { each secret_source_case; }

# ---- PostgreSQL

down_case() {
  fails "${down_exits[@]}"
  expects 1
  one_error "cannot reach PostgreSQL"
  equal "$(summary outcome)" "$down_outcome"
}
down_socket_case() { set_to DATABASE_URL="$down"; down_case; has "$(said error)" "no socket there"; }
down_port_case() { set_to DATABASE_URL="postgresql://postgres:$canary@127.0.0.1:1/app?application_name=$canary"; down_case; has "$(said error)" "connection refused"; }
down_all_case() { set_to DATABASE_URL="postgresql://postgres:$canary@127.0.0.1:1,127.0.0.1:2/app"; down_case; }
no_database_case() {
  set_to DATABASE_URL="${database_url/$database/no_such_database}"
  down_case
  has "$(said error)" "no such database"
}
@test "PostgreSQL down (no socket): one line with a hint; exit 1, 3, 70 (69 of a watcher)" { each_worker down_socket_case; }
@test "PostgreSQL down (connection refused): one line with a hint; exit 1, 3, 70 (69 of a watcher)" { each_worker down_port_case; }
@test "PostgreSQL down on all of several hosts: one line with a hint; exit 1, 3, 70 (69 of a watcher)" { each_worker down_all_case; }
@test "no such database: one line with a hint; exit 1, 3, 70 (69 of a watcher)" { each_worker no_database_case; }

several_hosts_case() {
  set_to DATABASE_URL="postgresql://postgres:$canary@/$database?host=/nonexistent,$(cat "$cluster/socket")&port=5432,$(cat "$cluster/port")"
  expects 0
}
@test "the second of several hosts is used when the first is down" { each several_hosts_case; }

schema_case() {
  fails 1 3 78
  expects 1
  one_error
  equal "$(summary outcome)" config_error
}
behind_case() { schema_case; has "$(said error)" behind; has "$(said error)" "sqitch deploy"; }
@test "a schema that is behind is refused with the command to run; exit 1, 3, 78" {
  use_database behind
  each_worker behind_case
}
@test "a database without the schema is refused with the command to run; exit 1, 3, 78" {
  use_database plain
  each_worker behind_case
}

diverged_case() { schema_case; has "$(said error)" diverged; }
@test "a schema that has diverged is refused; exit 1, 3, 78" {
  sql "UPDATE zero_admin.schema_version SET change = 'another' WHERE change = 'inbox'"
  each_worker diverged_case
}

ahead_case() {
  expects 0
  has "$(said warning)" "newer than this program"
  has "$(said warning)" "update the program"
}
@test "a schema that is ahead is a warning, and the work is done" {
  sql "SELECT zero_admin.change_deployed('later')" >/dev/null
  each_worker ahead_case
}

role_case() {
  set_to DATABASE_URL="${database_url/postgres:/nobody_$database:}"
  expects 1 --exit-codes simple
  one_error "zero_admin_"
}
@test "a role without rights is told which group roles there are" {
  sql "CREATE ROLE nobody_$database LOGIN"
  sql "GRANT USAGE ON SCHEMA zero_admin TO nobody_$database"
  each_worker role_case
  drop_database
  cluster_psql "$cluster" -d postgres -c "DROP ROLE nobody_t$BATS_SUITE_TEST_NUMBER"
}

# ---- streams

summary_case() {
  local view
  for view in simple plugin sysexits; do
    expects 0 --exit-codes "$view"
    equal "$(told_exit)" 0
    [ "$tool" != ops-metrics ] || continue
    equal "$(summary state)" ok
    equal "$(grep -c '"type":"summary"' "$out")" 1
  done
}
@test "the last line is the one summary, with the exit of the process" { each summary_case; }

envelope_case() {
  expects 0
  [ -s "$out" ]
  [ "$tool" = ops-metrics ] || jq -e --arg tool "$tool" 'keys_unsorted[:5] == ["v", "tool", "run_id", "ts", "type"] and .v == 1 and .tool == $tool
    and (.ts | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"))' "$out" >/dev/null || { show; return 1; }
  [ "$tool" = ops-metrics ] || equal "$(jq -r .run_id "$out" | sort -u | wc -l)" 1
  expects 1 --no-such-flag
  jq -e --arg tool "$tool" 'keys_unsorted[:5] == ["v", "tool", "run_id", "ts", "type"] and .tool == $tool and .level == "error"
    and has("error") and has("detail") and has("hint")' "$err" >/dev/null || { show; return 1; }
}
@test "every line of either stream is one JSON object with the envelope" { each envelope_case; }

text_case() {
  expects 0 --format text
  has_not "$output" '{'
  has_not "$output" $'\e'
  has "$output" "$shown"
}
@test "--format text is readable text, without colours when piped" { each text_case; }

terminal_case() {
  local command
  set_to NO_COLOR=1 DATABASE_URLL=1
  compose "$tool" "${args[@]}"
  keep "$tool"
  : >"$err"
  script -qec "$(printf '%q ' "${command[@]}") <$(printf %q "$input")" /dev/null >"$out" </dev/null
  output=$(<"$out")
  has "$output" "$shown"
  has "$output" 'hint: '
  has_not "$output" '{'
  has_not "$output" $'\e'
  compose "$tool" "${args[@]}" --format jsonl
  script -qec "$(printf '%q ' "${command[@]}") <$(printf %q "$input")" /dev/null >"$out" </dev/null
  tr -d '\r' <"$out" | grep -o '{.*' >"$dir/lines"
  out=$dir/lines
  equal "$(jq -s 'map(select(.type != "log")) | length > 0' "$out")" true
}
@test "on a terminal it is readable text, without colours under NO_COLOR, and JSON lines when asked for" { each terminal_case; }

# cannot_write CODE ARG…: the call ends with CODE and a line that says why. Its stdout is file descriptor 6, or closed when that is.
cannot_write() {
  local code=$1
  shift
  keep "$tool" "$@"
  : >"$out"
  status=0
  bare "$tool" "${args[@]}" "$@" <"$input" >&6 2>"$err" || status=$?
  stderr=$(<"$err")
  equal "$status" "$code"
  has "$stderr" "standard output could not be written"
}

full_case() {
  local what
  exec 6>/dev/full
  cannot_write 1
  cannot_write 3 --exit-codes plugin
  for what in '' --help --version --check-config; do cannot_write 74 --exit-codes sysexits ${what:+"$what"}; done
}
@test "a full disk behind stdout: exit 1, 3, 74, and a line that says so" {
  enqueue 3 Demo
  each full_case
}

broken_case() {
  open_broken_pipe
  cannot_write 1
  cannot_write 74 --exit-codes sysexits
}
@test "a reader that went away: exit 1, 74, and a line that says so, not death by SIGPIPE" {
  enqueue 3 Demo
  each broken_case
}

closed_case() {
  exec 6>&-
  local code=0
  for view in simple:1 plugin:3 sysexits:74; do
    keep "$tool"
    : >"$out"
    code=0
    bare "$tool" "${args[@]}" --exit-codes "${view%:*}" <"$input" >&- 2>"$err" || code=$?
    equal "$code" "${view#*:}"
    has "$(<"$err")" "standard output could not be written"
  done
}
@test "stdout closed: exit 1, 3, 74, and a line that says so" {
  enqueue 3 Demo
  each closed_case
}

# without_stderr CODE: the exit without stderr.
without_stderr() {
  local code=0
  keep "$tool"
  bare "$tool" "${args[@]}" <"$input" >"$out" 2>&- || code=$?
  : >"$err"
  equal "$code" "$1"
  equal "$(told_exit)" "$1"
}
stderr_closed_case() {
  without_stderr 0
  set_to DATABASE_URLL=1
  without_stderr 0
  # ops-serve goes on without a database, and says so by HTTP.
  [ "$tool" != ops-serve ] || return 0
  set_to DATABASE_URL="$down"
  without_stderr 1
}
@test "stderr closed: the work is done and the exit is the same" { each stderr_closed_case; }

stdin_closed_case() {
  local code=0
  keep "$tool"
  compose "$tool" "${args[@]}"
  timeout 30 "${command[@]}" <&- >"$out" 2>"$err" || code=$?
  equal "$(told_exit)" "$code"
  case $tool in outbox-add | inbox-add) equal "$code" 1 ;; *) equal "$code" 0 ;; esac
}
@test "stdin closed: only who reads it fails" { each stdin_closed_case; }

journal_case() {
  keep "$tool"
  : >"$err"
  set_to DATABASE_URLL=1 DATABASE_URL="$down" JOURNAL_STREAM="$(stat -c %d:%i "$err")"
  bare "$tool" "${args[@]}" <"$input" >"$out" 2>"$err" || true
  equal "$(cut -c 1-4 "$err" | sort | tr '\n' ' ')" '<3>{ <4>{ '
  set_to JOURNAL_STREAM=1:1
  expects 1
  equal "$(cut -c 1 "$err" | sort -u)" '{'
}
@test "stderr has priorities in front when it is the journal, and only then" { each_worker journal_case; }

log_level_case() {
  set_to DATABASE_URLL=1 LOG_LEVEL=error
  expects 0
  equal "$stderr" ''
}
@test "LOG_LEVEL=error keeps warnings quiet" { each log_level_case; }
