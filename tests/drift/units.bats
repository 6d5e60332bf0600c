#!/usr/bin/env bats
# The units say what systemd and the programs understand, and leave a service no more than it needs. Checked is what is installed, in a
# folder that stands for the root of a host.

# shellcheck source=tests/drift/helpers.bash
source "$BATS_TEST_DIRNAME/helpers.bash"

setup_file() {
  export host=$BATS_FILE_TMPDIR/host
  DESTDIR=$host cmake --install "$build" --prefix /usr >"$BATS_FILE_TMPDIR/log" 2>&1 || {
    tail -n 5 "$BATS_FILE_TMPDIR/log"
    return 1
  }
  # What systemd-analyze looks for where it is named.
  export units=$BATS_FILE_TMPDIR/units
  cp -r "$host/usr/lib/systemd/system" "$units"
  sed -i -E "/^Exec/s,(=-?|--| )(/usr/(bin|lib/0admin-ops)/),\1$host\2,g" "$units"/*.service
}

# Installed units of a kind, by their names, one a line.
named() { find "$units" -maxdepth 1 -type f -name "0admin*.$1" -printf '%f\n' | sort; }

# Every unit, a template as one of its instances.
all_units() {
  named '*' | while read -r unit; do
    case $unit in
      *@.*) printf '%s\n' "${unit/@./@publisher.}" ;;
      *) printf '%s\n' "$unit" ;;
    esac
  done
}

# settings UNIT KEY: the values that a key has in a unit.
settings() { sed -n "s/^$2=-\{0,1\}//p" "$host/usr/lib/systemd/system/$1"; }

# The command lines of a unit, each program with its arguments on a line.
commands() { sed -nE 's/^Exec(Start|Stop|Reload|Condition)[A-Za-z]*=-?//p' "$host/usr/lib/systemd/system/$1" | sed 's/ -- /\n/g'; }

# Where systemd does not run, systemd-analyze makes itself a folder in /run, which only root may.
analyze() {
  if [ -d /run/systemd ] || [ "$(id -u)" -eq 0 ]; then
    SYSTEMD_UNIT_PATH="$units:" systemd-analyze "$@"
  else
    # shellcheck disable=SC2016 # of the shell in there
    SYSTEMD_UNIT_PATH="$units:" unshare --user --map-root-user --mount sh -c 'mount -t tmpfs tmpfs /run && exec systemd-analyze "$@"' sh "$@"
  fi
}

@test "every unit is one of a tool that is built, and installed" {
  for unit in systemd/0admin*.*; do
    [ -d "$unit" ] || [ -e "$units/${unit##*/}" ] || echo "$unit is not installed; repair: name it 0admin-TOOL, followed by a dash, an at sign or a dot"
  done | none
}

@test "systemd knows every key, value and page of the units" {
  all_units >"$BATS_TEST_TMPDIR/all"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/all")" -gt 8 ]
  # shellcheck disable=SC2046 # names without blanks
  MANPATH="$host/usr/share/man:" SYSTEMD_LOG_LEVEL=warning \
    analyze --recursive-errors=yes verify $(sed "s|^|$units/|" "$BATS_TEST_TMPDIR/all") 2>&1
}

# What each may reach decides what its exposure may be, in tenths.
@test "a service is exposed no more than what it reaches asks for" {
  all_units | grep '\.service$' | while read -r unit; do
    file=$host/usr/lib/systemd/system/${unit/@publisher./@.}
    if grep -q '^PrivateNetwork=yes' "$file"; then
      limit=2 reach="no network"
    elif grep -q '^IPAddressAllow=localhost' "$file"; then
      limit=9 reach="loopback"
    else
      limit=12 reach="the internet"
    fi
    analyze security --offline=yes --threshold="$limit" "$units/$unit" >"$BATS_TEST_TMPDIR/score" 2>&1 ||
      printf '%s reaches %s; repair: harden it until it is below %s tenths:\n%s\n' "$unit" "$reach" "$limit" "$(grep -E '✗|Overall' "$BATS_TEST_TMPDIR/score")"
  done | none
}

