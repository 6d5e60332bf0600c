#!/usr/bin/env bats
# outbox-publish and whom it sends to: certificates, addresses, hosts, headers.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

# Nothing went out and nothing was charged.
nothing_happened() {
  equal "$(states)" "pending:1"
  equal "$(sql "SELECT attempt_count, lease_token IS NULL, lease_until IS NULL FROM zero_admin.outbox_queue")" "0|t|t"
  equal "$(sql "SELECT count(*) FROM zero_admin.dead_letters")" 0
  [ ! -e "$dir/rx" ] || equal "$(requests rx)" 0
}

# ---- certificates

# distrusted REASON HINT-PART: given back, told once with a hint, exit 0.
distrusted() {
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(lines_of publish_failed | jq -c '[.status, .reason, .charged]')" "[\"retry\",\"$1\",false]"
  has "$(said warning)" "$2"
  nothing_happened
}

@test "an authority that is not trusted" {
  receiver rx
  deliver_to rx
  settings+=("WEBHOOK_CA_FILE=$CLI_SUITE/certs/other-ca.pem")
  distrusted tls_untrusted WEBHOOK_CA_FILE
}

@test "an authority of one's own is not trusted without WEBHOOK_CA_FILE" {
  receiver rx
  deliver_to rx
  settings+=(WEBHOOK_CA_FILE=)
  distrusted tls_untrusted WEBHOOK_CA_FILE
}

# libcurl knows the system's authorities as a file and as a folder, each of which is trusted beside the other.
@test "with WEBHOOK_CA_FILE no authority of the system is trusted, from its file or its folder" {
  local namespace=(unshare --mount) system=$dir/system command
  [ "$(id -u)" -eq 0 ] || namespace+=(--map-root-user)
  mkdir "$system"
  cp "$CLI_SUITE/certs/ca.pem" "$system/ca-certificates.crt"
  cp "$CLI_SUITE/certs/ca.pem" "$system/$(openssl x509 -noout -hash -in "$CLI_SUITE/certs/ca.pem").0"
  "${namespace[@]}" mount --bind "$system" /etc/ssl/certs 2>/dev/null || skip "needs root, or a kernel that lets users make namespaces"
  within() {
    keep outbox-publish
    compose outbox-publish
    # shellcheck disable=SC2016 # for the shell in there
    "${namespace[@]}" sh -c 'mount --bind "$0" /etc/ssl/certs && exec "$@"' "$system" "${command[@]}" >"$out" 2>"$err"
  }
  receiver rx
  deliver_to rx
  enqueue 1 Demo
  settings+=(WEBHOOK_CA_FILE=)
  within
  equal "$(states)" sent:1
  enqueue 1 Demo
  settings+=("WEBHOOK_CA_FILE=$CLI_SUITE/certs/other-ca.pem")
  within
  equal "$(lines_of publish_failed | jq -r .reason)" tls_untrusted
  equal "$(states)" "pending:1 sent:1"
}

@test "an expired certificate" {
  certificate=expired receiver rx
  deliver_to rx
  distrusted tls_expired expired
}

@test "a certificate for another name" {
  receiver rx
  deliver_to rx /hook other.localhost
  distrusted tls_hostname "another host"
}

@test "a certificate for another address" {
  receiver rx --host 127.0.0.2
  deliver_to rx /hook 127.0.0.2
  distrusted tls_hostname "another host"
}

@test "the certificate's address and its other name are accepted" {
  receiver rx
  deliver_to rx /hook 127.0.0.1
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
}

@test "something that does not speak TLS" {
  node -e 'require("net").createServer((s) => { s.on("error", () => {}); s.end("220 hello\r\n"); })
             .listen(0, "127.0.0.1", function () { require("fs").writeFileSync(process.argv[1], String(this.address().port)); })' "$dir/plain" 3>&- &
  pids+=($!)
  wait_until 100 test -s "$dir/plain"
  mkdir "$dir/rx"
  cp "$dir/plain" "$dir/rx/port"
  deliver_to rx
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(lines_of publish_failed | jq -c '[.status, .charged]')" '["retry",false]'
  nothing_happened
}

# ---- own faults

own_fault() { # PART
  enqueue 1 Demo
  expect 1 outbox-publish
  one_error "$1"
  equal "$(summary stopped_by) $(summary exit) $(summary released)" "fault 1 1"
  equal "$(lines_of publish_failed)" ""
  expect 3 outbox-publish --exit-codes plugin
  expect 70 outbox-publish --exit-codes sysexits
  nothing_happened
  equal "$(sql "SELECT count(*) FROM zero_admin.delivery_breakers")" 0
}

@test "a loopback address without WEBHOOK_ALLOW_PRIVATE: own fault, exit 1, nothing charged" {
  receiver rx
  deliver_to rx /hook 127.0.0.1
  settings+=(WEBHOOK_ALLOW_PRIVATE=)
  own_fault WEBHOOK_ALLOW_PRIVATE
}

@test "a name that resolves to loopback only, the same" {
  receiver rx
  deliver_to rx
  settings+=(WEBHOOK_ALLOW_PRIVATE=false)
  own_fault WEBHOOK_ALLOW_PRIVATE
}

@test "private, link-local and mapped addresses in any spelling are refused before a packet goes out" {
  local host
  enqueue 1 Demo
  for host in 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 '[::1]' '[::]' '[fe80::1]' '[fd00::1]' '[::ffff:127.0.0.1]' '[64:ff9b::7f00:1]' 127.1 2130706433 0x7f.1; do
    settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=webhook "WEBHOOK_URL=https://$host:9/hook")
    expect 1 outbox-publish
    one_error WEBHOOK_ALLOW_PRIVATE
  done
  nothing_happened
}

