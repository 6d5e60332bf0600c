#!/usr/bin/env bats
# ops-serve: who may read what, what it says while the database is away, and that nobody brings it down.

# shellcheck disable=SC2030,SC2031,SC2317 # a test is a subshell, and means to be one; wait_until calls by name
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

token=token-$canary-carol

setup() {
  setup_world
  settings=("DATABASE_URL=$database_url" "ADMIN_TOKENS=token-$canary-alice,$token" OPS_LISTEN=127.0.0.1:0)
}

# serve [ARG…]: starts it; `url` is where.
serve() {
  start serve ops-serve "$@"
  server=$pid
  wait_until 100 grep -q '"listening"' "$dir/serve.out"
  url=http://$(jq -r 'select(.type == "listening") | .address' "$dir/serve.out")
}

# get CODE PATH [CURL-OPTION…]: the body is in $dir/body, the header in $dir/header.
get() {
  local want=$1 path=$2 code
  shift 2
  code=$(curl -s --max-time 20 -o "$dir/body" -D "$dir/header" -w '%{http_code}' "$@" "$url$path") || true
  equal "$path $code" "$path $want"
}

bearer=(-H "Authorization: Bearer $token")

stops() {
  kill -TERM "$server"
  ends "$server" 0
}

@test "health needs no token: live without the database, ready with it" {
  serve
  get 200 /health/live
  equal "$(jq -r .status "$dir/body")" OK
  get 200 /health/ready
  equal "$(jq -c '[.status, .db]' "$dir/body")" '["OK","OK"]'
  equal "$(jq -r .version "$dir/body")" "$(bare ops-serve --version | cut -d ' ' -f 2)"
  expect 0 health-probe ready "$url/health/ready"
}

@test "without the database: live, not ready, no metrics, and a page that says so" {
  settings[0]=DATABASE_URL="postgresql://postgres:$canary@127.0.0.1:1/app"
  serve
  get 200 /health/live
  get 503 /health/ready
  equal "$(jq -c '[.status, .db]' "$dir/body")" '["DEGRADED","FAIL"]'
  get 503 /api/v1/ops/metrics "${bearer[@]}"
  get 503 /metrics "${bearer[@]}"
  get 503 / "${bearer[@]}"
  has "$(<"$dir/body")" "State unknown"
  wait_until 50 grep -q 'cannot be read' "$dir/serve.err"
  stops
}

@test "a database that comes and goes is followed" {
  serve
  get 200 /health/ready
  cluster_psql "$cluster" -d postgres -c "ALTER DATABASE $database ALLOW_CONNECTIONS false" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$database'" >/dev/null
  wait_until 100 answers 503 /health/ready
  cluster_psql "$cluster" -d postgres -c "ALTER DATABASE $database ALLOW_CONNECTIONS true"
  wait_until 100 answers 200 /health/ready
}
answers() { [ "$(curl -s --max-time 20 -o /dev/null -w '%{http_code}' "$url$2")" = "$1" ]; }

@test "a schema that does not fit: newer is a warning, behind is told and served as such" {
  sql "SELECT zero_admin.change_deployed('later')" >/dev/null
  serve
  get 200 /metrics "${bearer[@]}"
  wait_until 50 grep -q 'newer than this program' "$dir/serve.err"
  stops
  use_database behind
  settings=("DATABASE_URL=$database_url" "ADMIN_TOKENS=$token" OPS_LISTEN=127.0.0.1:0)
  serve
  get 503 /metrics "${bearer[@]}"
  has "$(jq -r .error "$dir/body")" "missing or behind"
  get 200 /health/ready
  stops
}

@test "metrics and page want a token: as Bearer, or as the password of Basic" {
  serve
  local path
  for path in /api/v1/ops/metrics /metrics /; do
    get 401 "$path"
    has "$(tr -d '\r' <"$dir/header")" 'WWW-Authenticate: Basic realm="0admin-ops"'
    get 401 "$path" -H "Authorization: Bearer $canary"
    get 401 "$path" -H "Authorization: Bearer "
    get 401 "$path" -H "Authorization: $token"
    get 401 "$path" -u "$token:"
    get 200 "$path" "${bearer[@]}"
    get 200 "$path" -u "anybody:token-$canary-alice"
    get 200 "$path" --head "${bearer[@]}"
  done
  stops
  equal "$(summary refused "$dir/serve.out")" 15
}

@test "without ADMIN_TOKENS nobody reads them, and only loopback may be listened on" {
  settings=("DATABASE_URL=$database_url" OPS_LISTEN=127.0.0.1:0)
  serve
  get 200 /health/live
  get 401 /metrics
  get 401 /metrics -H 'Authorization: Bearer '
  get 401 /metrics -u :
  settings=("DATABASE_URL=$database_url" OPS_LISTEN=0.0.0.0:0)
  expect 78 ops-serve --max-seconds 1 --exit-codes sysexits
  one_error ADMIN_TOKENS
  settings+=("ADMIN_TOKENS=$token")
  expect 0 ops-serve --max-seconds 1
}

