import { AWAIT_SERVER, DUMP_FUNCTIONS, DUMPED_TABLES, RESTORE_FUNCTIONS } from '../../workloads/dump-scripts';

/** The names of the scripts in their ConfigMap. */
export const DUMP_SCRIPT = 'dump.sh';
export const DRILL_SCRIPT = 'drill.sh';

/**
 * The script that dumps a database: `dump.sh NAME HOURS HOST USER`.
 *
 * A dump is written beside its name and renamed when it is whole: pg_dump has synchronized the file by then. Expired
 * ones are deleted before and after that. The latest one stays in any case: a full volume would otherwise never have
 * room again.
 */
export const dumpScript = () => String.raw`name=$1 hours=$2 host=$3 user=$4
umask 077
${DUMP_FUNCTIONS}
# What a run that was killed has left.
find "$dumps" -maxdepth 1 -name ".$name-*.partial" -mmin +1440 -exec rm -f {} +
for old in $(dumps_of "$name"); do
  echo "dump '$old': there, $(wc -c <"$dumps/$old.dump") bytes"
done
oldest=$(date -u -d "@$(($(date -u +%s) - hours * 3600))" +%Y%m%d%H%M%S)
delete_expired() {
  for old in $(dumps_of "$name" | sed '$d'); do
    stamp=$(printf %s "$old" | tail -c 15 | tr -d -)
    if [ "$stamp" -lt "$oldest" ]; then
      rm -f "$dumps/$old.dump" && echo "dump '$old': deleted"
    fi
  done
}
delete_expired

dump=$name-$(date -u +%Y%m%d-%H%M%S)
partial=$dumps/.$dump.partial
trap 'rm -f "$partial"' EXIT
export PGPASSWORD="$POSTGRES_PASSWORD"
${AWAIT_SERVER}
# Beside the shell, which could not remove the file if it were ended while it waits for a program.
pg_dump --host="$host" --port=5432 --username="$user" --dbname="$POSTGRES_DB" --format=custom --file="$partial" &
dumping=$!
trap 'kill "$dumping" 2>/dev/null; exit 143' TERM
wait "$dumping" ||
  fail "pg_dump ended with $?: dump '$dump' was not written. The volume has $(df -P -k "$dumps" | awk 'NR == 2 { print $4 }') KiB left"
check_dump "$dump" "$partial"
mv "$partial" "$dumps/$dump.dump" || fail "dump '$dump' could not be renamed"
sync "$dumps" 2>/dev/null || sync
echo "dump '$dump': written, $(wc -c <"$dumps/$dump.dump") bytes"

delete_expired
exit 0
`;

/** The tables of a database that a dump has, without those of its extensions, each with the number of its rows. */
const ROWS = String.raw`SELECT format('SELECT %L, count(*) FROM %I.%I', format('%I.%I', nspname, relname), nspname, relname)
${DUMPED_TABLES}
\gexec`;

/** The migrations of a database, and whether it had them at a time. */
const MIGRATIONS = String.raw`SELECT format('SELECT app || ''.'' || name, (applied < %L)::int FROM django_migrations', :'made')
WHERE to_regclass('django_migrations') IS NOT NULL
\gexec`;

/**
 * Compares what was counted in the live database with what was counted in the restored one. A table that only the live
 * one has may be of a migration after the dump, if there was any.
 */
const COMPARISON = String.raw`CREATE TEMP TABLE live (name text, rows bigint);
\copy live FROM /tmp/live.csv CSV
CREATE TEMP TABLE restored (name text, rows bigint);
\copy restored FROM /tmp/restored.csv CSV
CREATE TEMP TABLE migrated (name text, before int);
\copy migrated FROM /tmp/live-migrations.csv CSV
CREATE TEMP TABLE known (name text, before int);
\copy known FROM /tmp/restored-migrations.csv CSV
CREATE TEMP VIEW compared AS
SELECT name, coalesce(restored.rows, 0) AS rows, coalesce(live.rows, 0) AS live
FROM live FULL JOIN restored USING (name)
WHERE restored.name IS NOT NULL OR NOT EXISTS (SELECT FROM migrated WHERE before = 0);
SELECT format('table %s: %s rows, %s in the live database', name, rows, live) FROM compared ORDER BY name;
SELECT format('error: dump ''%s'' was restored, and has %s rows of %s, where the live database has %s: they differ by more than the tolerance of %s', :'dump', rows, name, live, :'tolerance')
FROM compared WHERE abs(live - rows) > greatest(10, :tolerance * greatest(live, rows)) ORDER BY abs(live - rows) DESC;
SELECT format('error: dump ''%s'' was restored, and lacks migrations that the live database had at its time: %s', :'dump', string_agg(name, ', ' ORDER BY name))
FROM migrated WHERE before = 1 AND name NOT IN (SELECT name FROM known) HAVING count(*) > 0;
SELECT format('dump ''%s'': restored, %s tables with %s rows', :'dump', count(*), sum(rows)) FROM restored;`;

/**
 * The script that proves the latest dump: `drill.sh NAME SECONDS TOLERANCE HOST USER [PARAMETER …]`.
 *
 * The server that it restores into is in its own pod and ends with it. It asks the live one only how many rows its
 * tables have, and which migrations.
 */
export const drillScript = () => String.raw`name=$1 seconds=$2 tolerance=$3 host=$4 user=$5
shift 5
umask 077
${DUMP_FUNCTIONS}
${RESTORE_FUNCTIONS}
dump=$(dumps_of "$name" | tail -n 1)
[ -n "$dump" ] || fail "there is no dump of '$name' in the volume"
made=$(printf %s "$dump" | tail -c 15 | sed 's/^\(....\)\(..\)\(..\)-\(..\)\(..\)\(..\)$/\1-\2-\3 \4:\5:\6/')
age=$(($(date -u +%s) - $(date -u -d "$made" +%s)))
[ "$age" -le "$seconds" ] ||
  fail "dump '$dump' is the latest and $((age / 3600)) hours old, which is more than the $((seconds / 3600)) of maxAge"
check_dump "$dump" "$dumps/$dump.dump"

export PGDATA=/var/lib/cdk8s-django/drill/pgdata
start_server --fsync=off --full_page_writes=off "$@"
restore_dump "$dump"

ask() {
  psql --no-psqlrc --csv --tuples-only --quiet --set=ON_ERROR_STOP=1 --dbname="$POSTGRES_DB" "$@"
}

rows() {
  ask "$@" <<'SQL'
${ROWS}
SQL
}

migrations() {
  ask --set=made="$made+00" "$@" <<'SQL'
${MIGRATIONS}
SQL
}

compare() {
  ask --no-align --set=dump="$dump" --set=tolerance="$tolerance" $started <<'SQL'
${COMPARISON}
SQL
}

export PGPASSWORD="$POSTGRES_PASSWORD"
${AWAIT_SERVER}
live="--host=$host --port=5432 --username=$user"
rows $live >/tmp/live.csv && migrations $live >/tmp/live-migrations.csv ||
  fail "dump '$dump' was restored, and the live database could not be asked for its rows"
rows $started >/tmp/restored.csv && migrations $started >/tmp/restored-migrations.csv &&
  compare >/tmp/compared || fail "dump '$dump' was restored, and its rows could not be counted"
grep -v '^error: ' /tmp/compared
if grep '^error: ' /tmp/compared >&2; then exit 1; fi
echo "dump '$dump': proven"
`;
