#!/usr/bin/env bats
# What is in the Debian package.

# shellcheck source=tests/package/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup_file() {
  pack
  export content=$BATS_FILE_TMPDIR/content
  dpkg-deb -x "$package" "$content"
}

@test "every tool is in it, stripped, with its page and its completion" {
  tools | while read -r tool; do
    [ -x "$content/usr/bin/$tool" ]
    has_not "$(objdump -h "$content/usr/bin/$tool")" .debug_info
    gzip -t "$content/usr/share/man/man1/$tool.1.gz"
    # As bash would offer it, of what the tool knows.
    bash -c "source '$content/usr/share/bash-completion/completions/$tool' && complete -p $tool" | grep -qF -- --check-config
  done
}

@test "the schema in it is the one in the tree" {
  diff -r -x changes.hpp.in -x check.hpp -x require.sql lib/schema "$content/usr/share/0admin-ops/schema"
}

@test "it depends on every library that the tools need, also on what is loaded late" {
  depends=$(dpkg-deb -f "$package" Depends)
  for library in libc6 libcurl4 libnghttp2-14 libpq5 libqpdf libseccomp2 libssl3 libstdc++6 libxml2 zlib1g; do has "$depends" "$library"; done
}

@test "the tools are built as Debian builds its own" {
  tools | while read -r tool; do
    readelf -lW "$content/usr/bin/$tool" | grep -q GNU_RELRO
    readelf -dW "$content/usr/bin/$tool" | grep -qE 'BIND_NOW|FLAGS_1.*NOW'
    readelf -hW "$content/usr/bin/$tool" | grep -q 'Type:.*DYN'
    readelf -sW --dyn-syms "$content/usr/bin/$tool" | grep -q __stack_chk_fail
  done
}

@test "it has no file in /etc: settings are made for a host, not shipped" {
  [ ! -e "$content/etc" ]
}

@test "nothing is enabled by a link in it" {
  [ -z "$(find "$content" -type l -name '0admin*')" ]
}

@test "lintian has nothing to say that is not explained" {
  run lintian --allow-root --display-info --pedantic --fail-on error,warning,info,pedantic "$package"
  equal "$output" ""
  equal "$status" 0
  # Each override stands below its reason.
  awk '/^#/ { reason = 1; next } !reason { print "without a reason: " $0; wrong = 1 } { reason = 0 } END { exit wrong }' packaging/lintian-overrides
}

@test "every option in the examples exists" {
  grep -rhoP '(?<![\w-])(outbox|inbox|alert|health|heartbeat|ops|dlq)-[a-z]+ [^|;>&`]*' "$content/usr/share/doc/0admin-ops/examples" >"$BATS_TEST_TMPDIR/calls"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/calls")" -gt 10 ]
  while read -r program arguments; do
    [ -x "$content/usr/bin/$program" ] || continue
    "$content/usr/bin/$program" --help >"$BATS_TEST_TMPDIR/help"
    for option in ${arguments%% -- *}; do
      option=${option%%[\"\'\}]*} # the end of a text that names a command
      [[ $option != --* ]] || grep -qE -- "^  (-., )?$option( |\$)" "$BATS_TEST_TMPDIR/help" || echo "an example gives $program $option, which it does not know"
    done
  done <"$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/wrong"
  equal "$(cat "$BATS_TEST_TMPDIR/wrong")" ""
}
