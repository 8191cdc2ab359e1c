#!/bin/sh
# Makes the certificates beside this file: an authority, what it vouches for on this machine, and an authority that nobody asked.
set -eu
cd "$(dirname "$0")"
days=36500
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign'
}
leaf() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
  printf '%s\n' "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days $days -extfile "$1.ext" -out "$1.pem"
  rm "$1.csr" "$1.ext"
}
authority ca 'Test authority'
authority stranger 'Another authority'
leaf server localhost 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
leaf client ada 'extendedKeyUsage=clientAuth'
rm ca.key stranger.key
