import { DUMPED_TABLES, FAIL_FUNCTION, RESTORE_FUNCTIONS } from '../workloads/dump-scripts';

/** The names of the scripts in the server's ConfigMap. */
export const DUMP_SCRIPT = 'upgrade-dump.sh';
export const RESTORE_SCRIPT = 'upgrade-restore.sh';

/** How long what the old server has left to archive is waited for, until the next try. */
const ARCHIVE_SECONDS = 120;

/** The rows of each table of the database in $PGDATABASE, and where its sequences are, sorted. */
const COUNTS = String.raw`SELECT format('SELECT %L, %L, count(*) FROM %I.%I', nspname, relname, nspname, relname)
${DUMPED_TABLES}
\gexec
SELECT schemaname, sequencename, last_value FROM pg_sequences;`;

/**
 * What both scripts know. The folder of the data stays as it is until the new data is proven; beside it are the dumps,
 * in `upgrade`, and the new data, in `upgrading`.
 */
const common = (volumePath: string) => String.raw`volume=${volumePath}
dumps=$volume/upgrade
next=$volume/upgrading
data=$PGDATA
found=$(cat "$data/PG_VERSION" 2>/dev/null)
own=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
umask 077
${FAIL_FUNCTION}
${RESTORE_FUNCTIONS}
ask() {
  psql $started --no-psqlrc --tuples-only --quiet --set=ON_ERROR_STOP=1 "$@"
}

counts() {
  ask --csv >/tmp/counts <<'SQL' && LC_ALL=C sort /tmp/counts
${COUNTS}
SQL
}
`;

/**
 * The script that dumps the data, by the image that it was made with: `upgrade-dump.sh [PARAMETER …]`. All databases are
 * dumped, and all roles with their passwords. The server listens on a socket in this pod alone.
 *
 * A run that was broken off begins again. A dump of before is never used: somebody may have gone back and written since.
 */
export const upgradeDumpScript = (volumePath: string) => String.raw`${common(volumePath)}
rm -rf "$dumps"
if [ "$found" != "$own" ]; then
  echo "upgrade: the volume has no data of PostgreSQL $own, so there is nothing to dump"
  exit 0
fi
[ ! -e "$data-$found" ] ||
  fail "the volume has '$data-$found' of an earlier upgrade. Nothing was changed. Delete that folder if nobody needs it"
rm -rf "$next"
used=$(du -sk "$data" | cut -f 1)
free=$(df -Pk "$volume" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
[ "$free" -ge "$used" ] ||
  fail "the data has $((used / 1024)) MiB, and $((free / 1024)) MiB of the volume are free: the upgrade needs as much again. Nothing was changed. Make the volume larger; the guide, chapter 7, says how"

postgres --port=5433 --listen_addresses= --unix_socket_directories=/var/run/postgresql \
  --default_transaction_read_only=on "$@" >/tmp/server.log 2>&1 &
server=$!
until pg_isready $started --quiet; do
  kill -0 "$server" 2>/dev/null || fail "the server of PostgreSQL $own could not be started: $(tail -n 5 /tmp/server.log)"
  sleep 1
done
unarchived() {
  case "$*" in *--archive_mode=on*) find "$data/pg_wal/archive_status" -name '*.ready' 2>/dev/null ;; esac
}
# No other server archives what this one has left: a time of it could not be restored. After a crash the last file is
# part of that.
export PGDATABASE=template1
case "$*" in *--archive_mode=on*)
  ask --command='SELECT pg_switch_wal()' >/dev/null || fail "the last file of the log could not be ended. Nothing was changed"
  ;;
esac
tries=0
until [ -z "$(unarchived "$@")" ]; do
  [ "$tries" -lt ${ARCHIVE_SECONDS} ] ||
    fail "the old server has not archived all that it wrote, and its log says: $(grep -v -E ' (LOG|WARNING|DETAIL|HINT): ' /tmp/server.log | tail -n 1). Nothing was changed. Correct that, or take archive out: a time after the last archived file can then not be restored"
  tries=$((tries + 1))
  sleep 1
done
prepared=$(ask --no-align --command='SELECT count(*) FROM pg_prepared_xacts')
[ "$prepared" = 0 ] ||
  fail "the data has $prepared prepared transactions, which no dump has. Nothing was changed. Go back to PostgreSQL $own, and commit them or roll them back"

mkdir "$dumps" && pg_dumpall $started --roles-only --file="$dumps/roles.sql" &&
  ask --no-align --command='SELECT oid FROM pg_database WHERE NOT datistemplate ORDER BY oid' >"$dumps/databases" ||
  fail "the roles could not be dumped. The data is as it was"
for oid in $(cat "$dumps/databases"); do
  name=$(PGDATABASE=template1 ask --no-align --command="SELECT datname FROM pg_database WHERE oid = $oid")
  export PGDATABASE="$name"
  echo "upgrade: the database '$name' is being dumped"
  counts >"$dumps/$oid.counts" && pg_dump $started --format=custom --create --file="$dumps/$oid.dump" ||
    fail "the database '$name' could not be dumped. The data is as it was"
done
stop_server
touch "$dumps/done" && sync || fail "the dumps could not be finished. The data is as it was"
echo "upgrade: all is dumped, $(du -sk "$dumps" | cut -f 1) KiB"
`;

