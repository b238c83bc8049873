import { FAIL_FUNCTION } from '../workloads/dump-scripts';

/*
 * What the replica of a server does with its data, in the shell of PostgreSQL's own images. The texts have no "${" and no
 * "$$", which Flux would take for its own.
 */

/** The role that a replica copies and follows its primary by. Who has its password can read all data. */
export const REPLICA_ROLE = 'cdk8s_django_replica';

/** The names of the scripts in the ConfigMap of a replica. */
export const FOLLOW_SCRIPT = 'follow.sh';
export const FOLLOWS_SCRIPT = 'follows.sh';
export const STARTED_SCRIPT = 'started.sh';

/** How often a replica looks whether it follows, and how many looks in vain there are until it copies the data anew. */
const LOOK_SECONDS = 5;
const LOOKS = 12;
/** After so many starts that came to nothing, the data cannot be started. */
const STARTS = 3;

/** What says how a replica connects to its primary. */
export interface FollowOptions {
  /** Name of the primary. */
  readonly name: string;
  /** Name of the replica. */
  readonly replica: string;
  readonly volumePath: string;
  readonly sslMode: string;
  readonly certificatePath?: string;
  /** Lines that run before the server itself. */
  readonly starting?: string[];
}

/** What libpq needs to connect to the primary: the password is in its own variable. */
function connectionTo({ name, sslMode, certificatePath }: FollowOptions): string {
  const parts = [
    `host=${name} port=5432 user=${REPLICA_ROLE} connect_timeout=10 sslmode=${sslMode}`,
    ...(certificatePath ? [`sslrootcert=${certificatePath}`] : []),
  ];
  return parts.join(' ');
}

/** Asks the server in this pod, as its superuser. */
const ask = (query: string) =>
  `psql --no-psqlrc --no-align --tuples-only --host=/var/run/postgresql --username=postgres --dbname=postgres \\
    --command="${query}" 2>/dev/null`;

/**
 * The script that starts a replica: `follow.sh postgres [PARAMETER …]`. It waits until the primary answers, with the same
 * major version. It copies the data unless it has that of the same server already. Data of another server stays: the
 * primary may have lost its volume, and this is then the last copy. All that the primary keeps of its log
 * is `wal_keep_size`, so that a replica which is away never fills its disk: one that was away for longer copies anew.
 *
 * Beside the server, it looks whether that follows. When the primary answers, and nothing comes from it for a minute, the
 * two have gone different ways: the log that is needed is gone, or the primary was brought to an earlier time. So they
 * have at once when the replica has repeated more than the primary has written: a restored primary may write the same
 * log from an earlier place. The server is then ended, and the next start copies. Data that was a primary's in between
 * stays: somebody has promoted it.
 *
 * What is whole has its name: the copy is made beside it. The old data is given another name before it is deleted.
 */
