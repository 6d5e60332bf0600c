#!/usr/bin/env bats
# deploy-gate: green only when everything is, and red for each thing by its own reason. The tools that it asks are stubs here.

# shellcheck disable=SC2016,SC2030,SC2031 # what stubs do is in quotes; a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

revision=0123abc

setup() {
  dir=$BATS_TEST_TMPDIR
  calls=0
  mkdir "$dir/bin" "$dir/evidence"
  stub systemctl 'case $1 in list-unit-files) echo "0admin-outbox-publish.service enabled"; echo "0admin-outbox-prune.timer enabled" ;; is-active) echo active ;; esac'
  lines health-probe 0 '{"type":"probe","probe":"db","state":"ok","reason":""}' '{"type":"probe","probe":"schema","state":"ok","reason":"at_head"}' \
    '{"type":"probe","probe":"app_schema","state":"ok","reason":"at_head"}' '{"type":"probe","probe":"ready","state":"ok","reason":""}' \
    '{"type":"probe","probe":"webhook","state":"skipped","reason":"not_set"}' '{"type":"summary","state":"ok","exit":0}'
  lines heartbeat-watch 0 '{"type":"heartbeat","target":"publisher","state":"ok","reason":""}' '{"type":"summary","state":"ok","exit":0}'
  lines alert-check 0 '{"type":"rule","rule":"dlq_size","state":"ok","reason":""}' '{"type":"summary","state":"ok","exit":0}'
  lines ops-metrics 0 '{"dlq_size":0}'
  local now
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  proof ci "{\"revision\":\"$revision\",\"state\":\"passed\"}"
  proof coverage "{\"revision\":\"$revision\",\"state\":\"passed\",\"line_percent\":90}"
  proof smoke "{\"revision\":\"$revision\",\"state\":\"passed\",\"cells\":[{\"name\":\"g++/15/stdout\",\"state\":\"passed\"}]}"
  proof roundtrip "{\"revision\":\"older\",\"state\":\"passed\",\"finished_at\":\"$now\"}"
  proof egress-violations '[]'
  echo dumped >"$dir/evidence/20261123.dump.age"
  proof dump "{\"file\":\"20261123.dump.age\",\"sha256\":\"$(sha256sum <"$dir/evidence/20261123.dump.age" | cut -d ' ' -f 1)\",\"created_at\":\"$now\"}"
}
teardown() { :; }

stub() { printf '#!/bin/bash\n%s\n' "$2" >"$dir/bin/$1" && chmod +x "$dir/bin/$1"; }
# lines TOOL EXIT LINE…: a tool that prints these lines, and what it was called with to TOOL.argv.
lines() {
  printf '%s\n' "${@:3}" >"$dir/$1.lines"
  stub "$1" "echo \"\$* \${STATE_DIR:+with STATE_DIR}\" >>'$dir/$1.argv'; cat '$dir/$1.lines'; exit $2"
}
proof() { printf '%s\n' "$2" >"$dir/evidence/$1.json"; }

compose() { command=(env -i "PATH=$dir/bin:/usr/bin:/bin" TZ=UTC LC_ALL=C.UTF-8 "$repository/tools/deploy-gate/deploy-gate" "${@:2}"); }

# gate CODE OPTION…
gate() { expect "$1" deploy-gate --evidence "$dir/evidence" --revision "$revision" --app-head head1 "${@:2}"; }
# What is not green: "check state reason", sorted.
not_green() { lines_of check | jq -r 'select(.state != "ok") | [.check, .state, .reason] | join(" ")' | sed 's/ *$//' | sort | paste -sd ','; }

# red WANTED [OPTION…]: the gate is red by these checks and no other.
red() {
  gate 1 "${@:2}"
  equal "$(not_green)" "$1"
}

@test "all green exits 0, and says what was checked" {
  gate 0
  equal "$(lines_of check | jq -r .check | paste -sd ' ')" "unit:0admin-outbox-publish.service unit:0admin-outbox-prune.timer health-probe:db health-probe:schema health-probe:app_schema \
health-probe:ready health-probe:webhook health-probe heartbeat-watch:publisher heartbeat-watch alert-check:dlq_size alert-check dlq_size ci coverage smoke roundtrip egress dump"
  equal "$(summary state) $(summary checks) $(summary red) $(summary exit)" "ok 19 0 0"
  equal "$(jq -r .tool "$out" | sort -u) $(jq -r .run_id "$out" | sort -u | wc -l)" "deploy-gate 1"
  has "$(cat "$dir/health-probe.argv")" "all --app-head head1 --format jsonl"
  # What the gate sees is not taken for said by the alerts of every day.
  has "$(cat "$dir/alert-check.argv")" "with STATE_DIR"
}

