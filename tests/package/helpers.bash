repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
cd "$repository" || exit 1
# shellcheck source=tests/support/checks.bash
source "$repository/tests/support/checks.bash"

build=${OPS_BUILD:-build}
case $build in /*) ;; *) build=$repository/$build ;; esac

# Packs what is built, and says where: once for a file of tests.
pack() {
  mkdir "$BATS_FILE_TMPDIR/packed"
  (cd "$build" && cpack -B "$BATS_FILE_TMPDIR/packed") >"$BATS_FILE_TMPDIR/cpack.log" 2>&1 || {
    tail -n 20 "$BATS_FILE_TMPDIR/cpack.log"
    return 1
  }
  package=$(echo "$BATS_FILE_TMPDIR"/packed/*.deb)
  export package
}

# shellcheck source=tests/support/tools.bash
source "$repository/tests/support/tools.bash"
