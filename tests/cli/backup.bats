#!/usr/bin/env bats
# scripts/backup and scripts/restore: a dump is encrypted, whole or absent, and comes back as it was.

# shellcheck disable=SC2030,SC2031 # a test is a subshell, and means to be one
# shellcheck source=tests/cli/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup() {
  setup_world
  mkdir "$dir/dumps"
  age-keygen -o "$dir/identity" 2>/dev/null
  age-keygen -y "$dir/identity" >"$dir/recipients"
  settings=("DATABASE_URL=$database_url" "BACKUP_DIR=$dir/dumps" "BACKUP_RECIPIENTS=$dir/recipients")
  enqueue 3 Demo
}

teardown() {
  [ -z "${disk:-}" ] || umount "$disk"
  [ -z "${target:-}" ] || cluster_psql "$cluster" -d postgres -c "DROP DATABASE IF EXISTS $target WITH (FORCE)"
  teardown_world
}

# Calls scripts, not tools.
compose() {
  case $1 in
    backup | restore) command=(env -i "PATH=${path:-}/usr/bin:/bin:/usr/sbin" TZ=UTC LC_ALL=C.UTF-8 HOME="$dir" "${settings[@]}" "$repository/scripts/$1" "${@:2}") ;;
    *) command=(env -i PATH=/usr/bin:/bin TZ=UTC "${settings[@]}" "$build/tools/$1/$1" "${@:2}") ;;
  esac
}

# A database to restore into; an empty one unless there is a template.
into() {
  target=into${BATS_SUITE_TEST_NUMBER}
  cluster_psql "$cluster" -d postgres -c "CREATE DATABASE $target TEMPLATE ${1:-template0}"
  settings=("DATABASE_URL=${database_url/"/$database?"/"/$target?"}" "BACKUP_DIR=$dir/dumps" "BACKUP_IDENTITY_FILE=$dir/identity" "SCHEMA_DIR=$repository/lib/schema")
}

count() { cluster_psql "$cluster" -d "$1" -At -c "SELECT count(*) FROM zero_admin.event_outbox"; }
dumps() { find "$dir/dumps" -name '*.dump.age' | wc -l; }
plain_dump() { "$(_cluster_bin pg_dump)" -h "$(cat "$cluster/socket")" -p "$(cat "$cluster/port")" -U postgres "$1" | grep -v '^\\.*restrict'; }

@test "what is backed up is restored to the byte, and verified" {
  expect 0 backup
  equal "$(lines_of backup | jq -r '[.tool, .schema_change] | join(" ")')" "backup $(awk 'END { print $1 }' "$repository/lib/schema/sqitch.plan")"
  equal "$(jq -r .sha256 "$dir/dumps/manifest.jsonl")" "$(sha256sum "$dir"/dumps/*.dump.age | cut -d ' ' -f 1)"
  into
  expect 0 restore
  equal "$(lines_of restore | jq -r .file)" "$(jq -r .file "$dir/dumps/manifest.jsonl")"
  diff <(plain_dump "$database") <(plain_dump "$target")
}

