#!/usr/bin/env bash
# Makes certificates in a folder: ca.pem; server.pem and server.key for localhost, 127.0.0.1, ::1 and the
# given names; expired.pem and expired.key by the same authority; other-ca.pem, which signed none of them.
#
#   certs.sh DIR [NAME…]
set -euo pipefail
dir=$1
shift
mkdir -p "$dir"
cd "$dir"
[ ! -e server.pem ] || exit 0

names=DNS:localhost,IP:127.0.0.1,IP:::1
for name in "$@"; do names=$names,DNS:$name; done

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null; }
authority() {
  key "$1.key"
  openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 30 -subj "/CN=$1" 2>/dev/null
}

# openssl ca is the one command of OpenSSL 3.0 that can set a validity in the past.
cat >ca.conf <<CONF
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
serial = serial
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[server]
subjectAltName = $names
extendedKeyUsage = serverAuth
CONF
: >index.txt
echo 1000 >serial

sign() {
  local name=$1
  shift
  key "$name.key"
  openssl req -new -key "$name.key" -subj "/CN=localhost" -out "$name.csr" 2>/dev/null
  openssl ca -batch -notext -config ca.conf -extensions server -in "$name.csr" -out "$name.pem" "$@" 2>/dev/null
}

authority ca
authority other-ca
sign expired -startdate 20200101000000Z -enddate 20200201000000Z
sign server -days 30
chmod 644 ./*.key # a receiver may run as another user