/**
 * The script that restores the dumps by the new image, proves what it has restored, and gives it the place of the old
 * data: `upgrade-restore.sh [PARAMETER …]`. The old data stays, with its version behind its name.
 *
 * Between its two renames the volume has no data of a name that a server knows: the script goes on there, and a server
 * refuses to begin with new data.
 */
export const upgradeRestoreScript = (volumePath: string) => String.raw`${common(volumePath)}
finish() {
  mv "$next" "$data" && sync || fail "the new data could not be given its name. Nothing is lost"
  rm -rf "$dumps"
  echo "upgrade: the server has the data as PostgreSQL $own. The old data is in '$data-$1': delete it when nobody needs it"
  exit 0
}

if [ ! -e "$data" ] && [ "$(cat "$next/PG_VERSION" 2>/dev/null)" = "$own" ]; then finish '*'; fi
if [ -z "$found" ]; then
  echo "upgrade: the volume has no data, so there is nothing to restore"
  exit 0
fi
if [ "$found" = "$own" ]; then
  rm -rf "$dumps" "$next"
  echo "upgrade: the data is of PostgreSQL $own already"
  exit 0
fi
[ -e "$dumps/done" ] ||
  fail "the volume has data of PostgreSQL $found, and upgradeFrom is an image of another version. Nothing was changed. Give it an image of PostgreSQL $found, such as docker.io/library/postgres:$found-bookworm"

undo() {
  kill -QUIT "$server" 2>/dev/null && wait "$server"
  rm -rf "$next"
}
as_before="The data is as it was: PostgreSQL $found goes on with it"
trap undo EXIT
export PGDATA="$next"
echo "upgrade: a server of PostgreSQL $own is being made"
start_server "$@"
export PGDATABASE=template1
# Some roles are there already, and what else is wrong shows below.
grep '^CREATE ROLE ' "$dumps/roles.sql" | psql $started --no-psqlrc --quiet >/dev/null 2>&1
grep -v -e '^CREATE ROLE ' -e '^\\restrict ' -e '^\\unrestrict ' "$dumps/roles.sql" | ask >/dev/null 2>/tmp/roles.err ||
  fail "the roles cannot be restored: $(head -n 1 /tmp/roles.err). $as_before"
for oid in $(cat "$dumps/databases"); do
  name=$(pg_restore --list "$dumps/$oid.dump" | sed -n 's/^; *dbname: //p' | head -n 1)
  echo "upgrade: the database '$name' is being restored"
  pg_restore $started --dbname=template1 --clean --if-exists --create --exit-on-error "$dumps/$oid.dump" \
    2>/tmp/restore.err || fail "the database '$name' cannot be restored: $(head -n 1 /tmp/restore.err). $as_before"
  PGDATABASE="$name" counts >"/tmp/restored" || fail "the rows of '$name' cannot be counted. $as_before"
  diff "$dumps/$oid.counts" /tmp/restored >/tmp/difference ||
    fail "the restored database '$name' has other rows than the old one: $(grep '^[<>]' /tmp/difference | head -n 6 | tr '\n' ';'). $as_before"
  echo "upgrade: the database '$name' has the same $(wc -l </tmp/restored) counts of rows and sequences as before"
done
echo "upgrade: statistics are being made"
vacuumdb $started --all --analyze-only --quiet || fail "the statistics could not be made. $as_before"
stop_server
sync || fail "the new data could not be written. $as_before"
trap - EXIT
echo "upgrade: the new data takes the place of the old"
mv "$data" "$data-$found" && sync || fail "the old data could not be given its new name. $as_before"
finish "$found"
`;
