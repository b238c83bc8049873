/*
 * What is done with dumps of PostgreSQL, in the shell of PostgreSQL's own images: they have neither Python nor bash.
 * The texts have no "${" and no "$$", which Flux would take for its own.
 */

/** Where the volume of dumps is mounted. A dump NAME is the file NAME.dump there. */
export const DUMPS_PATH = '/var/lib/cdk8s-django/dumps';

/** How the name of a dump ends: its time in UTC. What comes before is the name of the PostgresBackend. */
export const DUMP_TIME = /-\d{8}-\d{6}$/;

/** The name of the claim that has the dumps of a database. */
export const claimOfDumps = (database: string) => `${database}-dump`;

/** SQL: the tables of a database that a dump has, without those of its extensions. */
export const DUMPED_TABLES = String.raw`FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind = 'r' AND relpersistence <> 't' AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')`;

/** Waits a minute for the server at $host. */
export const AWAIT_SERVER = String.raw`# A new pod may be refused until network policies know its address.
tries=0
until pg_isready --host="$host" --port=5432 --username="$user" --quiet || [ "$tries" -ge 30 ]; do
  tries=$((tries + 1))
  sleep 2
done`;

/** `fail` ends with a line. */
export const FAIL_FUNCTION = String.raw`fail() {
  echo "error: $*" >&2
  exit 1
}
`;

/** `fail` ends with a line, and `dumps_of NAME` lists the dumps of a database, the oldest first. */
export const DUMP_NAMES = String.raw`dumps=${DUMPS_PATH}

${FAIL_FUNCTION}
dumps_of() {
  ls "$dumps" | LC_ALL=C sort | sed -n "s/^\($1-[0-9]\{8\}-[0-9]\{6\}\)\.dump\$/\1/p"
}
`;

/** The same, and `check_dump` says what is wrong with a file that a server of this image could not restore. */
export const DUMP_FUNCTIONS = String.raw`${DUMP_NAMES}
check_dump() {
  [ -s "$2" ] || fail "dump '$1' is empty: it has 0 bytes"
  if ! pg_restore --list "$2" >/tmp/list 2>/tmp/list.err; then
    said=$(head -n 1 /tmp/list.err)
    case $said in
      *'unsupported version'*) fail "dump '$1' is of a newer PostgreSQL than this image of $PG_MAJOR: $said" ;;
    esac
    fail "dump '$1' is damaged: $said"
  fi
  major=$(sed -n 's/^; *Dumped from database version: \([0-9]*\).*/\1/p' /tmp/list)
  own=$(pg_restore --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
  [ "$major" -le "$own" ] || fail "dump '$1' is of PostgreSQL $major, newer than this image of $own"
  grep -q ' TABLE DATA ' /tmp/list || fail "dump '$1' is empty: it has no table"
}
`;

/**
 * `start_server` makes an empty server in $PGDATA, with the application's role and database. It takes further
 * parameters. At its port nobody answers while the image's entrypoint still prepares it. `restore_dump` restores into
 * it as its superuser, who may make each extension. Rights of other roles than the application's are left out: the
 * new server does not have these roles.
 */
export const RESTORE_FUNCTIONS = String.raw`started="--host=/var/run/postgresql --port=5433 --username=postgres"

start_server() {
  rm -rf "$PGDATA"
  docker-entrypoint.sh postgres --port=5433 --listen_addresses=127.0.0.1 "$@" >/tmp/server.log 2>&1 &
  server=$!
  until pg_isready $started --quiet; do
    kill -0 "$server" 2>/dev/null || fail "no server could be started: $(tail -n 5 /tmp/server.log)"
    sleep 1
  done
}

restore_dump() {
  pg_restore $started --dbname="$POSTGRES_DB" --no-acl --exit-on-error "$dumps/$1.dump" 2>/tmp/restore.err ||
    fail "dump '$1' cannot be restored: $(head -n 1 /tmp/restore.err)"
}

stop_server() {
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait --timeout=3600 stop >/dev/null ||
    fail "the server could not be stopped: $(tail -n 5 /tmp/server.log)"
}
`;