# Each kind of evidence, by file.
kinds='ci coverage smoke roundtrip egress-violations dump'
all_red() { # STATE REASON KIND…: as not_green has it
  printf '%s\n' "${@:3}" | sed "s/egress-violations/egress/; s/\$/ $1 $2/" | sort | paste -sd ,
}

@test "each kind of evidence that is missing, empty, unparsable, of another kind or unreadable is red by that reason" {
  local kind
  # shellcheck disable=SC2086 # a list
  set -- $kinds
  each() { for kind in $kinds; do "$1" "$dir/evidence/$kind.json"; done; }
  empty() { : >"$1"; }
  cut_off() { printf '{"revision":"%s","sta' "$revision" >"$1"; }
  another() { echo '"passed"' >"$1"; }
  folder() { rm "$1" && mkdir "$1"; }
  each empty
  red "$(all_red unknown empty "$@")"
  each cut_off
  red "$(all_red unknown unparsable "$@")"
  each another
  red "$(all_red unknown unparsable "$@")"
  each folder
  red "$(all_red unknown unreadable "$@")"
  rm -r "$dir"/evidence/*.json
  red "$(all_red unknown missing "$@")"
}

@test "one piece of evidence that is missing makes the gate red" {
  rm "$dir/evidence/smoke.json"
  red "smoke unknown missing"
}

@test "evidence that failed, is pending, says nothing, or is of another revision is red" {
  local kind
  cp -r "$dir/evidence" "$dir/good"
  edit() { for kind in ci coverage smoke roundtrip; do jq -c "$1" "$dir/good/$kind.json" >"$dir/evidence/$kind.json"; done; }
  edit '.state = "failed"'
  red "$(all_red critical failed ci coverage smoke roundtrip)"
  edit '.state = "pending"'
  red "$(all_red unknown pending ci coverage smoke roundtrip)"
  edit 'del(.state)'
  red "$(all_red unknown no_state ci coverage smoke roundtrip)"
  edit '.revision = "other"'
  red "$(all_red critical other_revision ci coverage smoke)"
}

@test "evidence that is stale, without a time, or from the future is red" {
  local roundtrip dump
  roundtrip=$(cat "$dir/evidence/roundtrip.json")
  dump=$(cat "$dir/evidence/dump.json")
  dated() { # WHEN
    proof roundtrip "$(jq -c --arg at "$(date -u -d "$1" +%FT%TZ)" '.finished_at = $at' <<<"$roundtrip")"
    proof dump "$(jq -c --arg at "$(date -u -d "$1" +%FT%TZ)" '.created_at = $at' <<<"$dump")"
    touch -d "$1" "$dir/evidence/egress-violations.json"
  }
  dated '2 days ago'
  red "$(all_red critical stale roundtrip egress dump)"
  dated '1 hour'
  red "$(all_red unknown from_the_future roundtrip egress dump)"
  dated '20 hours ago'
  gate 0
  proof roundtrip "$(jq -c '.finished_at = "yesterday"' <<<"$roundtrip")"
  proof dump "$(jq -c 'del(.created_at)' <<<"$dump")"
  red "$(all_red unknown no_time roundtrip dump)"
}

@test "bad evidence is red: coverage below its floor, a cell that failed, a violation, a dump that was changed" {
  proof coverage "{\"revision\":\"$revision\",\"state\":\"passed\",\"line_percent\":89.9}"
  proof smoke "{\"revision\":\"$revision\",\"state\":\"passed\",\"cells\":[{\"state\":\"passed\"},{\"state\":\"pending\"}]}"
  proof egress-violations '[{"call":"connect","to":"192.0.2.1:80"}]'
  echo more >>"$dir/evidence/20261123.dump.age"
  red "coverage critical below_floor,dump critical checksum,egress critical violations,smoke critical cell_not_passed"
}

@test "evidence that proves nothing is red: no cell, no percentage, a dump that is gone" {
  proof coverage "{\"revision\":\"$revision\",\"state\":\"passed\"}"
  proof smoke "{\"revision\":\"$revision\",\"state\":\"passed\",\"cells\":[]}"
  mkdir "$dir/backups"
  mv "$dir/evidence/20261123.dump.age" "$dir/backups"
  red "coverage critical below_floor,dump unknown file_missing,smoke critical cell_not_passed" --coverage-floor 0
  red "coverage critical below_floor,smoke critical cell_not_passed" --coverage-floor 0 --backups "$dir/backups"
  proof dump "$(jq -c '.file = "../backups/20261123.dump.age"' "$dir/evidence/dump.json")"
  red "coverage critical below_floor,dump unknown no_file,smoke critical cell_not_passed"
}

@test "a unit that is not active is red, and so is having none" {
  stub systemctl 'case $1 in list-unit-files) ;; is-active) [ "$3" != dead.service ] && echo active || { echo failed; exit 3; } ;; esac'
  red "units unknown none_enabled"
  red "unit:dead.service critical failed" --unit dead.service --unit live.service
  rm "$dir/bin/systemctl"
  stub systemctl 'exit 1'
  red "unit:live.service unknown no_answer" --unit live.service
}

@test "a dead letter is red, and so is a size that nobody tells" {
  lines ops-metrics 0 '{"dlq_size":1}'
  red "dlq_size critical 1"
  lines ops-metrics 1 ''
  red "dlq_size unknown absent"
  lines ops-metrics 0 '{"dlq_size":null}'
  red "dlq_size unknown absent"
}

@test "what a tool says is red is red, by its reason" {
  lines health-probe 1 '{"type":"probe","probe":"db","state":"ok","reason":""}' '{"type":"probe","probe":"schema","state":"critical","reason":"behind"}' \
    '{"type":"probe","probe":"app_schema","state":"critical","reason":"diverged"}' '{"type":"summary","state":"critical","exit":1}'
  red "health-probe critical,health-probe:app_schema critical diverged,health-probe:schema critical behind"
}

@test "a tool that is cut off, says nonsense, is missing, hangs or contradicts itself is red" {
  stub heartbeat-watch 'echo "{\"type\":\"heartbeat\",\"state\":\"ok\"}"'
  stub alert-check 'echo Segmentation fault'
  red "alert-check unknown unparsable,heartbeat-watch unknown cut"
  stub heartbeat-watch 'exit 0'
  stub alert-check 'echo "{\"type\":\"summary\",\"state\":\"ok\",\"exit\":0}"; exit 1'
  red "alert-check unknown,heartbeat-watch unknown unparsable"
  stub heartbeat-watch 'sleep 60'
  rm "$dir/bin/alert-check"
  red "alert-check unknown not_installed,heartbeat-watch unknown timeout" --timeout 3
}

@test "a probe that was not made is red" {
  lines health-probe 0 '{"type":"probe","probe":"db","state":"ok","reason":""}' '{"type":"summary","state":"ok","exit":0}'
  red "health-probe:app_schema unknown not_probed,health-probe:ready unknown not_probed,health-probe:schema unknown not_probed" --ready http://127.0.0.1:1/
}

@test "without migrations of the application its head is not asked for, but that has to be said" {
  expect 0 deploy-gate --evidence "$dir/evidence" --revision "$revision" --no-app-head
  has_not "$(cat "$dir/health-probe.argv")" app-head
  expect 64 deploy-gate --exit-codes sysexits --evidence "$dir/evidence" --revision "$revision"
  one_error
}

@test "exit views: unknown and critical differ, and --plugin prints one line" {
  rm "$dir/evidence/ci.json"
  gate 69 --exit-codes sysexits
  gate 3 --exit-codes plugin
  proof smoke "{\"revision\":\"$revision\",\"state\":\"failed\"}"
  gate 1 --exit-codes sysexits
  gate 2 --plugin
  equal "$output" "DEPLOY-GATE CRITICAL - 2 of 19 checks are not green | 'red'=2;;0"
}

@test "usage errors are named, and a lost standard output is a failure" {
  expect 64 deploy-gate --exit-codes sysexits --evidence "$dir/evidence"
  expect 64 deploy-gate --exit-codes sysexits --frobnicate
  expect 64 deploy-gate --exit-codes sysexits --evidence e --revision r --no-app-head --coverage-floor many
  local status=0 command
  compose deploy-gate --evidence "$dir/evidence" --revision "$revision" --no-app-head --exit-codes sysexits
  "${command[@]}" >/dev/full 2>"$dir/err" || status=$?
  equal "$status" 74
  has "$(said error "$dir/err")" "standard output cannot be written"
}
