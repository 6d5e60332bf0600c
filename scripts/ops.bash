# What the shell programs of the suite share with the others: JSON lines, exit codes, secrets. Sourced, not run.
#
#   begin TOOL               names the program; every line carries that name
#   result TYPE TEXT JQ…     prints a line of a type: jq's arguments make its fields, TEXT is for a terminal
#   failure OUTCOME ERROR DETAIL HINT
#                            one line on stderr, the summary, and the end
#   finish OUTCOME [JQ…]     the summary, and the end
#   secret NAME              prints a secret: the credential, the file of NAME_FILE, or NAME; fails where there is none
#   connect NAME FOLDER      has libpq read the URI in the secret NAME from a private file: never an argument, which all can read
#
# format (auto, jsonl, text) and exit_codes (simple, plugin, sysexits) may be set before the first line.

# shellcheck disable=SC2016 # dollar signs are jq's

format=auto
exit_codes=simple

begin() {
  tool=$1
  run_id=$(cat /proc/sys/kernel/random/uuid)
  # A reader that is gone is an error to report, not a signal to die of.
  trap '' PIPE
}

stamp() { date -u +%Y-%m-%dT%H:%M:%S.%3NZ; }

line_of() { # TYPE JQ…
  local filter='{}'
  if [ $# -gt 1 ]; then filter=${!#} && set -- "${@:1:$#-1}"; fi
  jq -cn --arg tool "$tool" --arg run_id "$run_id" --arg ts "$(stamp)" --arg type "$1" "${@:2}" \
    "{v: 1, tool: \$tool, run_id: \$run_id, ts: \$ts, type: \$type} + ($filter)"
}

readable() { [ "$format" = text ] || { [ "$format" = auto ] && [ -t 1 ]; }; }

result() {
  local type=$1 text=$2 line
  shift 2
  if readable; then line=$text; else line=$(line_of "$type" "$@"); fi
  printf '%s\n' "$line" 2>/dev/null || output_lost
}

output_lost() {
  complain error "standard output cannot be written" "" "look at what reads it"
  exit "$(status_of output_error)"
}

journal() {
  [ -n "${JOURNAL_STREAM:-}" ] && [ "$(stat -L -c %d:%i /proc/self/fd/2 2>/dev/null)" = "$JOURNAL_STREAM" ]
}

complain() { # LEVEL ERROR DETAIL HINT
  local prefix='' line
  if journal; then prefix='<3>'; fi
  if [ "$format" = text ] || { [ "$format" = auto ] && [ -t 2 ]; }; then
    line="$tool: $1: $2${3:+: $3}${4:+ ($4)}"
  else
    line=$(line_of log --arg level "$1" --arg error "$2" --arg detail "$3" --arg hint "$4" '{level: $level, error: $error, detail: $detail, hint: $hint}')
  fi
  printf '%s%s\n' "$prefix" "$line" >&2
}

status_of() { # OUTCOME
  case $exit_codes:$1 in
    *:ok | *:skipped) echo 0 ;;
    plugin:warning) echo 1 ;;
    plugin:critical) echo 2 ;;
    plugin:*) echo 3 ;;
    simple:*) echo 1 ;;
    sysexits:warning | sysexits:critical) echo 1 ;;
    sysexits:unknown) echo 69 ;;
    sysexits:runtime_error) echo 70 ;;
    sysexits:output_error) echo 74 ;;
    sysexits:usage_error) echo 64 ;;
    sysexits:config_error) echo 78 ;;
  esac
}

finish() { # OUTCOME [JQ…]
  local outcome=$1 state exit fields='{}'
  shift
  exit=$(status_of "$outcome")
  case $outcome in ok | skipped | warning | critical) state=$outcome ;; *) state=unknown ;; esac
  [ $# -eq 0 ] || fields=$(jq -cn "$@")
  result summary "$tool: $outcome" --arg state "$state" --arg outcome "$outcome" --argjson fields "$fields" --argjson exit "$exit" \
    '{state: $state, outcome: $outcome} + $fields + {exit: $exit}'
  exit "$exit"
}

failure() { # OUTCOME ERROR DETAIL HINT
  complain error "$2" "$3" "$4"
  finish "$1" --arg error "$2" '{error: $error}'
}

secret() {
  local name=$1 file=${CREDENTIALS_DIRECTORY:+$CREDENTIALS_DIRECTORY/${1,,}} named=${1}_FILE
  if [ -z "$file" ] || [ ! -e "$file" ]; then file=${!named:-}; fi
  if [ -n "$file" ]; then cat -- "$file"; elif [ -n "${!name:-}" ]; then printf '%s\n' "${!name}"; else return 1; fi
}

decode() {
  local text=${1//\\/\\\\}
  printf '%b' "${text//%/\\x}"
}

# A connection URI as the lines of a service file.
service_of() { # URI
  local rest=${1#postgres*://} query='' authority database user hosts='' ports='' host port pair
  [[ $1 == postgres://* || $1 == postgresql://* ]] || return 1
  case $rest in *\?*) query=${rest#*\?} rest=${rest%%\?*} ;; esac
  authority=${rest%%/*}
  case $rest in */*) database=${rest#*/} ;; *) database='' ;; esac
  case $authority in
    *@*)
      user=${authority%@*} authority=${authority##*@}
      [ -z "${user%%:*}" ] || printf 'user=%s\n' "$(decode "${user%%:*}")"
      case $user in *:*) printf 'password=%s\n' "$(decode "${user#*:}")" ;; esac
      ;;
  esac
  while [ -n "$authority" ]; do
    pair=${authority%%,*}
    case $authority in *,*) authority=${authority#*,} ;; *) authority='' ;; esac
    port=
    case $pair in
      \[*\]*) host=${pair%%]*} host=${host#[} pair=${pair##*]} port=${pair#:} ;;
      *:*) host=${pair%:*} port=${pair##*:} ;;
      *) host=$pair ;;
    esac
    hosts+=,$(decode "$host") ports+=,$port
  done
  [ -z "${hosts#,}" ] || printf 'host=%s\n' "${hosts#,}"
  [ -z "${ports//,/}" ] || printf 'port=%s\n' "${ports#,}"
  [ -z "$database" ] || printf 'dbname=%s\n' "$(decode "$database")"
  while [ -n "$query" ]; do
    pair=${query%%&*}
    case $query in *\&*) query=${query#*&} ;; *) query='' ;; esac
    printf '%s=%s\n' "${pair%%=*}" "$(decode "${pair#*=}")"
  done
}

connect() { # NAME FOLDER
  local uri
  uri=$(secret "$1") || failure config_error "$1 is not set" "" "set $1 to a libpq connection URI (postgresql://…)"
  {
    echo "[$tool]"
    service_of "$uri"
  } >"$2/service" || failure config_error "$1 is no libpq connection URI" "" "set $1 to postgresql://…"
  PGDATABASE=$(sed -n 's/^dbname=//p' "$2/service" | tail -n 1)
  export PGSERVICEFILE=$2/service PGSERVICE=$tool PGDATABASE
  export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10}
}

# What a program of PostgreSQL said went wrong, without what it quotes: names, statements, hosts.
reason_in() { # FILE
  local line
  line=$(grep -m1 -iE 'error|fatal|no ' "$1" || head -n 1 "$1") || true
  sed -E "s/\"[^\"]*\"/…/g; s/^[a-z_]+: *//; s/postgres(ql)?:\/\/[^ ]*/…/g" <<<"${line:-no message}" | cut -c 1-200
}
