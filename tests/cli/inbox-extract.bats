#!/usr/bin/env bats
# inbox-extract: documents become objects, one each and in order; what cannot be read costs only itself.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

documents=$repository/tests/fixtures/documents

# No database, and no setting that must be there.
setup() {
  dir=$BATS_TEST_TMPDIR
  pids=()
  calls=0
  out=
  err=
  settings=(NOTHING=)
}
teardown() { :; }

extract() { # CODE ARG…
  local code=$1
  shift
  expect "$code" inbox-extract "$@"
}

# field NAME [NUMBER]: of the object with this number, the first if none is given.
field() { jq -s -c ".[${2:-1} - 1].$1" "$out"; }

@test "each document is one object, in the order of the arguments, and nothing else is printed" {
  extract 0 "$documents/xrechnung-ubl.xml" "$documents/bank.csv" "$documents/zugferd.pdf" "$documents/invoice.xlsx"
  assert_lines inbox-extract/objects
  equal "$stderr" ''
}

@test "standard input is a document, too" {
  extract 0 - <"$documents/xrechnung-cii.xml"
  equal "$(field invoice_no)" '"RE-2026-0815"'
}

@test "a document that is refused is told in its place, the others are read, and the exit is 1" {
  extract 1 "$documents/damaged.pdf" "$documents/xrechnung-ubl.xml"
  equal "$(head -n 1 "$out")" '{"reason":"parse_error","error_class":"damaged"}'
  equal "$(field invoice_no 2)" '"RE-2026-0814"'
  equal "$stderr" ''
  expect 3 inbox-extract --exit-codes plugin "$documents/damaged.pdf"
  expect 70 inbox-extract --exit-codes sysexits "$documents/damaged.pdf"
}

@test "a file that cannot be read is named by its number, not by its name" {
  ln -s "$documents/bank.csv" "$dir/$canary-link"
  mkfifo "$dir/$canary-pipe"
  mkdir "$dir/$canary-folder"
  extract 1 "$documents/bank.csv" "$dir/$canary-missing" "$dir/$canary-link" "$dir/$canary-pipe" "$dir/$canary-folder" /dev/zero
  equal "$(jq -c '[.reason, .error_class]' "$out" | tail -n +2)" '["io_error","unreadable"]
["io_error","symbolic_link"]
["io_error","not_a_file"]
["io_error","not_a_file"]
["io_error","not_a_file"]'
  equal "$(said error | grep -o 'document [0-9] is not read')" "$(printf 'document %s is not read\n' 2 3 4 5 6)"
  has_not "$output$stderr" "$canary"
}

@test "a document larger than PARSER_MAX_BYTES is refused, from a file and from standard input" {
  local size
  size=$(stat -c %s "$documents/xrechnung-ubl.xml")
  settings=("PARSER_MAX_BYTES=$size")
  extract 0 "$documents/xrechnung-ubl.xml"
  settings=("PARSER_MAX_BYTES=$((size - 1))")
  extract 1 "$documents/xrechnung-ubl.xml"
  equal "$(<"$out")" '{"reason":"validation_error","error_class":"too_large"}'
  extract 1 - <"$documents/xrechnung-ubl.xml"
  equal "$(<"$out")" '{"reason":"validation_error","error_class":"too_large"}'
}

@test "an empty document is refused as empty" {
  : >"$dir/empty.pdf"
  extract 1 "$dir/empty.pdf"
  equal "$(<"$out")" '{"reason":"parse_error","error_class":"empty"}'
}

@test "--mime says what a document is said to be; another type is flagged and read all the same" {
  extract 0 --mime application/xml "$documents/xrechnung-ubl.xml"
  equal "$(field flags)" '[]'
  extract 0 --mime application/pdf "$documents/xrechnung-ubl.xml"
  equal "$(field flags)" '["mime_mismatch"]'
  equal "$(field invoice_no)" '"RE-2026-0814"'
}

@test "nothing that a document names is opened, and nothing is written" {
  may_trace
  cat >"$dir/attack.xml" <<'XML'
<?xml version="1.0"?>
<!DOCTYPE Invoice SYSTEM "file:///etc/shadow" [<!ENTITY a SYSTEM "file:///etc/passwd"> <!ENTITY % b SYSTEM "http://127.0.0.1:9/b"> %b;]>
<Invoice>&a;</Invoice>
XML
  keep inbox-extract
  local command code=0
  compose inbox-extract "$dir/attack.xml"
  (cd "$dir" && traced -f -qq -o trace -e trace=network,openat,creat,mkdir,unlink,rename "${command[@]}") >"$out" 2>"$err" || code=$?
  equal "$code" 1
  equal "$(<"$out")" '{"reason":"parse_error","error_class":"entity_declaration"}'
  # From when it is opened: before that, a sanitizer makes the folder of its reports. At its end, coverage is noted.
  sed -n '/"[^"]*attack\.xml"/,$p' "$dir/trace" | grep -v '\.gcda"' >"$dir/reading"
  [ -s "$dir/reading" ]
  equal "$(grep -cE '/etc/(passwd|shadow)|O_CREAT|connect\(|creat\(|mkdir\(|unlink\(|rename\(' "$dir/reading" || true)" 0
}

