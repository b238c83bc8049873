import { AWAIT_SERVER, FAIL_FUNCTION } from '../workloads/dump-scripts';

/*
 * What is done with the archive of a server, in the shell of PostgreSQL's own images. The texts have no "${" and no
 * "$$", which Flux would take for its own.
 */

/** Where the server has its archive, and where a new one has that of another. */
export const ARCHIVE_PATH = '/var/lib/cdk8s-django/archive';
export const RESTORED_PATH = '/var/lib/cdk8s-django/restored';

/** The folder of the volume of the data for what is fetched from the bucket of another server. */
export const FETCHED_FOLDER = 'fetched';

/** Where the server reads what the container notes in its own /tmp that copies the archive to a bucket. */
export const COPIED_PATH = '/var/lib/cdk8s-django/copied';
/** The age of this file there is that of the last copy of all that the archive had. */
export const COPIED_FILE = 'archive-in-bucket';

/** The role that makes base backups. By its rights it is a superuser. */
export const BACKUP_ROLE = 'cdk8s_django_backup';

/** The names of the scripts in the ConfigMap of the server. */
export const ARCHIVE_SCRIPT = 'archive.sh';
export const BASE_BACKUP_SCRIPT = 'base-backup.sh';
export const POINT_IN_TIME_SCRIPT = 'restore-to.sh';

/** The folder of a server in its volume: another major version has another one, because its log begins anew. */
const folder = (path: string, name: string) => `${path}/${name}-$PG_MAJOR`;

/** A line that makes the folders, before the server starts. */
export const archiveFolders = (name: string) =>
  `mkdir -p "${folder(ARCHIVE_PATH, name)}/wal" "${folder(ARCHIVE_PATH, name)}/base"`;

/** The names of what PostgreSQL archives of base backups, by their places in the log and not by their histories. */
export const BY_PLACE = String.raw`sed -n 's/^\(.\{8\}\)\(.*\.backup\.gz\)$/\2 \1/p' | LC_ALL=C sort | sed 's/^\(.*\) \(.*\)$/\2\1/'`;

/**
 * What a file of the log says that was archived while nothing comes to the bucket. PostgreSQL counts a failure, which its
 * exporter shows, and asks again a second later: then the file is there. It waits that second for each failure, so there
 * is one a minute, and what a busy server writes does not stay on its volume.
 */
const lateCheck = (name: string) => String.raw`
if [ -n "$(find ${COPIED_PATH}/${COPIED_FILE} -mmin +15 2>/dev/null)" ] &&
  [ -z "$(find /tmp/archive-late -mmin -1 2>/dev/null)" ]; then
  : >/tmp/archive-late
  echo "error: for 15 minutes not all of the archive of '${name}' has been copied to its bucket: the container 'upload' of" \
    "this pod says why. The volume has it" >&2
  exit 1
fi
`;

/**
 * The script that archives a file of the log: `archive.sh PATH FILE`, from the folder of the data. Without a file it only
 * says whose archive it is: that of the first server, by the identifier that a restore keeps and new data does not. A
 * file has its name only when it is whole. After a base backup, what is older than the retention goes: but a base backup
 * stays from which the earliest time of the retention is reached. The log stays from the lowest place on at which one
 * begins that stays: after a restore to a time a younger one begins lower. Nothing of it goes while one has not said where.
 */
