# What the scripts share: progress, one-line failure, sudo where it is needed, a run of Bats. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}

say() { printf '== %s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    command -v sudo >/dev/null || die "packages are missing and sudo is not there: install them as root: $*"
    sudo "$@"
  fi
}

# Runs a command quietly; when it fails, shows the end of what it printed.
quietly() {
  local what=$1 log
  shift
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    rm -f "$log"
    die "$what failed: $*"
  fi
  rm -f "$log"
}

# run_bats BUILD_FOLDER PATH…: most tests wait more than they compute, so two files at once take little more than half the time. In the
# order of the paths, of a folder the largest files first: at the end nobody waits long for the last one.
run_bats() {
  local path files
  mapfile -t files < <(for path in "${@:2}"; do find "$path" -name '*.bats' -printf '%s %p\n' | sort -rn; done | awk '!seen[$2]++ { print $2 }')
  BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-300} OPS_BUILD=$1 bats --print-output-on-failure --jobs "$(($(nproc) < 2 ? 2 : $(nproc)))" --no-parallelize-within-files "${files[@]}"
}
