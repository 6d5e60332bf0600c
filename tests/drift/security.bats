#!/usr/bin/env bats
# Every test that SECURITY.md relies on is there.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

@test "every threat of SECURITY.md names a test that exists" {
  grep -E '^\| .* \|$' SECURITY.md | grep -F 'tests/' >"$BATS_TEST_TMPDIR/threats"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/threats")" -gt 20 ]
  # shellcheck disable=SC2016 # backticks of Markdown
  while read -r line; do
    file=$(grep -oE '`tests/[^`]+`' <<<"$line" | tail -n 1 | tr -d '`')
    name=$(sed -nE 's/.*: \*([^*]+)\* \|$/\1/p' <<<"$line")
    [ -f "$file" ] && grep -qF -- "$name" "$file" || echo "SECURITY.md: $file has no test \"$name\"; repair: name the one that shows it"
  done <"$BATS_TEST_TMPDIR/threats" | none
}
