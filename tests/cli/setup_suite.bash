# For the whole run: one cluster with the schema in templates, certificates, and a folder for all that any tool printed.
# At the end that folder is searched for the canary, which is in every payload, secret, header value, query string and
# user info that the tests use. Only what --payload prints may have it.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/cli/common.bash
source "$here/common.bash"

setup_suite() {
  export CLI_SUITE=$BATS_SUITE_TMPDIR
  mkdir -p "$CLI_SUITE/printed" "$CLI_SUITE/payload"
  "$support/certs.sh" "$CLI_SUITE/certs"
  cluster_init "$CLI_SUITE/cluster"
  cluster_start "$CLI_SUITE/cluster"
  cluster_psql "$CLI_SUITE/cluster" -d postgres -c 'CREATE DATABASE plain' -c 'CREATE DATABASE ops'
  deploy --to @HEAD^
  cluster_psql "$CLI_SUITE/cluster" -d postgres -c 'CREATE DATABASE behind TEMPLATE ops'
  deploy
}

deploy() {
  (cd "$repository/lib/schema" && sqitch deploy "$@" "$(cluster_sqitch_url "$CLI_SUITE/cluster" ops)") >"$CLI_SUITE/sqitch.log" 2>&1 || {
    tail -n 5 "$CLI_SUITE/sqitch.log" >&2
    return 1
  }
}

teardown_suite() {
  local found=0
  if grep -rnaFi -e "$canary" "$CLI_SUITE/printed" >"$CLI_SUITE/leaks"; then
    found=1
    echo "a payload, secret, header value, query string or user info was printed (file:line: what):"
    cut -c "$((${#CLI_SUITE} + 10))-" "$CLI_SUITE/leaks"
  fi
  cluster_destroy "$CLI_SUITE/cluster"
  return "$found"
}
