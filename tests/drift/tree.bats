#!/usr/bin/env bats
# Nothing lies around in the tree.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

@test "every SQL statement is embedded" {
  find tools lib -name '*.sql' -not -path 'lib/schema/*/*' >"$BATS_TEST_TMPDIR/statements"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/statements")" -gt 10 ]
  while read -r file; do
    case $file in
      tools/*) list=${file%/*}/CMakeLists.txt name=${file##*/} ;;
      *) list=lib/CMakeLists.txt name=${file#lib/} ;;
    esac
    tr -s ' ()\n' '\n' <"$list" | grep -qxF "$name" || echo "$file is not embedded; repair: add $name to $list, or remove the file"
  done <"$BATS_TEST_TMPDIR/statements" | none
}

@test "every change of the schema has its three files, and they are all of a change" {
  changes=$(grep -oE '^[a-z_]+ ' lib/schema/sqitch.plan)
  [ -n "$changes" ]
  {
    for change in $changes; do
      for step in deploy revert verify; do
        [ -e "lib/schema/$step/$change.sql" ] || echo "lib/schema/$step/$change.sql is missing; repair: write it"
      done
    done
    for file in lib/schema/*/*.sql; do
      grep -qE "^$(basename "$file" .sql) " lib/schema/sqitch.plan || echo "$file is of no change; repair: sqitch add, or remove the file"
    done
  } | none
}

@test "nothing is left to be done later" {
  # Spelt so that this file does not find itself.
  tree | tr '\n' '\0' | xargs -0 grep -nIwE 'TO[D]O|FIX[M]E|X[X]X' | sed 's/$/; repair: do it, or open an issue/' | none
}
