#!/usr/bin/env bats
# Full speed with a fault every few seconds. SOAK_SECONDS=3600 makes it a long night.

bats_require_minimum_version 1.5.0
repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

@test "a minute of full speed with kills, sleeps, crashes of PostgreSQL and restarts of the receiver: nothing lost, dead or stuck" {
  "$repository/bench/soak" --seconds "${SOAK_SECONDS:-60}" --build "${OPS_BUILD:-build}" >"$BATS_TEST_TMPDIR/said" 2>"$BATS_TEST_TMPDIR/complaints" || {
    cat "$BATS_TEST_TMPDIR/said" "$BATS_TEST_TMPDIR/complaints"
    return 1
  }
  sed 's/^/# soak: /' "$BATS_TEST_TMPDIR/said" >&3
}