@test "only deliveries and probes reach the internet" {
  grep -LE '^(PrivateNetwork=yes|IPAddressAllow=localhost)' "$host"/usr/lib/systemd/system/0admin-*.service | xargs -n 1 basename |
    grep -vE '^0admin-(outbox-publish|outbox-publish-tick|health-probe)\.service$' | sed 's/$/ is not kept from the internet; repair: IPAddressDeny=any, IPAddressAllow=localhost/' | none
}

@test "every program and every option in a unit exists" {
  named service | while read -r unit; do
    commands "$unit" | while read -r program arguments; do
      [ -x "$host$program" ] || echo "$unit runs $program, which is not installed; repair: correct it"
      [[ $program == /usr/bin/* ]] || continue
      env -i "$host$program" --help >"$BATS_TEST_TMPDIR/help"
      grep -oE -- '--[a-z-]+' <<<"$arguments" | while read -r option; do
        grep -qE -- "^  (-., )?$option( |\$)" "$BATS_TEST_TMPDIR/help" || echo "$unit gives ${program##*/} $option, which it does not know; repair: see its --help"
      done
      [[ $arguments == *"--exit-codes sysexits"* ]] || echo "$unit does not ask ${program##*/} for --exit-codes sysexits; repair: add it"
    done
  done | none
}

@test "a unit hands over the secrets that its programs read, and no other" {
  named service | while read -r unit; do
    settings "$unit" LoadCredential | sort >"$BATS_TEST_TMPDIR/handed"
    commands "$unit" | while read -r program _; do
      # Without a network there is no database to log in to.
      ! grep -q '^PrivateNetwork=yes' "$units/$unit" || continue
      [[ $program != /usr/bin/* ]] || env -i "$host$program" --help | tr -s ' \n' ' ' | grep -oE 'read from the credential [a-z_]+' | sed -E 's/.* (.*)/\1:0admin.\1/'
      [[ $program != */backup ]] || echo database_url:0admin.database_url
    done | sort -u >"$BATS_TEST_TMPDIR/read"
    diff "$BATS_TEST_TMPDIR/handed" "$BATS_TEST_TMPDIR/read" |
      sed -n -e "s/^< /$unit hands over what nothing in it reads; repair: remove LoadCredential=/p" -e "s/^> /$unit lacks a secret; repair: add LoadCredential=/p"
  done | none
}

@test "a failure is told of, and one that cannot mend itself is not tried again" {
  named service | grep -v '^0admin-alert@' | while read -r unit; do
    [ "$(settings "$unit" OnFailure)" = 0admin-alert@%n.service ] || echo "$unit fails in silence; repair: OnFailure=0admin-alert@%n.service"
    [ -n "$(settings "$unit" Restart)" ] || continue
    [ "$(settings "$unit" RestartPreventExitStatus)" = "64 78" ] || echo "$unit is started again with a wrong setting; repair: RestartPreventExitStatus=64 78"
    grep -qx 'ExecStopPost=-/usr/lib/0admin-ops/alert %n' "$host/usr/lib/systemd/system/$unit" || echo "$unit is started again in silence; repair: ExecStopPost=-/usr/lib/0admin-ops/alert %n"
  done | none
}

@test "every timer says how exact it is, and starts a service that is there" {
  named timer | while read -r timer; do
    [ -n "$(settings "$timer" AccuracySec)" ] || echo "$timer may be a minute late; repair: AccuracySec="
    [ -e "$units/${timer%.timer}.service" ] || echo "$timer starts nothing; repair: write ${timer%.timer}.service"
  done | none
}

@test "the two ways to run a runner exclude each other" {
  for runner in outbox-publish inbox-work; do
    [ "$(settings "0admin-$runner.service" Conflicts)" = "0admin-$runner-tick.timer" ]
    [ "$(settings "0admin-$runner-tick.timer" Conflicts)" = "0admin-$runner.service" ]
  done
}

@test "no unit has its folder in /run removed when it stops" {
  grep -rl '^RuntimeDirectory' "$units" | sed 's/$/ has RuntimeDirectory=; repair: systemd\/tmpfiles.conf/' | none
}