@test "the snapshot and the Prometheus text are those of the tables" {
  enqueue 3 Demo
  serve
  get 200 /api/v1/ops/metrics "${bearer[@]}"
  equal "$(jq -c '[.outbox_pending, .dlq_size, .breaker_open]' "$dir/body")" '[3,0,false]'
  get 200 /metrics "${bearer[@]}"
  has "$(<"$dir/header")" "text/plain; version=0.0.4"
  grep -q '^zero_admin_outbox_pending 3$' "$dir/body"
  if command -v promtool >/dev/null; then promtool check metrics <"$dir/body"; fi
}

@test "the page: German and English, figures, runners, endpoints, what to do" {
  enqueue 2 Demo
  sql "INSERT INTO zero_admin.runner_heartbeats (id, pid, name, host, state, done_total) VALUES (gen_random_uuid(), 1, 'publisher', 'host<1>', 'running', 12345)"
  sql "INSERT INTO zero_admin.delivery_breakers (endpoint, host, state, reason, failing, probe_at) VALUES (1, 'hooks.example.com:443', 'open', 'http_503', '{}', now()),
    (2, 'unused.example.com:443', 'open', 'dns', '{}', now() - interval '2 days')"
  sql "INSERT INTO zero_admin.ops_history SELECT date_trunc('minute', now()) - n * interval '1 minute', 1000 - n, 0, 0, 0, 0, 0 FROM generate_series(0, 300) n"
  serve
  get 200 / "${bearer[@]}"
  local part
  for part in 'lang="en"' 'Attention' 'host&lt;1&gt;' '12,345' 'hooks.example.com:443 does not accept events' 'health-probe webhook' '<svg'; do has "$(<"$dir/body")" "$part"; done
  get 200 / "${bearer[@]}" -H 'Accept-Language: de-DE,de;q=0.9,en;q=0.1'
  for part in 'lang="de"' 'Achtung' '12.345' 'nimmt keine Ereignisse an'; do has "$(<"$dir/body")" "$part"; done
  has_not "$(<"$dir/body")" "<script"
  has_not "$(<"$dir/body")" "unused.example.com"
}

@test "every answer has strict headers" {
  serve
  local call
  for call in "200 /health/live" "404 /none" "401 /metrics" "200 /"; do
    if [ "$call" = "200 /" ]; then get 200 / "${bearer[@]}"; else get "${call% *}" "${call#* }"; fi
    has "$(<"$dir/header")" "Content-Security-Policy: default-src 'none';"
    has "$(<"$dir/header")" "X-Content-Type-Options: nosniff"
    has "$(<"$dir/header")" "Cache-Control: no-store"
    has_not "$(<"$dir/header")" "Server:"
  done
}

@test "anything else is 404, any other method 405" {
  serve
  get 404 /nothing
  get 404 "/metrics/" "${bearer[@]}"
  get 404 "/health/../metrics" --path-as-is "${bearer[@]}"
  get 404 "/%6detrics" "${bearer[@]}"
  get 404 "/metrics%00" "${bearer[@]}"
  local method
  for method in POST PUT DELETE OPTIONS PATCH; do
    get 405 /health/live -X "$method"
    has "$(tr -d '\r' <"$dir/header")" "Allow: GET, HEAD"
  done
  get 405 / -X POST --data-binary "@$(command -v bash)"
}

@test "a Unix socket of systemd is guarded by its mode and needs no token" {
  settings=("DATABASE_URL=$database_url")
  start_activated "$dir/ops.sock"
  get 200 / --unix-socket "$dir/ops.sock"
  get 200 /metrics --unix-socket "$dir/ops.sock"
  stops
  equal "$(jq -c 'select(.type == "listening") | [.address, .from_systemd]' "$dir/serve.out")" "[\"$dir/ops.sock\",true]"
}

# Passes a socket as systemd does: descriptor 3, LISTEN_FDS and LISTEN_PID.
start_activated() { # PATH
  local command out err
  keep ops-serve
  ln -sf "$out" "$dir/serve.out"
  compose ops-serve
  # shellcheck disable=SC2016 # of Perl
  perl -MSocket -e '
    $^F = 10; # descriptors up to that are inherited
    socket(my $s, PF_UNIX, SOCK_STREAM, 0) or die; bind($s, sockaddr_un(shift)) or die; listen($s, 100) or die;
    use POSIX (); POSIX::dup2(fileno($s), 3);
    my @command = @ARGV;
    splice(@command, 2, 0, "LISTEN_FDS=1", "LISTEN_PID=$$");
    exec(@command) or die;' "$1" "${command[@]}" >"$out" 2>"$err" 3>&- &
  server=$!
  pids+=("$server")
  url=http://localhost
  wait_until 100 grep -q '"listening"' "$out"
}

@test "a thousand requests at once are answered, and the database sees few of them" {
  serve
  local before n
  before=$(transactions)
  for n in $(seq 1000); do printf 'next\nurl = "%s/metrics"\noutput = "/dev/null"\nheader = "Authorization: Bearer %s"\nwrite-out = "%%{http_code}\\n"\n' "$url" "$token"; done | tail -n +2 >"$dir/config"
  curl -s --parallel --parallel-immediate --parallel-max 300 --max-time 60 -K "$dir/config" >"$dir/codes"
  equal "$(sort "$dir/codes" | uniq -c | awk '{ print $2 ":" $1 }')" 200:1000
  [ $(($(transactions) - before)) -lt 300 ]
  get 200 /health/live
  stops
}

