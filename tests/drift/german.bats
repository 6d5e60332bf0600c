#!/usr/bin/env bats
# scripts/docs --check says what the German man pages lack; that the ones of the tree lack nothing is a test in man.bats.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  tree=$BATS_TEST_TMPDIR/tree
  mkdir "$tree"
  cp -r scripts man systemd "$tree"
  find tools \( -name main.cpp -o -executable \) -type f -exec cp --parents {} "$tree" \;
  cd "$tree" || exit 1
}

# refused TEXT…: the check fails, and each TEXT is in what it says.
refused() {
  run scripts/docs --check "$build"
  [ "$status" -eq 1 ]
  local text
  for text in "$@"; do
    [[ $output == *"$text"* ]] || {
      echo "not told: $text"
      echo "$output"
      return 1
    }
  done
}

@test "a page without a German twin is named" {
  rm man/de/outbox-add.1
  refused "man/de/outbox-add.1: is missing"
}

@test "a German page without an English one is named" {
  cp man/de/outbox-add.1 man/de/outbox-gone.1
  refused "man/de/outbox-gone.1: is of no English page"
}

@test "a generated sentence without a translation is named" {
  sed -i '/^Events added\./d' man/de/sentences.tsv
  refused "man/de/sentences.tsv: has no German for: Events added."
}

@test "a pattern translates what has another number, and no prose" {
  sed -i 's/^Default: #\.\t/Default: 5#.\t/' man/de/sentences.tsv
  refused "has no German for: Default: 30000."
  [[ $output != *"has no German for: Default: 5000."* ]]
}

@test "a translation that nothing needs is named" {
  printf 'Zebras are counted.\tZebras werden gezählt.\n' >>man/de/sentences.tsv
  refused "repair: remove: Zebras are counted."
}

@test "a German page that is not filled is named" {
  sed -i 's/Hinzugefügte Ereignisse\./Ereignisse./' man/de/outbox-add.1
  refused "man/de/outbox-add.1: differs from what the programs say"
}

@test "an English paragraph that was changed is named with its text, until it is translated" {
  sed -i 's/^Every run makes new keys\.$/Every run makes keys anew./' man/outbox-add.1
  line=$(grep -n '^\.Ss Without a key' man/outbox-add.1 | cut -d : -f 1)
  refused "man/outbox-add.1:$line: Without a key Every run makes keys anew." "scripts/docs --translated outbox-add.1"
  scripts/docs --translated outbox-add.1
  scripts/docs --check "$build"
}

@test "an option, a number or a line of an example that the German page has otherwise is shown" {
  sed -i -e 's/^\.Fl Fl key-field ,$/.Fl Fl key-fields ,/' -e 's/mehr als 128 Zeichen/mehr als 182 Zeichen/' -e 's/"order":42/"order":43/' man/de/outbox-add.1
  refused "-Fl key-field" "+Fl key-fields" "-number 128" "+number 182" '-echo '"'"'{"order":42' '+echo '"'"'{"order":43' "man/de/outbox-add.1: is not built as man/outbox-add.1"
}

@test "apropos finds every German page" {
  for page in man/de/*.[17]; do
    lexgrog "$page" >/dev/null || echo "$page is not found by apropos; repair: a name and a description under .Sh NAME"
  done | none
}
