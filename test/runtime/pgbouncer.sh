# Sourced by ./run: `pgbouncer_program` makes a PgBouncer that the tests start, and exports it as RUNTIME_TEST_PGBOUNCER.
# It is the machine's own if that is new enough, else that of Debian's packages, unpacked beside the environments with the
# libraries that it needs: the oldest Debian of the tests has 1.18.
pgbouncer_program() {
  local own suite=${PGBOUNCER_SUITE:-trixie} folder packages mirror
  own=$(command -v pgbouncer || true)
  if [ -n "$own" ] && [ -z "${PGBOUNCER_SUITE:-}" ] && "$own" --version | grep -qE '^PgBouncer 1\.(2[3-9]|[3-9][0-9])'; then
    export RUNTIME_TEST_PGBOUNCER=$own
    return
  fi
  folder=$root/node_modules/.cache/pgbouncer-$suite
  export RUNTIME_TEST_PGBOUNCER=$folder/run
  [ ! -x "$folder/run" ] || return 0
  command -v apt-get >/dev/null || fail "PgBouncer 1.23 or newer is needed: put it on PATH"
  rm -rf "$folder"
  mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial"
  folder=$(cd "$folder" && pwd)
  # Where the machine takes its own packages from; it says so of the lists that it has.
  mirror=$(mirror_of_debian)
  [ -n "$mirror" ] || { apt-get -qq update && mirror=$(mirror_of_debian); }
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$folder/apt/sources"
  local apt=(-qq -o "Dir::Etc::sourcelist=$folder/apt/sources" -o Dir::Etc::sourceparts=/nonexistent
    -o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt" -o Dir::State::status=/dev/null)
  packages=(pgbouncer libc6 libcares2 libevent-2.1-7t64 libpam0g libssl3t64 libsystemd0 libaudit1 libcap-ng0 libcap2
    libzstd1 zlib1g libldap2 libsasl2-2)
  (
    cd "$folder"
    apt-get "${apt[@]}" update
    apt-get "${apt[@]}" download "${packages[@]}"
    for package in *.deb; do dpkg-deb --extract "$package" .; done
    rm -rf ./*.deb apt
  ) >"$folder/log" 2>&1 || fail "PgBouncer's packages cannot be unpacked: $(tail -1 "$folder/log")"
  # Its own loader, because the machine's C library may be older.
  printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
    "$(echo "$folder"/usr/lib/*/ld-linux-*.so.*)" "$(echo "$folder"/usr/lib/*-linux-gnu)" "$folder/usr/sbin/pgbouncer" >"$folder/run"
  chmod 755 "$folder/run"
}

mirror_of_debian() { apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -1 || true; }
