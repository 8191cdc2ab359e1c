#!/bin/sh
# Makes the certificates beside this file, all for one key: each is its own authority, so that whoever trusts it sees what else is wrong with it.
set -eu
cd "$(dirname "$0")"
openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out server.key
certificate() {
  work=$(mktemp -d)
  touch "$work/index.txt"
  openssl req -new -key server.key -subj "/CN=$1" -out "$work/csr"
  cat > "$work/ca.cnf" <<CNF
[ca]
default_ca = one
[one]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = $2
CNF
  openssl ca -batch -config "$work/ca.cnf" -selfsign -keyfile server.key -in "$work/csr" -startdate "$3" -enddate "$4" -notext -out "$1.pem"
  rm -r "$work"
}
certificate good IP:127.0.0.1 20200101000000Z 21260101000000Z
certificate elsewhere DNS:other.example 20200101000000Z 21260101000000Z
certificate expired IP:127.0.0.1 20190101000000Z 20200101000000Z
certificate early IP:127.0.0.1 21200101000000Z 21260101000000Z
