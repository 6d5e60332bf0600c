#!/usr/bin/env bats
# scripts/egress-check: what tries to reach more than this machine is recorded, and makes it red.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  # What is tried here on purpose would be recorded there, and only one can watch.
  [ -z "${EGRESS_CHECK:-}" ] || skip "egress-check runs this"
  dir=$BATS_TEST_TMPDIR
}
teardown() { :; }

# egress CODE COMMAND…
egress() {
  local want=$1
  shift
  status=0
  OPS_BUILD=$build ARTIFACTS=$dir/artifacts "$repository/scripts/egress-check" "$@" >"$dir/out" 2>"$dir/err" || status=$?
  [ "$status" = "$want" ] || {
    echo "egress-check was to exit with $want, not $status"
    cat "$dir/err"
    return 1
  }
}
tries() { jq -c '.[] | [.program, .call, .to]' "$dir/artifacts/egress-violations.json" | paste -sd ' '; }

@test "a connection to 192.0.2.1 is recorded, and red" {
  egress 1 node -e "require('net').connect(80, '192.0.2.1').on('error', () => console.log('refused'))"
  equal "$(tries)" '["node","connect","192.0.2.1:80"]'
  equal "$(cat "$dir/out")" refused
}

@test "a packet is recorded as a connection is, of IPv6 too, and of what is started by what is started" {
  egress 1 bash -c "bash -c 'exec 3<>/dev/udp/198.51.100.7/53' & wait; node -e \"require('dgram').createSocket('udp6').send('x', 53, '2001:db8::1', () => process.exit())\""
  equal "$(tries)" '["bash","connect","198.51.100.7:53"] ["node","sendto","[2001:db8::1]:53"]' ||
    equal "$(tries)" '["bash","connect","198.51.100.7:53"] ["node","sendmsg","[2001:db8::1]:53"]'
}

@test "what is traced or confined is watched all the same" {
  egress 1 strace -f -o /dev/null bash -c 'exec 3<>/dev/tcp/203.0.113.9/443'
  equal "$(tries)" '["bash","connect","203.0.113.9:443"]'
}

@test "what stays on the machine is no violation: the array is there, and empty" {
  egress 0 node -e "
    const net = require('net')
    const server = net.createServer(s => s.end()).listen(0, '127.0.0.1', () =>
      net.connect(server.address().port, 'localhost').on('close', () => { server.close(); console.log('reached') }).resume())"
  equal "$(cat "$dir/out")" reached
  equal "$(jq -c . "$dir/artifacts/egress-violations.json")" '[]'
}

@test "a command that fails for another reason fails, and is clean" {
  egress 7 bash -c 'exit 7'
  equal "$(jq -c . "$dir/artifacts/egress-violations.json")" '[]'
}

@test "there is no route" {
  egress 0 ip route show
  equal "$(cat "$dir/out")" ''
}

@test "what cannot be watched proves nothing: 125, and no file" {
  mkdir "$dir/artifacts"
  echo '[]' >"$dir/artifacts/egress-violations.json"
  egress 125 "$dir/no-such-program"
  [ ! -e "$dir/artifacts/egress-violations.json" ]
  echo '[]' >"$dir/artifacts/egress-violations.json"
  build=$dir/nowhere
  egress 125 true
  [ ! -e "$dir/artifacts/egress-violations.json" ]
}

@test "anybody may watch, where the kernel lets users make namespaces" {
  [ "$(id -u)" -eq 0 ] || skip "the other tests are of such a user"
  setpriv --reuid=nobody --regid=nogroup --clear-groups unshare --user --map-current-user --keep-caps --net true 2>/dev/null || skip "the kernel does not let them"
  mkdir "$dir/artifacts"
  chown nobody "$dir/artifacts"
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_SUITE_TMPDIR" "${dir%/*}" "$dir" 2>/dev/null || true
  cp "$build/tests/egress-watch" "$dir/watch"
  mkdir -p "$dir/build/tests" && mv "$dir/watch" "$dir/build/tests/egress-watch" && chmod -R a+rX "$dir/build"
  status=0
  setpriv --reuid=nobody --regid=nogroup --clear-groups env OPS_BUILD="$dir/build" ARTIFACTS="$dir/artifacts" \
    bash "$repository/scripts/egress-check" bash -c 'exec 3<>/dev/tcp/192.0.2.1/80' 2>"$dir/err" || status=$?
  equal "$status" 1
  equal "$(tries)" '["bash","connect","192.0.2.1:80"]'
}
