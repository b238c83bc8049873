#!/usr/bin/env bash
# rclone stores nothing over http when its keys are in the environment, and stores it when they are in its configuration.
#
# With `env_auth` rclone loads the defaults of AWS' SDK, as an identity of a cloud needs it. One of these is a checksum
# after each body, which the SDK sends with TLS alone: an upload ends in "unseekable stream is not supported without
# TLS". Keys in the configuration leave the defaults out. AWS_REQUEST_CHECKSUM_CALCULATION=when_required lets uploads
# through with either. Seen on 2026-11-30 with rclone 1.71.2, and moto 5.2.5 as the store. Needs Go and Python.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

GOTOOLCHAIN=auto GOBIN=$work CGO_ENABLED=0 go install github.com/rclone/rclone@v1.71.2
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'moto[s3,server]==5.2.5'
port=$(python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])')
venv/bin/moto_server -H 127.0.0.1 -p "$port" >store.log 2>&1 &

export HOME=$work RCLONE_CONFIG=/dev/null RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=1
export RCLONE_CONFIG_STORE_TYPE=s3 RCLONE_CONFIG_STORE_PROVIDER=Other RCLONE_CONFIG_STORE_ENDPOINT=http://127.0.0.1:$port
export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing
in_environment=RCLONE_CONFIG_STORE_ENV_AUTH=true
in_configuration='RCLONE_CONFIG_STORE_ACCESS_KEY_ID=testing RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY=testing'
for _ in $(seq 100); do env $in_environment ./rclone mkdir store:backups >/dev/null 2>&1 && break; done
echo 'one row' >dump

# copied TO VARIABLE…: what became of a copy.
copied() {
  local to=$1
  shift
  if env "$@" ./rclone copy dump "store:backups/$to" >log 2>&1; then echo stored; else
    grep -o 'unseekable stream is not supported without TLS' log | head -1
  fi
}
# shellcheck disable=SC2086  # words
{
  echo "configuration: $(copied one $in_configuration)"
  echo "environment: $(copied two $in_environment)"
  echo "environment, when required: $(copied three $in_environment AWS_REQUEST_CHECKSUM_CALCULATION=when_required)"
} >seen
diff seen - <<'SEEN' && echo 'as seen: with keys in the environment nothing is stored over http'
configuration: stored
environment: unseekable stream is not supported without TLS
environment, when required: stored
SEEN
