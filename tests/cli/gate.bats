#!/usr/bin/env bats
# The steps of scripts/gate are red when what they look at is bad.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

# The whole schema, there and back: that takes its time on a machine that is busy.
BATS_TEST_TIMEOUT=400

setup() { dir=$BATS_TEST_TMPDIR; }
teardown() { :; }

# A repository with one commit of a file with this line.
committed() { # LINE
  git init -q "$dir/repository"
  printf '%s\n' "$1" >"$dir/repository/file"
  git -C "$dir/repository" add file
  git -C "$dir/repository" -c user.name=t -c user.email=t@example.org commit -qm "Add a file"
}

# Made up here, so that this file holds none.
made_up() { printf 'whsec_%s' "$(printf 'A1b2%.0s' {1..10})"; }

@test "secret-scan: a secret in the tree is found, and not shown" {
  committed "nothing"
  made_up >"$dir/repository/new file"
  run "$repository/scripts/secret-scan" "$dir/repository"
  equal "$status" 1
  has "$output" "the tree: new file"
  has_not "$output" whsec_
}

@test "secret-scan: a secret that was removed is still in the history" {
  committed "secret = $(made_up)"
  git -C "$dir/repository" rm -q file
  git -C "$dir/repository" -c user.name=t -c user.email=t@example.org commit -qm "Remove it"
  run "$repository/scripts/secret-scan" "$dir/repository"
  equal "$status" 1
  has "$output" ": file"
  has_not "$output" "the tree"
}

@test "secret-scan: each kind is found" {
  local kind
  git init -q "$dir/repository"
  for kind in "-----BEGIN EC PRIVATE"" KEY-----" "AGE-SECRET""-KEY-1$(printf 'Q%.0s' {1..58})" "ghp""_$(printf 'a%.0s' {1..36})" "xoxb""-123456789012-123456789012" \
    "AKIA""IOSFODNN7EXAMPLE" "postgresql://app:""correcthorse@db.example.org/app"; do
    printf '%s\n' "$kind" >"$dir/repository/file"
    run "$repository/scripts/secret-scan" "$dir/repository"
    [ "$status" -eq 1 ] || {
      echo "not found: $kind"
      return 1
    }
  done
}

@test "secret-scan: what stands for a secret is none" {
  committed "postgresql://postgres:\$PASSWORD@db.example.org/app whsec_… whsec_\${canary} postgresql://shop@pg1,pg2/app"
  "$repository/scripts/secret-scan" "$dir/repository"
}

@test "secret-scan: this project holds none" {
  [ -e "$repository/.git" ] || skip "there is no history here"
  "$repository/scripts/secret-scan"
}

@test "smoke: a publisher that delivers nothing is red" {
  mkdir -p "$dir/build/tools/outbox-publish"
  ln -s "$build/tools/outbox-add" "$dir/build/tools/outbox-add"
  printf '#!/bin/sh\nexit 0\n' >"$dir/build/tools/outbox-publish/outbox-publish"
  chmod +x "$dir/build/tools/outbox-publish/outbox-publish"
  run "$repository/scripts/smoke" "$dir/build" stdout
  [ "$status" -ne 0 ]
  has "$output" "expected: 100"
}

@test "roundtrip: a revert that leaves something is red, and the evidence says so" {
  cp -r "$repository/lib/schema" "$dir/schema"
  sed -i '/^COMMIT/i CREATE TABLE public.left_behind (n integer);' "$dir/schema/revert/adopt.sql"
  ROUNDTRIP=fresh OPS_SCHEMA=$dir/schema ARTIFACTS=$dir/artifacts run "$repository/scripts/gate" roundtrip
  equal "$status" 1
  has "$output" "what is reverted is not what was there: fresh"
  equal "$(jq -r '.kind + " " + .state' "$dir/artifacts/roundtrip.json")" "roundtrip failed"
}

@test "roundtrip: the schema comes back as it was, and the evidence says so, of which revision and when" {
  ROUNDTRIP=models ARTIFACTS=$dir/artifacts "$repository/scripts/gate" roundtrip
  equal "$(jq -r '.state' "$dir/artifacts/roundtrip.json")" passed
  has "$(jq -r .revision "$dir/artifacts/roundtrip.json")" "$(git -C "$repository" rev-parse HEAD)"
  [ "$(jq -r '.finished_at | fromdate' "$dir/artifacts/roundtrip.json")" -le "$(date +%s)" ]
}

@test "gate: an unknown step is refused before any other runs" {
  ARTIFACTS=$dir/artifacts run "$repository/scripts/gate" roundtrip frobnicate
  equal "$status" 1
  has "$output" "unknown step frobnicate"
  [ ! -e "$dir/artifacts/roundtrip.json" ]
}