export const archiveScript = (name: string, hours: number, hasBucket = false) => String.raw`set -eu
umask 077
archive="${folder(ARCHIVE_PATH, name)}"
system=$(LC_ALL=C pg_controldata . | sed -n 's/^Database system identifier: *//p')
[ -n "$system" ] || { echo "error: pg_controldata does not say which server this is: nothing is archived" >&2; exit 1; }
if [ -z "$(ls "$archive/system" 2>/dev/null)" ]; then
  mkdir -p "$archive/system/$system" "$archive/wal" "$archive/base"
  sync "$archive/system" 2>/dev/null || sync
fi
if [ ! -d "$archive/system/$system" ]; then
  echo "error: the archive of '${name}' is that of another server, which was lost, and nothing of this one is archived:" \
    "restore that one by the option restore, give another claim, or move $archive away if nobody needs it" >&2
  exit 1
fi
[ "$#" -gt 0 ] || exit 0
target=$archive/wal/$2.gz
if [ -e "$target" ]; then
  # PostgreSQL may ask again after a crash.
  if gzip -dc "$target" | cmp -s - "$1"; then exit 0; fi
  echo "error: the archive of '${name}' has another $2 already, of a server that was lost: restore that one by the" \
    "option restore, or move $archive away if nobody needs it" >&2
  exit 1
fi
gzip -1 <"$1" >"$archive/.$2.partial"
sync "$archive/.$2.partial" 2>/dev/null || sync
mv "$archive/.$2.partial" "$target"
sync "$archive/wal" 2>/dev/null || sync

expire() {
  cd "$archive/base"
  oldest=$(date -u -d "@$(($(date -u +%s) - ${hours} * 3600))" +%Y%m%d%H%M%S)
  whole=$(for one in *; do if [ -e "$one/backup_manifest" ]; then echo "$one"; fi; done | LC_ALL=C sort)
  first=
  for one in $whole; do
    if [ -z "$first" ] || [ "$(printf %s "$one" | tr -d -)" -lt "$oldest" ]; then first=$one; fi
  done
  [ -n "$first" ] || return 0
  for one in $whole; do
    [ "$one" != "$first" ] || break
    rm -rf "$one"
    echo "base backup '$one': deleted" >&2
  done
  # Those that were broken off.
  find . -mindepth 1 -maxdepth 1 -mmin +2880 | while read -r one; do
    [ -e "$one/backup_manifest" ] || rm -rf "$one"
  done
  start= labelled=
  for one in $(ls "$archive/wal" | ${BY_PLACE}); do
    label=$(gzip -dc "$archive/wal/$one" | sed -n 's/^LABEL: //p')
    if [ -n "$label" ] && [ -e "$label/backup_manifest" ]; then
      labelled="$labelled/$label/"
      [ -n "$start" ] || start=$one
    fi
  done
  for one in *; do
    case $labelled in *"/$one/"*) continue ;; esac
    [ ! -e "$one/backup_manifest" ] || return 0
  done
  pg_archivecleanup -x .gz "$archive/wal" "$(basename "$start" .gz)"
}
case $2 in
  *.backup) (expire) || echo "what is expired in the archive of '${name}' could not be deleted" >&2 ;;
esac
${hasBucket ? lateCheck(name) : ''}`;

/**
 * The script that makes a base backup: `base-backup.sh NAME`. The server writes it beside its log, so that no other
 * pod needs the volume. It ends when all of the log is archived that the backup needs. Its path leads through the folder
 * that only the archive of this server has: PostgreSQL refuses it in that of another one.
 */
export const baseBackupScript = () => String.raw`host=$1 user=${BACKUP_ROLE}
umask 077
${FAIL_FUNCTION}
${AWAIT_SERVER}
system=$(psql --no-psqlrc --no-align --tuples-only --command=IDENTIFY_SYSTEM \
  "host=$host port=5432 user=$user replication=true" | cut -d '|' -f 1)
[ -n "$system" ] || fail "'$host' does not say which server it is"
backup=$(date -u +%Y%m%d-%H%M%S)
path="${ARCHIVE_PATH}/$host-$PG_MAJOR/system/$system/../../base/$backup"
pg_basebackup --host="$host" --port=5432 --username="$user" --target="server:$path" \
  --wal-method=none --compress=server-gzip:1 --checkpoint=fast --label="$backup" &
running=$!
trap 'kill "$running" 2>/dev/null; exit 143' TERM
wait "$running" || fail "pg_basebackup ended with $?: base backup '$backup' was not made. If its folder" \
  "could not be created, the archive may be that of another server: the log of '$host' says so"
echo "base backup '$backup': written"
`;

/**
 * The script that brings a volume without data to a point in time: `restore-to.sh SOURCE TIME [PARAMETER …]`. Without
 * a time it is the end of the archive. The data gets its name last of all, so that a restore that was broken off begins
 * again. The role gets the password of the new server. The last base backup before the time is tried first: it may be
 * of a history that an earlier restore left. What was fetched from a bucket into the volume of the data counts before the
 * volume of the archive, which may have the end of the log, and goes afterwards.
 */