@test "slow connections, headers that are too large, and nonsense do not keep it from answering" {
  serve
  node -e '
    const net = require("net");
    const port = Number(process.argv[1]);
    const drip = () => {
      const socket = net.connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n"));
      const timer = setInterval(() => socket.write("a"), 1000);
      socket.on("error", () => {}).on("close", () => clearInterval(timer));
    };
    for (let n = 0; n < 300; ++n) drip();
    setTimeout(() => process.exit(0), 60000);' "${url##*:}" >/dev/null 2>&1 3>&- &
  pids+=($!)
  local dripping=$!
  wait_until 200 dripping
  get 200 /health/live
  get 200 /health/ready
  head -c 100000 /dev/zero | tr '\0' a >"$dir/large"
  get 431 /health/live -H "X-Large: $(head -c 60000 "$dir/large")"
  local code
  code=$(curl -s --max-time 20 -o /dev/null -w '%{http_code}' "$url/$(head -c 60000 "$dir/large")" || true)
  [[ $code =~ ^(414|431)$ ]]
  printf 'nonsense\r\n\r\n' | timeout 10 bash -c "exec 4<>/dev/tcp/127.0.0.1/${url##*:}; cat >&4; cat <&4" >/dev/null || true
  head -c 4096 /dev/urandom | timeout 10 bash -c "exec 4<>/dev/tcp/127.0.0.1/${url##*:}; cat >&4; cat <&4" >/dev/null || true
  get 200 /health/live
  # Those that never finish a header are closed, though each sends a byte a second.
  wait_until 300 is 0 open_connections
  kill "$dripping"
  stops
  equal "$(($(summary dropped "$dir/serve.out") >= 300))" 1
}
dripping() { [ "$(open_connections)" -ge 300 ]; }
open_connections() { ss -Htn state established "sport = :${url##*:}" | wc -l; }

@test "SIGTERM stops it, while somebody waits for a database that does not answer, too" {
  serve
  stops
  equal "$(summary stopped_by "$dir/serve.out")" SIGTERM
  node -e '
    const server = require("net").createServer((socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1", () => require("fs").writeFileSync(process.argv[1], String(server.address().port)));
    setTimeout(() => process.exit(0), 60000);' "$dir/silent" >/dev/null 2>&1 3>&- &
  pids+=($!)
  wait_until 100 test -s "$dir/silent"
  settings[0]="DATABASE_URL=postgresql://postgres@127.0.0.1:$(cat "$dir/silent")/app?sslmode=disable"
  serve
  curl -s --max-time 30 "$url/health/ready" >"$dir/waiting" 3>&- &
  local waiting=$!
  get 200 /health/live
  stops
  wait "$waiting" || true
}

@test "readiness is answered in time by a database that does not" {
  node -e '
    const server = require("net").createServer((socket) => socket.on("error", () => {}));
    server.listen(0, "127.0.0.1", () => require("fs").writeFileSync(process.argv[1], String(server.address().port)));
    setTimeout(() => process.exit(0), 60000);' "$dir/silent" >/dev/null 2>&1 3>&- &
  pids+=($!)
  wait_until 100 test -s "$dir/silent"
  settings[0]="DATABASE_URL=postgresql://postgres@127.0.0.1:$(cat "$dir/silent")/app?sslmode=disable"
  serve
  get 503 /health/ready
  equal "$(jq -r .db "$dir/body")" FAIL
}

@test "a port that is taken is one line with a hint" {
  serve
  settings[2]=OPS_LISTEN=${url#http://}
  expect 70 ops-serve --max-seconds 1 --exit-codes sysexits
  one_error "cannot listen"
}

@test "READY and WATCHDOG are told to systemd" {
  # shellcheck disable=SC2016 # of Perl
  perl -MSocket -e '
    socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un(shift)) or die; $| = 1;
    alarm 60; while (1) { recv($s, my $m, 1000, 0); print "$m\n"; }' "$dir/notify" >"$dir/notified" 2>&1 3>&- &
  pids+=($!)
  wait_until 100 test -S "$dir/notify"
  settings+=("NOTIFY_SOCKET=$dir/notify" WATCHDOG_USEC=3000000)
  serve
  wait_until 100 grep -q WATCHDOG=1 "$dir/notified"
  grep -q READY=1 "$dir/notified"
  stops
  wait_until 50 grep -q STOPPING=1 "$dir/notified"
}

@test "a role with zero_admin_watcher is enough" {
  sql "CREATE ROLE watcher_$database LOGIN IN ROLE zero_admin_watcher"
  settings[0]=DATABASE_URL=${database_url/postgres:/watcher_$database:}
  serve
  get 200 / "${bearer[@]}"
  get 200 /metrics "${bearer[@]}"
  stops
  drop_database
  cluster_psql "$cluster" -d postgres -c "DROP ROLE watcher_t$BATS_SUITE_TEST_NUMBER"
}