@test "no file, an unknown flag and a bad setting are named in one line with a hint" {
  extract 1
  one_error
  expect 64 inbox-extract --exit-codes sysexits
  extract 1 --no-such-flag "$documents/bank.csv"
  one_error --no-such-flag
  settings=(PARSER_MAX_BYTES=0)
  extract 1 "$documents/bank.csv"
  one_error "allowed: 1 to 1000000000"
  equal "$(summary exit)" 1
  expect 78 inbox-extract --exit-codes sysexits "$documents/bank.csv"
}

@test "--help, --version and --check-config need no document" {
  extract 0 --help
  has "$output" PARSER_MAX_BYTES=
  extract 0 --version
  [[ $output =~ ^inbox-extract\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
  extract 0 --check-config
  equal "$(jq -c .PARSER_MAX_BYTES "$out")" '{"value":"10000000","source":"default"}'
}

@test "it links no database" {
  equal "$(ldd "$build/tools/inbox-extract/inbox-extract" | grep -c libpq || true)" 0
}

@test "standard output closed, full or without a reader: exit 1, 3, 74, and a line that says so" {
  local code view command
  for view in simple:1 plugin:3 sysexits:74; do
    keep inbox-extract
    : >"$out"
    compose inbox-extract --exit-codes "${view%:*}" "$documents/bank.csv"
    code=0
    "${command[@]}" >&- 2>"$err" || code=$?
    equal "$code" "${view#*:}"
    has "$(<"$err")" "standard output could not be written"
    code=0
    "${command[@]}" >/dev/full 2>"$err" || code=$?
    equal "$code" "${view#*:}"
  done
  open_broken_pipe
  code=0
  bare inbox-extract "$documents/bank.csv" >&6 2>"$err" || code=$?
  equal "$code" 1
  has "$(<"$err")" "standard output could not be written"
}

# Whether a process handles SIGTERM.
minds() { (($((16#$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status"))) & 1 << 14)); }

@test "SIGTERM ends it, even while standard input does not" {
  mkfifo "$dir/slow.in"
  exec 7<>"$dir/slow.in"
  start slow inbox-extract -
  wait_until 100 minds "$pid"
  kill -TERM "$pid"
  ends "$pid" 0
}

# bench/accuracy limits the address space of each call.
may_limit() { ! has_sanitizer "$build/tools/inbox-extract/inbox-extract" || skip "a sanitizer reserves terabytes of address space"; }

@test "bench/accuracy finds the fixtures right, and tells a wrong, an invented and a missing field" {
  may_limit
  "$repository/bench/accuracy" "$documents" --build "$build" >"$dir/right"
  has "$(<"$dir/right")" "ubl: 1 documents, 100.0% wholly right, 0 with a wrong field"
  mkdir "$dir/samples"
  cp "$documents"/*.xml "$documents"/*.pdf "$documents"/*.xlsx "$documents"/*.csv "$dir/samples"
  sed -i 's/^xrechnung-ubl.xml,ubl,RE-2026-0814,100.00/xrechnung-ubl.xml,ubl,RE-1,100.0/; s/^\(xrechnung-cii.xml.*\),DE02120300000000202051$/\1,/' "$dir/samples/expected.csv"
  sed -i 's/^\(invoice.xlsx.*,Beispiel Technik GmbH\),,/\1,DE1,/' "$dir/samples/expected.csv"
  sed -i 's/,-85.20,/,85.20,/' "$dir/samples/expected_rows.csv"
  local code=0
  "$repository/bench/accuracy" "$dir/samples" --build "$build" --format jsonl >"$dir/wrong" || code=$?
  equal "$code" 1
  equal "$(jq -c 'select(.type == "not_right") | [.file, .field, .verdict]' "$dir/wrong")" '["xrechnung-ubl.xml","invoice_no","wrong"]
["xrechnung-cii.xml","iban","wrong"]
["invoice.xlsx","seller_vat","empty"]
["bank.csv","rows.amount","wrong"]'
}

@test "bench/accuracy tells a hostile file that ends otherwise than it is to" {
  may_limit
  ! grep -q '\.gcda' "$build/tools/inbox-extract/inbox-extract" || skip "coverage is noted in files, and a hostile file is to write none"
  mkdir -p "$dir/samples/hostile"
  echo 'file,format,invoice_no,amount,currency,issue_date,due_date,seller_name,seller_vat,buyer_name,iban' >"$dir/samples/expected.csv"
  cp "$documents/damaged.pdf" "$documents/xrechnung-ubl.xml" "$dir/samples/hostile"
  printf '%s\n' 'file,kind,want,invoice_no,amount,must' 'damaged.pdf,pdf,reject,,,' 'xrechnung-ubl.xml,xml,ok,RE-2026-0814,100.00,' >"$dir/samples/hostile.csv"
  "$repository/bench/accuracy" "$dir/samples" --build "$build" >"$dir/right"
  has "$(<"$dir/right")" "hostile: 2 files, 2 end as they are to"
  printf '%s\n' 'file,kind,want,invoice_no,amount,must' 'damaged.pdf,pdf,ok-or-partial,,,' 'xrechnung-ubl.xml,xml,ok,RE-1,100.00,' >"$dir/samples/hostile.csv"
  local code=0
  "$repository/bench/accuracy" "$dir/samples" --build "$build" >"$dir/wrong" || code=$?
  equal "$code" 1
  has "$(<"$dir/wrong")" "hostile: 2 files, 0 end as they are to"
}