export const pointInTimeScript = (
  volumePath: string,
  user: string,
  quiet: string[],
) => String.raw`source=$1 at=$2
shift 2
umask 077
${FAIL_FUNCTION}
if [ -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "${volumePath}/${FETCHED_FOLDER}"
  echo "the volume has data: the archive of '$source' is not restored"
  exit 0
fi
archive="${RESTORED_PATH}/$source-$PG_MAJOR"
fetched="${volumePath}/${FETCHED_FOLDER}/$source-$PG_MAJOR"
read_log="gzip -dc '$archive/wal/%f.gz' >'%p'"
if [ -d "$fetched/base" ]; then
  archive=$fetched
  read_log="gzip -dc '$archive/wal/%f.gz' >'%p' || $read_log"
fi
[ -d "$archive/base" ] ||
  fail "there is no archive of '$source' of PostgreSQL $PG_MAJOR in the volume. It has:" $(ls "${RESTORED_PATH}")
limit=$(date -u -d "$at" +%s) || fail "'$at' is not a time"
[ -n "$at" ] || limit=$(date -u +%s)
bases=
for one in $(ls "$archive/base" | LC_ALL=C sort); do
  if [ -e "$archive/base/$one/backup_manifest" ] && [ "$(date -r "$archive/base/$one/backup_manifest" +%s)" -le "$limit" ]; then
    bases="$one $bases"
  fi
done
[ -n "$bases" ] || fail "no base backup of '$source' ended before '$at'. There are:" $(ls "$archive/base")

data=$PGDATA
[ ! -e "$data" ] || rmdir "$data" 2>/dev/null ||
  fail "the folder '$data' has files that are no data of PostgreSQL: look at them, and delete the claim if nobody needs them"
export PGDATA=${volumePath}/restoring
# PostgreSQL does not know "Z" before it has read its names of time zones.
target=$(printf %s "$at" | sed 's/T/ /; s/Z$/+00/')
[ -z "$at" ] || set -- "$@" --recovery_target_time="$target" --recovery_target_action=promote
started="--host=/var/run/postgresql --port=5433 --username=postgres"

recover() {
  rm -rf "$PGDATA"
  mkdir "$PGDATA" && chmod 700 "$PGDATA" && tar -xzf "$archive/base/$base/base.tar.gz" -C "$PGDATA" ||
    fail "base backup '$base' cannot be read"
  touch "$PGDATA/recovery.signal"
  echo "base backup '$base': recovering to '$at'"
  docker-entrypoint.sh postgres --port=5433 --listen_addresses=127.0.0.1 "$@" --hot_standby=off \
    --restore_command="$read_log" >/tmp/server.log 2>&1 &
  server=$!
  until pg_isready $started --quiet; do
    kill -0 "$server" 2>/dev/null || return 1
    sleep 1
  done
}
restored=
for base in $bases; do
  if recover "$@"; then
    restored=true
    break
  fi
  cat /tmp/server.log
  # What pg_isready is answered is FATAL, too.
  reason=$(grep -E 'FATAL|PANIC' /tmp/server.log | grep -v 'the database system is' | head -n 1)
  # After a restore to a time, a base backup may be of what was written later, before the restore: an older one is not.
  case $reason in
    *"is not a child of this server's history"* | *'could not locate required checkpoint record'*) ;;
    *) break ;;
  esac
done
[ -n "$restored" ] || fail "'$source' cannot be brought to '$at': $reason"
psql $started --dbname="$POSTGRES_DB" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$POSTGRES_PASSWORD" <<'SQL' ||
${quiet.join('\n')}
ALTER ROLE "${user}" LOGIN PASSWORD :'password';
SQL
  fail "'$source' has no database '$POSTGRES_DB' with the role '${user}': name them as that server does"
pg_ctl --pgdata="$PGDATA" --mode=fast --wait --timeout=3600 stop >/dev/null || fail "the server could not be stopped"
grep -E 'recovery stopping|last completed transaction|archive recovery complete' /tmp/server.log
mv "$PGDATA" "$data" && sync || fail "the restored data could not be given its name"
rm -rf "${volumePath}/${FETCHED_FOLDER}"
echo "'$source': restored"
`;
