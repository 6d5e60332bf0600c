#!/usr/bin/env bats
# Dependencies point one way: the rule of lib/README.md, as the includes and the link lines have it.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

# The folders of lib that a folder of lib may use.
allowed() {
  case $1 in
    base) ;;
    emit | config | pg | http) echo base ;;
    app) echo config emit base ;;
    schema) echo pg base ;;
    outbox) echo app emit config pg schema base ;;
    metrics) echo emit config pg schema base ;;
    watch) echo app emit config base ;;
    *) return 1 ;;
  esac
}

may_use() { # USER USED
  local folder
  [ "$1" = "$2" ] && return
  for folder in $(allowed "$1"); do [ "$folder" = "$2" ] && return; done
  return 1
}

# FILE and what it includes in quotes, a pair a line.
includes() {
  grep -roE --include='*.[ch]pp' --include='*.in' '^ *# *include *"[^"]+"' "$@" | sed -E 's/^([^:]+):.*"([^"]+)"$/\1 \2/'
}

@test "every folder of lib has a rule" {
  find lib -mindepth 2 -name '*.?pp' -printf '%P\n' | cut -d / -f 1 | sort -u | while read -r folder; do
    allowed "$folder" >/dev/null || echo "lib/$folder has no rule; repair: add it to allowed() in tests/drift/layers.bats and to lib/README.md"
  done | none
}

@test "lib includes only what its layer may use" {
  includes lib >"$BATS_TEST_TMPDIR/includes"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/includes")" -gt 50 ]
  while read -r file header; do
    user=$(cut -d / -f 2 <<<"$file")
    case $header in
      ../* | */../*) echo "$file includes $header; repair: name it from lib/" ;;
      */*) may_use "$user" "${header%%/*}" || echo "$file includes $header: lib/$user may use only itself and: $(allowed "$user" || true); repair: move the code, or pass it in" ;;
      *) echo "$file includes $header; repair: name it with its folder" ;;
    esac
  done <"$BATS_TEST_TMPDIR/includes" | none
}

@test "a tool includes only lib and itself" {
  includes tools >"$BATS_TEST_TMPDIR/includes"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/includes")" -gt 30 ]
  while read -r file header; do
    tool=$(cut -d / -f 2 <<<"$file")
    case $header in
      "${tool//-/_}/sql.hpp") ;;
      ../* | */../*) echo "$file includes $header; repair: a tool uses no other tool, move what is shared to lib/" ;;
      */*) [ -d "lib/${header%%/*}" ] || echo "$file includes $header, which is not of lib; repair: move what is shared to lib/" ;;
      *) [ -e "tools/$tool/$header" ] || echo "$file includes $header, which is not its own; repair: move what is shared to lib/" ;;
    esac
  done <"$BATS_TEST_TMPDIR/includes" | none
}

@test "the link lines of lib/CMakeLists.txt obey the same rule" {
  tr '\n' ' ' <lib/CMakeLists.txt | grep -oE 'target_link_libraries\(ops_[^)]*\)' >"$BATS_TEST_TMPDIR/links"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/links")" -ge 6 ]
  while read -r line; do
    read -r user used < <(grep -oE '\bops_[a-z]+' <<<"$line" | sed 's/^ops_//' | paste -sd ' ')
    for folder in $used; do
      may_use "$user" "$folder" || echo "ops_$user links ops_$folder; repair: lib/$user may use only: $(allowed "$user" || true)"
    done
  done <"$BATS_TEST_TMPDIR/links" | none
}
