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
  [ -z "${target:-}" ] || for name in $(beside "$target%"); do cluster_psql "$cluster" -d postgres -c "DROP DATABASE $name WITH (FORCE)"; done
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

beside() { cluster_psql "$cluster" -d postgres -At -c "SELECT datname FROM pg_database WHERE datname LIKE '$1'"; }
count() { cluster_psql "$cluster" -d "$1" -At -c "SELECT count(*) FROM zero_admin.event_outbox"; }
dumps() { find "$dir/dumps" -name '*.dump.age' | wc -l; }
plain_dump() { cluster_dump "$cluster" "$1" | grep -v '^\\.*restrict'; }

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
  local old
  old=$(lines_of restore | jq -r .replaced)
  equal "$(beside "$target\_%")" "$old"
  equal "$(count "$old")" 0
  diff <(plain_dump "$database") <(plain_dump "$target")
}

# What is of the database itself: owner, collation, settings and grants.
properties() {
  cluster_psql "$cluster" -d postgres -At -c "
    SELECT pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text, datcollate, datctype, datconnlimit, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(datacl) a) FROM pg_database WHERE datname = '$1'
    UNION ALL SELECT setrole::text, unnest(setconfig), '', '', 0, '' FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = '$1' ORDER BY 1, 2, 3"
}

@test "what takes the place of a database has its owner, settings and grants" {
  expect 0 backup
  into ops
  cluster_psql "$cluster" -d "$target" <<SQL
ALTER DATABASE $target CONNECTION LIMIT 50;
ALTER DATABASE $target OWNER TO zero_admin_operator;
REVOKE ALL ON DATABASE $target FROM PUBLIC;
GRANT CONNECT ON DATABASE $target TO zero_admin_runner WITH GRANT OPTION;
ALTER DATABASE $target SET search_path = "\$user", 'Own "one', public;
ALTER DATABASE $target SET zero_admin.outbox_max_payload_bytes = '1000';
ALTER ROLE zero_admin_watcher IN DATABASE $target SET statement_timeout = '7s';
SQL
  local before
  before=$(properties "$target")
  has "$before" 'search_path="$user", "Own ""one", public'
  expect 0 restore --replace
  equal "$(properties "$target")" "$before"
}

# Nothing is different, and nothing is left.
as_before() { diff "$dir/before" <(plain_dump "$target") && equal "$(beside "$target%")" "$target"; }

@test "what cannot be restored, or is not verified, replaces nothing" {
  cluster_psql "$cluster" -d "$database" -c "CREATE ROLE gone_$database" -c "GRANT SELECT ON zero_admin.dead_letters TO gone_$database"
  expect 0 backup
  cluster_psql "$cluster" -d "$database" -c "DROP OWNED BY gone_$database" -c "DROP ROLE gone_$database"
  into ops
  cluster_psql "$cluster" -d "$target" -c "CREATE TABLE public.own AS SELECT 1 AS n"
  plain_dump "$target" >"$dir/before"
  expect 1 restore --replace
  has "$(said error)" "the dump cannot be restored"
  as_before

  cluster_psql "$cluster" -d postgres -c "CREATE ROLE gone_$database"
  cp -r "$repository/lib/schema" "$dir/schema"
  echo 'SELECT 1 / 0;' >>"$dir/schema/verify/outbox.sql"
  settings+=("SCHEMA_DIR=$dir/schema")
  expect 1 restore --replace
  has "$(said error)" "what was restored is not the schema"
  as_before
  settings+=("SCHEMA_DIR=$repository/lib/schema")
  expect 0 restore --replace
  cluster_psql "$cluster" -d "$target" -c "DROP OWNED BY gone_$database"
  cluster_psql "$cluster" -d postgres -c "DROP ROLE gone_$database"
}

@test "what is restored into an empty database and not verified stays there to be looked at" {
  expect 0 backup
  into
  cp -r "$repository/lib/schema" "$dir/schema"
  echo 'SELECT 1 / 0;' >>"$dir/schema/verify/outbox.sql"
  settings+=("SCHEMA_DIR=$dir/schema")
  expect 1 restore
  has "$(said error)" "the database holds it all the same"
  equal "$(count "$target")" 3
}

@test "a restore that is ended replaces nothing" {
  expect 0 backup
  into ops
  plain_dump "$target" >"$dir/before"
  mkdir "$dir/bin"
  # Ends the script that waits for it, as soon as everything is restored.
  printf '#!/bin/bash\n/usr/bin/pg_restore "$@"\ncase "$*" in *--file*) ;; *) kill -TERM "$PPID" ;; esac\n' >"$dir/bin/pg_restore"
  chmod +x "$dir/bin/pg_restore"
  path=$dir/bin:
  expect 143 restore --replace
  as_before
}

@test "a database that is in use is not replaced" {
  expect 0 backup
  into ops
  plain_dump "$target" >"$dir/before"
  mkfifo "$dir/hold"
  cluster_psql "$cluster" -d "$target" <"$dir/hold" >"$dir/held" 2>&1 3>&- &
  pids+=($!)
  exec 7>"$dir/hold"
  echo '\echo here' >&7
  wait_until 100 grep -q here "$dir/held"
  expect 1 restore --replace
  has "$(said error)" "the database is in use"
  exec 7>&-
  wait_until 100 gone "${pids[-1]}"
  # Somebody who comes while it is restored.
  mkdir "$dir/bin"
  cat >"$dir/bin/sqitch" <<SH
#!/bin/bash
/usr/bin/sqitch "\$@" || exit
unset PGSERVICE PGSERVICEFILE
/usr/bin/psql -X "$(cluster_url "$cluster" "$target")&application_name=late" -c 'SELECT pg_sleep(60)' &>/dev/null 3>&- &
until [ "\$(/usr/bin/psql -XAt "$(cluster_url "$cluster" postgres)" -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'late'")" = 1 ]; do sleep 0.1; done
SH
  chmod +x "$dir/bin/sqitch"
  path=$dir/bin:
  expect 1 restore --replace
  has "$(said error)" "stop the application and the runners"
  as_before
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