@test "a service with an own fault says so once, goes on, and ends on SIGTERM with exit 0" {
  receiver rx
  deliver_to rx
  settings+=(WEBHOOK_ALLOW_PRIVATE=false PUBLISH_POLL_INTERVAL_MS=50)
  enqueue 1 Demo
  start service outbox-publish --service
  wait_until 100 grep -q WEBHOOK_ALLOW_PRIVATE "$dir/service.err"
  sleep 1
  equal "$(said error "$dir/service.err" | wc -l)" 1
  kill -TERM "$pid"
  ends "$pid" 0
  nothing_happened
}

@test "a CA file without a certificate: own fault, exit 1, nothing charged" {
  receiver rx
  deliver_to rx
  echo nonsense >"$dir/ca.pem"
  settings+=("WEBHOOK_CA_FILE=$dir/ca.pem")
  own_fault WEBHOOK_CA_FILE
}

# ---- config errors

# refuses SETTING PART [MORE-SETTING…]: a config error that names the setting, and has PART.
refuses() {
  local setting=$1 part=$2
  shift 2
  settings=("DATABASE_URL=$database_url" "RUN_DIR=$dir/run" PUBLISH_TRANSPORT=webhook WEBHOOK_ALLOW_PRIVATE=true "WEBHOOK_URL=https://localhost:1/hook?token=$canary" "$@")
  expect 78 outbox-publish --exit-codes sysexits
  one_error "bad setting $setting" "$part"
}

@test "WEBHOOK_URL: https with a host, without user info and fragment" {
  enqueue 1 Demo
  refuses WEBHOOK_URL "in the clear" "WEBHOOK_URL=http://localhost:1/hook?token=$canary"
  refuses WEBHOOK_URL "in the clear" "WEBHOOK_URL=HTTP://localhost:1/hook"
  refuses WEBHOOK_URL "user info" "WEBHOOK_URL=https://user:$canary@localhost:1/hook"
  refuses WEBHOOK_URL fragment "WEBHOOK_URL=https://localhost:1/hook#$canary"
  local url
  for url in "ftp://localhost/$canary" "https://" "https:///x" "https://localhost:0/" "https://localhost:65536/" "https://localhost:x/" "localhost" "https://[::1/" \
    "https://local host/" $'https://localhost/\n' $'https://localhost/\r\nX: y' "https://localhost\\@evil/" "file:///etc/passwd" "https://[127.0.0.1]/"; do
    refuses WEBHOOK_URL 'an https:// URL' "WEBHOOK_URL=$url"
  done
  refuses WEBHOOK_URL "is not set" WEBHOOK_URL=
  nothing_happened
}

@test "WEBHOOK_DOMAIN_ALLOWLIST: another host is refused, a subdomain is not, a suffix of a label is" {
  enqueue 1 Demo
  refuses WEBHOOK_URL WEBHOOK_DOMAIN_ALLOWLIST WEBHOOK_DOMAIN_ALLOWLIST=example.org
  refuses WEBHOOK_URL WEBHOOK_DOMAIN_ALLOWLIST WEBHOOK_DOMAIN_ALLOWLIST=example.org WEBHOOK_URL=https://notexample.org/
  refuses WEBHOOK_URL WEBHOOK_DOMAIN_ALLOWLIST WEBHOOK_DOMAIN_ALLOWLIST=example.org WEBHOOK_URL=https://example.org.evil.net/
  receiver rx
  deliver_to rx
  settings+=("WEBHOOK_DOMAIN_ALLOWLIST=example.org, LOCALHOST")
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
}