export const followScript = (options: FollowOptions) => String.raw`primary='${connectionTo(options)}'
new=${options.volumePath}/copying
old=${options.volumePath}/old
umask 077
${FAIL_FUNCTION}
running=
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; exit 143' INT TERM
${(options.starting ?? []).join('\n')}
ask_primary() {
  psql --no-psqlrc --no-align --tuples-only --no-password --command="$1" "$primary replication=true" 2>/tmp/primary.err
}
control() {
  LC_ALL=C pg_controldata "$PGDATA" 2>/dev/null | sed -n "s/^$1: *//p"
}
wait_because() {
  [ "$told" = "$*" ] || echo "waiting for '${options.name}': $*" >&2
  told=$*
  sleep 1
}
# A position in the log, such as 0/3000060, as a number.
number() {
  echo "$1" | { IFS=/ read -r high low; echo $((0x$high * 4294967296 + 0x$low)); }
}
# Of the primary, which has written more than any of its replicas repeats.
written() {
  ask_primary IDENTIFY_SYSTEM | cut -d '|' -f 3
}
was_promoted() {
  [ -e "$PGDATA/PG_VERSION" ] && [ ! -e "$PGDATA/standby.signal" ]
}
has_data_of_another() {
  [ "$(cat "$PGDATA/PG_VERSION" 2>/dev/null)" = "$own" ] || return 1
  known=$(control 'Database system identifier')
  [ -n "$known" ] && [ "$known" != "$system" ]
}
own=$(postgres --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
told=
while :; do
  version=$(ask_primary 'SHOW server_version_num') && system=$(ask_primary IDENTIFY_SYSTEM | cut -d '|' -f 1)
  if [ -z "$version" ] || [ -z "$system" ]; then
    wait_because "$(head -n 1 /tmp/primary.err)"
  elif [ "$((version / 10000))" != "$own" ]; then
    wait_because "it is PostgreSQL $((version / 10000)), and this image is $own"
  elif was_promoted; then
    wait_because "the data here was that of a primary in between, and may have what '${options.name}' lacks. If nobody" \
      "needs it, delete the claim 'data-$(hostname)' and this pod; the guide, chapter 3, says how it is dumped"
  elif has_data_of_another; then
    wait_because "it is another server than that of the data here, which may be the last copy of what was lost. If" \
      "nobody needs it, delete the claim 'data-$(hostname)' and this pod; the guide, chapter 3, says how it is dumped"
  else
    break
  fi
done

# The variable "there" then has what the primary has written: nothing while that does not answer.
is_ahead() {
  there=$(written)
  [ -n "$1" ] && [ -n "$there" ] && [ "$(number "$1")" -gt "$(number "$there")" ]
}
why=
starts=$(cat "$PGDATA/starts" 2>/dev/null || echo 0)
if [ ! -e "$PGDATA/PG_VERSION" ]; then why="there is none yet"
elif [ "$(cat "$PGDATA/PG_VERSION")" != "$own" ]; then why="this one is of another major version"
elif [ -e "$PGDATA/parted" ] || is_ahead "$(control 'Minimum recovery ending location')"; then
  why="this one cannot follow it any more"
elif [ "$starts" -ge ${STARTS} ]; then why="this one did not start $starts times"
fi
if [ -n "$why" ]; then
  echo "copying the data of '${options.name}': $why"
  rm -rf "$new" "$old"
  [ ! -e "$PGDATA" ] || mv "$PGDATA" "$old"
  rm -rf "$old"
  pg_basebackup --dbname="$primary" --no-password --pgdata="$new" --wal-method=stream --checkpoint=fast &
  running=$!
  wait "$running" || fail "the data of '${options.name}' could not be copied"
  running=
  # Without it, the server would be a primary of its own.
  touch "$new/standby.signal" || fail "the copied data cannot be written to"
  # pg_basebackup has written it to the disk. Where the name is lost, it is copied again.
  mv "$new" "$PGDATA" || fail "the copied data could not be given its name"
  echo "the data of '${options.name}' is copied"
  starts=0
fi
echo "$((starts + 1))" >"$PGDATA/starts" || fail "the data cannot be written to"

# A replica must have room for what its primary had room for when it wrote its log. That may be more than now.
for one in max_connections:max_connections max_worker_processes:max_worker_processes max_wal_senders:max_wal_senders \
  max_prepared_xacts:max_prepared_transactions max_locks_per_xact:max_locks_per_transaction; do
  name=$(echo "$one" | cut -d : -f 2)
  least=$(control "$(echo "$one" | cut -d : -f 1) setting")
  [ -z "$least" ] || [ "$("$@" -C "$name")" -ge "$least" ] || set -- "$@" "--$name=$least"
done

(
  looks=0 before=
  while sleep ${LOOK_SECONDS}; do
    position=$(${ask('SELECT pg_last_wal_replay_lsn()')}) || continue
    now=$(${ask(`SELECT CASE WHEN EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') THEN 'follows' ELSE pg_last_wal_replay_lsn()::text END`)}) || continue
    if is_ahead "$position"; then
      looks=${LOOKS}
    elif [ "$now" = follows ] || [ "$now" != "$before" ] || [ -z "$there" ]; then
      looks=0
    else
      looks=$((looks + 1))
    fi
    before=$now
    if [ "$looks" -ge ${LOOKS} ]; then
      echo "'${options.name}' answers, and what it has is not what is here: the data is copied anew" >&2
      touch "$PGDATA/parted"
      kill -INT 1
    fi
  done
) &
trap - INT TERM
exec docker-entrypoint.sh "$@" --hot_standby=on --primary_conninfo="$primary application_name=${options.replica}"
`;

/** Over TCP, as applications connect. With the password of another role, each probe would be an error in the log. */
const answers = ({ user, database }: ReaderOptions) =>
  `unset PGPASSWORD
pg_isready --host=127.0.0.1 --username=${user} --dbname=${database} --quiet || exit 1`;

/** Who reads from a replica. Its own role would be refused, and each probe would be an error in its log. */
export interface ReaderOptions {
  readonly user: string;
  readonly database: string;
}

/** The script that says whether the replica is started: the startup probe. */
export const startedScript = (reader: ReaderOptions) => String.raw`${answers(reader)}
rm -f "$PGDATA/starts"
`;

/** The script that says whether the replica follows its primary: the readiness probe. */
export const followsScript = (reader: ReaderOptions) => String.raw`${answers(reader)}
[ "$(${ask(`SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'`)})" = 1 ]
`;