@test "a dump is of no use without the identity, and only its owner can read it" {
  expect 0 backup
  run ! grep -qaF -e "$canary" -e enqueue_event "$dir"/dumps/*.dump.age
  equal "$(stat -c %a "$dir"/dumps/*.dump.age)" 600
  into
  age-keygen -o "$dir/other" 2>/dev/null
  settings+=("BACKUP_IDENTITY_FILE=$dir/other")
  expect 1 restore
  has "$(said error)" "the dump cannot be decrypted"
  equal "$(cluster_psql "$cluster" -d "$target" -At -c "SELECT count(*) FROM pg_namespace WHERE nspname = 'zero_admin'")" 0
}

@test "a dump that was cut or changed is refused before the database is touched" {
  expect 0 backup
  local file
  file=$(echo "$dir"/dumps/*.dump.age)
  cp "$file" "$dir/whole"
  into ops
  truncate -s -100 "$file"
  expect 1 restore --replace
  has "$(said error)" "the checksum differs"
  # One that was cut before its checksum was taken.
  jq -c --arg sum "$(sha256sum "$file" | cut -d ' ' -f 1)" '.sha256 = $sum' "$dir/dumps/manifest.jsonl" >"$dir/forged" && mv "$dir/forged" "$dir/dumps/manifest.jsonl"
  expect 1 restore --replace
  has "$(said error)" "the dump cannot be decrypted"
  equal "$(count "$target")" 0
}

@test "a database that is not empty is refused, and replaced when told" {
  expect 0 backup
  into ops
  expect 1 restore
  has "$(said error)" "the database is not empty"
  equal "$(count "$target")" 0
  expect 0 restore --replace
  equal "$(count "$target")" 3
}

@test "--keep leaves the newest, and what backup did not write" {
  touch "$dir/dumps/notes.txt" "$dir/dumps/20200101T000000.000Z.dump.gpg"
  expect 0 backup --keep 2
  local first
  first=$(jq -r .file "$dir/dumps/manifest.jsonl")
  expect 0 backup --keep 2
  expect 0 backup --keep 2
  equal "$(summary removed) $(summary kept) $(dumps)" "1 2 2"
  [ ! -e "$dir/dumps/$first" ]
  [ -e "$dir/dumps/notes.txt" ] && [ -e "$dir/dumps/20200101T000000.000Z.dump.gpg" ]
  equal "$(jq -r .file "$dir/dumps/manifest.jsonl" | sort)" "$(find "$dir/dumps" -name '*.dump.age' -printf '%f\n' | sort)"
}

@test "an older dump is restored by its name" {
  expect 0 backup
  local first
  first=$(jq -r .file "$dir/dumps/manifest.jsonl")
  sql "DELETE FROM zero_admin.outbox_queue"
  expect 0 backup
  into
  expect 0 restore "$first"
  equal "$(count "$target")" 3
}

@test "a full disk leaves the dumps of before, and no part of a new one" {
  [ "$(id -u)" -eq 0 ] || skip "needs root, for a small file system"
  disk=$dir/dumps
  mount -t tmpfs -o size=256k tmpfs "$disk"
  expect 0 backup
  sql "INSERT INTO zero_admin.outbox_events (id, tenant_id, event_type, schema_version, idempotency_key, payload)
       SELECT gen_random_uuid(), '$tenant', 'Big', '1.0', n::text, to_json((SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 200) WHERE n > 0)::text) FROM generate_series(1, 100) n"
  expect 1 backup
  has "$(said error)" "cannot be encrypted or stored"
  equal "$(find "$disk" -type f -printf '%f\n' | grep -cvE '^(manifest.jsonl|.lock)$')" 1
  settings+=("BACKUP_IDENTITY_FILE=$dir/identity")
  expect 0 restore --check
}

@test "a pg_dump that dies leaves no dump" {
  mkdir "$dir/bin"
  printf '#!/bin/sh\nprintf PGDMP\nexit 1\n' >"$dir/bin/pg_dump"
  chmod +x "$dir/bin/pg_dump"
  path=$dir/bin:
  expect 1 backup
  has "$(said error)" "pg_dump failed"
  equal "$(dumps)" 0
}

@test "no program is given the connection, the password or a key on its command line" {
  mkdir "$dir/bin"
  local program
  for program in pg_dump psql pg_restore age sqitch; do
    printf '#!/bin/bash\nprintf "%%s\\n" "%s $*" >>"%s/argv"\nexec "%s" "$@"\n' "$program" "$dir" "$(PATH=/usr/bin:/bin type -P "$program")" >"$dir/bin/$program"
  done
  chmod +x "$dir"/bin/*
  path=$dir/bin:
  expect 0 backup
  into
  expect 0 restore
  equal "$(grep -oE '^(age|pg_dump|pg_restore|psql|sqitch) ' "$dir/argv" | sort -u | tr -d '\n')" "age pg_dump pg_restore psql sqitch "
  run ! grep -E "$canary|$(cat "$cluster/socket")|AGE-SECRET" "$dir/argv"
}

@test "what is missing is named, with what to do" {
  settings=("DATABASE_URL=$database_url" "BACKUP_DIR=$dir/dumps" "BACKUP_RECIPIENTS=$dir/none")
  expect 78 backup --exit-codes sysexits
  one_error
  settings=("BACKUP_DIR=$dir/dumps" "BACKUP_RECIPIENTS=$dir/recipients")
  expect 78 backup --exit-codes sysexits
  has "$(said error)" "DATABASE_URL is not set"
  settings=("DATABASE_URL=host=$canary" "BACKUP_DIR=$dir/dumps" "BACKUP_RECIPIENTS=$dir/recipients")
  expect 78 backup --exit-codes sysexits
  has "$(said error)" "no libpq connection URI"
  settings=("DATABASE_URL=postgresql://u:$canary@127.0.0.1:1/x" "BACKUP_DIR=$dir/dumps" "BACKUP_RECIPIENTS=$dir/recipients")
  expect 70 backup --exit-codes sysexits
  one_error
  expect 64 backup --exit-codes sysexits --keep 0
  expect 64 backup --exit-codes sysexits --frobnicate
  settings=("BACKUP_DIR=$dir/dumps")
  expect 78 restore --exit-codes sysexits
  has "$(said error)" "there is no manifest"
  run "$repository/scripts/backup" --help
  has "$output" "--keep N"
}

@test "a URI with escapes, several hosts and a password is read as libpq reads it" {
  # shellcheck source=scripts/ops.bash
  source "$repository/scripts/ops.bash"
  equal "$(service_of 'postgresql://a%40b:p%3Aw%25@h1:1,[::1]:2,h3/d%20b?sslmode=require&options=-c%20x%3D1' | paste -sd '|')" \
    'user=a@b|password=p:w%|host=h1,::1,h3|port=1,2,|dbname=d b|sslmode=require|options=-c x=1'
  equal "$(service_of 'postgres:///app?host=/run/postgresql' | paste -sd '|')" 'dbname=app|host=/run/postgresql'
  run ! service_of 'host=x'
}

@test "two at once make one dump" {
  exec 8>"$dir/dumps/.lock"
  flock 8
  expect 0 backup
  equal "$(summary state)" skipped
  equal "$(dumps)" 0
}
