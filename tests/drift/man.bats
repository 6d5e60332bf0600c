#!/usr/bin/env bats
# The man pages, env.example and README.md say what the programs do.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

@test "what is generated in the man pages and in env.example is current" {
  scripts/docs --check "$build"
}

@test "every tool has a man page" {
  tools | while read -r tool; do
    [ -e "man/$tool.1" ] || echo "man/$tool.1 is missing; repair: write it, with the headings of man/outbox-add.1"
  done | none
}

@test "every tool is in README.md" {
  tools | while read -r tool; do
    grep -qwF "$tool" README.md 2>/dev/null || echo "README.md does not name $tool; repair: add it to the table of tools"
  done | none
}

@test "every man page passes mandoc's lint" {
  # Not asked for: short lines (what is generated has a sentence a line) and the pages of other packages.
  # EXIT-STATUS is German.
  for page in man/*.[1-9] man/de/*.[1-9]; do
    mandoc -Tlint -Wstyle "$page" 2>/dev/null |
      grep -v -e 'STYLE: input text line longer' -e 'STYLE: referenced manual not found' -e 'de/.*STYLE: possible typo in section name: Sh EXIT.STATUS' || true
  done | none
}

@test "the pages of the tools have the same headings in the same order" {
  # The order of mdoc(7), which mandoc checks: FILES before EXIT STATUS.
  english='NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT OUTPUT FILES EXIT STATUS EXAMPLES NOTES SEE ALSO'
  german='NAME SYNOPSIS BESCHREIBUNG OPTIONEN UMGEBUNGSVARIABLEN AUSGABE DATEIEN EXIT-STATUS BEISPIELE ANMERKUNGEN SIEHE AUCH'
  for page in man/*.1 man/de/*.1; do
    wanted=$english
    [[ $page != man/de/* ]] || wanted=$german
    found=$(sed -n 's/^\.Sh //p' "$page" | paste -sd ' ')
    [ "$found" = "$wanted" ] || echo "$page has the headings $found; repair: $wanted"
  done | none
}

@test "every page of ours that a page refers to exists" {
  grep -hoE '^\.(It )?Xr (outbox|inbox|0admin)[a-z0-9-]* [0-9]' man/*.[1-9] | sed -E 's/.*Xr (\S+) ([0-9])/\1.\2/' | sort -u | while read -r page; do
    [ -e "man/$page" ] || echo "man/$page is referred to and does not exist; repair: write it, or do not promise it"
  done | none
}

@test "every setting of env.example is one of a tool" {
  sed -n 's/^#\([A-Z][A-Z0-9_]*\)=.*/\1/p' systemd/env.example >"$BATS_TEST_TMPDIR/settings"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/settings")" -gt 10 ]
  while read -r setting; do
    grep -qE "^\.It Ev $setting( |\$)" man/*.1 || echo "no tool reads $setting; repair: remove it from lib/config/catalog.cpp, or bind it"
  done <"$BATS_TEST_TMPDIR/settings" | none
}

@test "every flag and error class of documents is in the page of inbox-extract" {
  sed -n '/^namespace \(error_class\|flag\) {$/,/^}/s/.* = "\([a-z_]*\)";.*/\1/p' lib/extract/extract.hpp >"$BATS_TEST_TMPDIR/words"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/words")" -gt 20 ]
  while read -r word; do
    sed -n '/^\.Sh NOTES/,$p' man/inbox-extract.1 | grep -qw "$word" || echo "man/inbox-extract.1 does not tell of $word; repair: say in NOTES what it means"
  done <"$BATS_TEST_TMPDIR/words" | none
}
