#!/usr/bin/env bash
# Makes certificates in a folder (EC P-256):
#
#   certs.sh DIR [NAME…]
#
#   ca.pem       the authority
#   server.pem   for localhost, 127.0.0.1, ::1 and the given names (host names or addresses), with server.key
#   expired.pem  the same, but it ran out in 2020, with expired.key
#   other-ca.pem an authority that signed none of them
#
# Does nothing when what is there fits; otherwise makes everything anew, authorities included.
# Several calls at once on one folder are safe: one works, the others wait.
set -euo pipefail

die() {
  echo "certs.sh: $*" >&2
  exit 1
}

[ $# -ge 1 ] || die "usage: certs.sh DIR [NAME…]"
dir=$1
shift
names=(localhost 127.0.0.1 ::1 "$@")

mkdir -p "$dir"
exec 9>"$dir/.lock"
flock 9

is_address() { [[ $1 == *:* || $1 =~ ^[0-9.]+$ ]]; }

fits() {
  local name check
  for name in ca.pem server.key server.pem expired.key expired.pem other-ca.pem; do [ -s "$dir/$name" ] || return 1; done
  openssl x509 -in "$dir/server.pem" -noout -checkend 86400 >/dev/null || return 1
  for name in "${names[@]}"; do
    if is_address "$name"; then check=-checkip; else check=-checkhost; fi
    # Its exit code is 0 either way.
    openssl x509 -in "$dir/server.pem" -noout "$check" "$name" | grep -q 'does match' || return 1
  done
}

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

authority() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 365 -subj "/CN=0admin test authority $1"
}

sign() { # NAME OPTION…
  local name=$1
  shift
  key "$name"
  openssl req -new -key "$name.key" -subj /CN=localhost -out "$name.csr"
  openssl ca -batch -notext -config ca.conf -in "$name.csr" -out "$name.pem" "$@"
}

make() {
  local name alternatives=
  for name in "${names[@]}"; do
    if is_address "$name"; then alternatives+=,IP:$name; else alternatives+=,DNS:$name; fi
  done
  # openssl ca is the one command of OpenSSL 3.0 that can set a validity in the past.
  cat >ca.conf <<CONF
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
x509_extensions = server
[any]
commonName = supplied
[server]
subjectAltName = ${alternatives#,}
extendedKeyUsage = serverAuth
CONF
  : >index.txt
  authority ca
  authority other-ca
  sign expired -startdate 20200101000000Z -enddate 20200201000000Z
  sign server -days 365
  # A receiver may run as another user.
  chmod 644 server.key expired.key
}

if fits; then exit 0; fi
new=$(mktemp -d "$dir/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
# Not `make || die`: in a condition, set -e does not hold, and a failed step would be passed over.
set +e
(set -e; cd "$new"; make) >"$new/log" 2>&1
code=$?
set -e
[ "$code" -eq 0 ] || die "openssl: $(grep -i -m1 error "$new/log" || tail -n 1 "$new/log")"
for name in ca.key ca.pem expired.key expired.pem other-ca.pem server.key server.pem; do mv -f "$new/$name" "$dir/$name"; done