@test "WEBHOOK_HEADERS_ALLOWLIST: no CR, LF or NUL-like control in a header, no secret or hop-by-hop name, none of ours" {
  enqueue 1 Demo
  local value name
  for value in $'a\r\nX-Injected: '"$canary" $'a\nb' $'a\rb' $'a\tb' $'a\x01b' $'a\x7fb' $'a\n' $'\ra'; do
    refuses WEBHOOK_HEADERS_ALLOWLIST "control character" "WEBHOOK_HEADERS_ALLOWLIST=X-A=$value"
  done
  refuses WEBHOOK_HEADERS_ALLOWLIST "control character" "WEBHOOK_HEADERS_ALLOWLIST=X-A"$'\r\n'"X-B=$canary"
  for name in Authorization cookie Set-Cookie HOST Connection Keep-Alive TE Trailer Transfer-Encoding Upgrade Proxy-Authorization Proxy-Connection Content-Length \
    Content-Type User-Agent webhook-id Webhook-Signature webhook-timestamp ce-id Ce-Type X-Trace-ID; do
    refuses WEBHOOK_HEADERS_ALLOWLIST "not allowed" "WEBHOOK_HEADERS_ALLOWLIST=X-Good=1,$name=$canary"
  done
  refuses WEBHOOK_HEADERS_ALLOWLIST "has no '='" "WEBHOOK_HEADERS_ALLOWLIST=$canary"
  refuses WEBHOOK_HEADERS_ALLOWLIST "header 1" "WEBHOOK_HEADERS_ALLOWLIST==$canary"
  refuses WEBHOOK_HEADERS_ALLOWLIST "header 2" "WEBHOOK_HEADERS_ALLOWLIST=X-A=1,X B=$canary"
  nothing_happened
}

@test "a CA file that is not there is a config error" {
  enqueue 1 Demo
  refuses WEBHOOK_CA_FILE "cannot be read" "WEBHOOK_CA_FILE=$dir/none.pem"
  nothing_happened
}

@test "several wrong webhook settings are named at once" {
  settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=webhook WEBHOOK_URL=http://localhost/ WEBHOOK_SECRET="$canary" WEBHOOK_TIMEOUT_MS=0 WEBHOOK_SUCCESS_CODES=99
    "WEBHOOK_HEADERS_ALLOWLIST=Cookie=$canary" "PUBLISH_BACKOFF_STEPS=5,x")
  expect 1 outbox-publish
  equal "$(said error | sed 's/ | .*//' | sort | paste -sd,)" \
    "bad setting PUBLISH_BACKOFF_STEPS,bad setting WEBHOOK_HEADERS_ALLOWLIST,bad setting WEBHOOK_SECRET,bad setting WEBHOOK_SUCCESS_CODES,bad setting WEBHOOK_TIMEOUT_MS,bad setting WEBHOOK_URL"
}

@test "--check-config shows secrets as set or unset and URLs without their query string" {
  settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=webhook "WEBHOOK_URL=https://localhost:1/hook?token=$canary" "WEBHOOK_SECRET=$secret" "WEBHOOK_HEADERS_ALLOWLIST=X-A=$canary")
  expect 0 outbox-publish --check-config
  equal "$(jq -c '[.WEBHOOK_URL, .WEBHOOK_SECRET, .WEBHOOK_SECRET_PREVIOUS, .WEBHOOK_HEADERS_ALLOWLIST] | map(.value)' "$out")" '["https://localhost:1/hook","set","unset","set"]'
  has_not "$output$stderr" "$canary"
}

@test "a bad URL is named without its query string and user info" {
  settings=("DATABASE_URL=$database_url" PUBLISH_TRANSPORT=webhook "WEBHOOK_URL=https://u:$canary@localhost:1/hook?token=$canary")
  expect 1 outbox-publish
  has_not "$output$stderr" "$canary"
}

# ---- the way there

@test "proxy variables of the environment are ignored" {
  receiver rx
  deliver_to rx
  local name
  for name in http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do settings+=("$name=http://127.0.0.1:1"); done
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
}

@test "curl's own configuration in the home directory is ignored" {
  receiver rx
  deliver_to rx
  printf 'insecure\nproxy = http://127.0.0.1:1\n' >"$dir/.curlrc"
  printf 'machine localhost login me password %s\n' "$canary" >"$dir/.netrc"
  settings+=("HOME=$dir" "CURL_HOME=$dir")
  enqueue 1 Demo
  expect 0 outbox-publish
  equal "$(states)" "sent:1"
  equal "$(received rx | jq -r '.headers.authorization')" null
}
