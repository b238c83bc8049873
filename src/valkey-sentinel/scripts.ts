import { program } from '../valkey-backend/passwords';
import { VALKEY_PORT } from '../valkey-backend/stateful-set';

/** The port of Sentinels: https://valkey.io/topics/sentinel/ */
export const SENTINEL_PORT = 26379;
/** One of three may be away, and the two others still agree. */
export const MEMBERS = 3;

export const SCRIPT_FOLDER = '/etc/valkey';
export const COMMON_SCRIPT = 'common.sh';
export const SERVER_SCRIPT = 'server.sh';
export const SENTINEL_SCRIPT = 'sentinel.sh';
export const READY_SCRIPT = 'ready.sh';
export const HANDOVER_SCRIPT = 'handover.sh';
export const SERVER_CONFIGURATION = 'valkey.conf';
export const DATA_PATH = '/data';

/** After how long without an answer a Sentinel takes a server for lost, and a server without replicas writes no more. */
const DOWN_SECONDS = 5;
/** How long a Sentinel waits before it tries a failover again is twice this. */
const FAILOVER_SECONDS = 15;
/** How long a primary that is told to end waits at most until all servers that answer follow it. */
const FOLLOW_SECONDS = 20;
/** How long the primary takes no writes while it hands over. The pod ends before. */
const PAUSE_SECONDS = 120;

const SENTINEL_FILE = `${DATA_PATH}/sentinel/sentinel.conf`;
/** The configuration epoch in which the server of this volume last had all that the primary had. */
const EPOCH_FILE = `${DATA_PATH}/epoch`;
const NUMBERS = Array.from({ length: MEMBERS }, (_, number) => number).join(' ');

/** What the other scripts share: the names of the pods, and what Sentinels say. */
export function commonScript(name: string): string {
  return [
    'set -eu',
    // Group 0 reads and writes too: OpenShift gives pods a user of the namespace's range.
    'umask 007',
    `name='${name}'`,
    `client=${program('cli')}`,
    `host() { echo "$name-$1.$name.$POD_NAMESPACE.svc"; }`,
    'number=$(echo "$POD_NAME" | sed "s/.*-//")',
    'me=$(host "$number")',
    `others=$(for one in ${NUMBERS}; do [ "$one" = "$number" ] || echo "$one"; done)`,
    // An empty password would let everybody in.
    '[ -n "$VALKEYCLI_AUTH" ] || { echo "the password is empty"; exit 1; }',
    // As the files of both programs take it.
    `quoted=\\"$(printf %s "$VALKEYCLI_AUTH" | sed 's/[\\\\"]/\\\\&/g')\\"`,
    // A host that is away does not answer at all.
    'server() { to=$1; shift; timeout 3 "$client" -h "$to" "$@" 2>/dev/null; }',
    `sentinel() { to=$1; shift; timeout 3 "$client" -h "$to" -p ${SENTINEL_PORT} --raw sentinel "$@" 2>/dev/null; }`,
    // The line after that of its name.
    `field() { printf '%s\\n' "$1" | sed -n "/^$2\\$/{n;p;q;}"; }`,
    // The echo of some shells takes a backslash for more than itself.
    `line() { printf '%s\\n' "$*"; }`,
    // What the newest of the Sentinels say that answer.
    'latest() {',
    "  answers=0 epoch=-1 primary='' flags=''",
    `  for one in ${NUMBERS}; do`,
    '    answer=$(sentinel "$(host "$one")" master "$name") || continue',
    '    found=$(field "$answer" config-epoch)',
    '    [ -n "$found" ] || continue',
    '    answers=$((answers + 1))',
    '    [ "$found" -gt "$epoch" ] || continue',
    '    epoch=$found primary=$(field "$answer" ip) flags=$(field "$answer" flags)',
    '  done',
    '}',
    `replication() { server 127.0.0.1 info replication | tr -d '\\r'; }`,
    '',
  ].join('\n');
}

const COMMON = `. ${SCRIPT_FOLDER}/${COMMON_SCRIPT}`;

/**
 * Starts a server as what most of the Sentinels say that it is. A server never decides by itself: it may have been away,
 * and another one has what was written since.
 */
export function serverScript(): string {
  return [
    COMMON,
    // All that others have is lost when a server without data becomes their primary.
    'others_are_empty() {',
    '  for one in $others; do',
    // It answers this also while it still reads its file.
    '    keys=$(server "$(host "$one")" info keyspace)',
    '    case $keys in *db[0-9]*) return 1 ;; "# Keyspace"*) ;; *) return 1 ;; esac',
    // This is of database 0 alone, and is refused by a server that still reads.
    '    [ "$(server "$(host "$one")" dbsize)" = 0 ] || return 1',
    '  done',
    '}',
    `mkdir -p ${DATA_PATH}/valkey`,
    'said=""',
    'say() { [ "$said" = "$1" ] || echo "$1"; said=$1; }',
    'while :; do',
    '  latest',
    '  if [ "$answers" -lt 2 ]; then',
    `    say "waiting for two of the ${MEMBERS} Sentinels to say which server is the primary"`,
    '  elif case ",$flags," in *,failover_in_progress,*) true ;; *) false ;; esac; then',
    '    say "waiting for the end of a failover"',
    '  elif [ "$primary" != "$me" ]; then',
    '    break',
    `  elif [ -d ${DATA_PATH}/valkey/appendonlydir ] || others_are_empty; then`,
    '    break',
    '  else',
    '    say "this server is the primary and its volume is empty: waiting until another one is the primary"',
    '  fi',
    '  sleep 1',
    'done',
    // What the last primary had in its last epoch, this one may lack.
    'priority=0',
    `[ "$(cat ${EPOCH_FILE} 2>/dev/null)" != "$epoch" ] || priority=100`,
    '[ "$primary" != "$me" ] || priority=100',
    '{',
    `  cat ${SCRIPT_FOLDER}/${SERVER_CONFIGURATION}`,
    '  line "requirepass $quoted"',
    '  line "masterauth $quoted"',
    '  echo "replica-announce-ip $me"',
    '  echo "replica-priority $priority"',
    `  [ "$primary" = "$me" ] || echo "replicaof $primary ${VALKEY_PORT}"`,
    '} >/tmp/valkey.conf',
    'echo "the primary is $primary, of the epoch $epoch"',
    `exec ${program('server')} /tmp/valkey.conf`,
    '',
  ].join('\n');
}

/**
 * Starts a Sentinel with the settings of the manifests. It keeps who is the primary, and the epochs, from its own file.
 * It knows the others from the start, by names that stay: one that lost its volume is not counted twice.
 */
export function sentinelScript(): string {
  return [
    COMMON,
    `file=${SENTINEL_FILE}`,
    'mkdir -p "$(dirname "$file")"',
    '[ -e "$file" ] || : >"$file"',
    'kept() { sed -n "s/^sentinel $1 //p" "$file" | tail -n 1; }',
    'identity() { host "$1" | sha1sum | cut -c 1-40; }',
    `primary=$(kept "monitor $name" | cut -d ' ' -f 1)`,
    'epoch=$(kept "config-epoch $name") leader=$(kept "leader-epoch $name") current=$(kept current-epoch)',
    'if [ -z "$primary" ]; then',
    '  latest',
    '  [ "$epoch" -ge 0 ] || epoch=0 primary=$(host 0)',
    '  leader=$epoch current=$epoch',
    'fi',
    '[ -n "$epoch" ] || epoch=0',
    '[ -n "$leader" ] || leader=0',
    '[ -n "$current" ] || current=0',
    '{',
    `  echo "port ${SENTINEL_PORT}"`,
    '  echo "protected-mode no"',
    '  echo "dir $(dirname "$file")"',
    '  line "requirepass $quoted"',
    '  line "sentinel sentinel-pass $quoted"',
    '  echo "sentinel resolve-hostnames yes"',
    '  echo "sentinel announce-hostnames yes"',
    '  echo "sentinel announce-ip $me"',
    '  echo "sentinel myid $(identity "$number")"',
    `  echo "sentinel monitor $name $primary ${VALKEY_PORT} 2"`,
    '  line "sentinel auth-pass $name $quoted"',
    `  echo "sentinel down-after-milliseconds $name ${DOWN_SECONDS * 1000}"`,
    `  echo "sentinel failover-timeout $name ${FAILOVER_SECONDS * 1000}"`,
    '  echo "sentinel config-epoch $name $epoch"',
    '  echo "sentinel leader-epoch $name $leader"',
    '  echo "sentinel current-epoch $current"',
    `  for one in ${NUMBERS}; do`,
    `    [ "$(host "$one")" = "$primary" ] || echo "sentinel known-replica $name $(host "$one") ${VALKEY_PORT}"`,
    '  done',
    '  for one in $others; do',
    `    echo "sentinel known-sentinel $name $(host "$one") ${SENTINEL_PORT} $(identity "$one")"`,
    '  done',
    '} >"$file.new"',
    // In one step: half a file would not be a state.
    'mv "$file.new" "$file"',
    `exec ${program('server')} "$file" --sentinel`,
    '',
  ].join('\n');
}

/** Whether the server has all that the primary has. Then it may take its place. */
export function readyScript(): string {
  return [
    COMMON,
    'info=$(replication)',
    'value() { printf "%s\\n" "$info" | sed -n "s/^$1://p"; }',
    'case "$(value role)" in',
    '  master) primary=$me ;;',
    '  slave) primary=$(value master_host); [ "$(value master_link_status)" = up ] ;;',
    '  *) exit 1 ;;',
    'esac',
    'answer=$(sentinel 127.0.0.1 master "$name")',
    // Until the Sentinel knows better, this says nothing.
    '[ "$(field "$answer" ip)" = "$primary" ] || exit 0',
    'epoch=$(field "$answer" config-epoch)',
    `if [ "$(cat ${EPOCH_FILE} 2>/dev/null)" != "$epoch" ]; then`,
    `  echo "$epoch" >${EPOCH_FILE}.new`,
    `  mv ${EPOCH_FILE}.new ${EPOCH_FILE}`,
    'fi',
    '[ "$(value slave_priority)" != 0 ] || server 127.0.0.1 config set replica-priority 100 >/dev/null',
    '',
  ].join('\n');
}

/**
 * Before a primary ends: it takes no more writes, waits until the replicas have all of them, and has another Sentinel
 * make one of them the primary. Clients whose writes wait send them to that one.
 */
export function handoverScript(): string {
  return [
    COMMON,
    // What a hook writes is seen by nobody. Process 1 has the log, unless the pod shares its processes.
    '[ ! -w /proc/1/fd/1 ] || exec >/proc/1/fd/1 2>&1',
    'replication | grep -q "^role:master" || exit 0',
    'give_up() { echo "the primary ends without a handover: $1"; server 127.0.0.1 client unpause >/dev/null; exit 0; }',
    // A server that answers may become the primary, also one that does not follow this one yet: after a failover the
    // Sentinels tell the last one only some seconds later. Writes go on meanwhile.
    'all_follow() {',
    '  info=$(replication)',
    '  for one in $others; do',
    '    line "$info" | grep -q "^slave[0-9]*:ip=$(host "$one"),.*state=online" ||',
    '      [ -z "$(server "$(host "$one")" ping)" ] || return 1',
    '  done',
    '}',
    // By the clock: a server that does not answer takes seconds of its own.
    `end=$(($(date +%s) + ${FOLLOW_SECONDS}))`,
    'until all_follow || [ "$(date +%s)" -ge "$end" ]; do sleep 0.2; done',
    `server 127.0.0.1 client pause ${PAUSE_SECONDS * 1000} write >/dev/null`,
    "written=$(replication | sed -n 's/^master_repl_offset://p')",
    'all_have_it() {',
    '  count=0',
    "  for offset in $(replication | sed -n 's/^slave[0-9]*:.*state=online,offset=\\([0-9]*\\).*/\\1/p'); do",
    '    [ "$offset" -ge "$written" ] || return 1',
    '    count=$((count + 1))',
    '  done',
    '  [ "$count" -gt 0 ]',
    '}',
    'tries=0',
    'until all_have_it; do',
    '  tries=$((tries + 1))',
    '  [ "$tries" -lt 100 ] || give_up "no replica has all that was written"',
    '  sleep 0.1',
    'done',
    // One that was slow itself does nothing for half a minute.
    `acts() { server "$1" -p ${SENTINEL_PORT} info sentinel | grep -q "^sentinel_tilt:0"; }`,
    'ask() {',
    '  for one in $others "$number"; do',
    '    acts "$(host "$one")" || continue',
    '    [ "$(sentinel "$(host "$one")" failover "$name")" != OK ] || { asked=$(host "$one"); return 0; }',
    '  done',
    '  return 1',
    '}',
    'tries=0',
    'until ask; do',
    '  tries=$((tries + 1))',
    '  [ "$tries" -lt 10 ] || give_up "no Sentinel begins a failover"',
    '  sleep 1',
    'done',
    'tries=0',
    'while primary=$(sentinel "$asked" get-master-addr-by-name "$name" | head -n 1); [ -z "$primary" ] || [ "$primary" = "$me" ]; do',
    '  tries=$((tries + 1))',
    '  [ "$tries" -lt 150 ] || give_up "the failover did not end"',
    '  sleep 0.1',
    'done',
    'echo "$primary is the primary now"',
    '',
  ].join('\n');
}

/**
 * The settings of each server, a primary or a replica. Each write is on the disk before it is acknowledged, as with a server
 * of one pod, and a full memory refuses writes.
 */
export function serverConfiguration(maxMemory: number): string {
  return [
    `port ${VALKEY_PORT}`,
    // Clients come from other pods; each needs the password.
    'protected-mode no',
    `dir ${DATA_PATH}/valkey`,
    'save ""',
    'appendonly yes',
    'appendfsync always',
    `maxmemory ${maxMemory}`,
    'maxmemory-policy noeviction',
    // A primary that is cut off takes no writes, which would be lost when it comes back.
    'min-replicas-to-write 1',
    `min-replicas-max-lag ${DOWN_SECONDS}`,
    // A replica that was restarted gets what it missed, and not everything.
    'repl-backlog-size 16mb',
    // By itself a primary waits five seconds for further replicas.
    'repl-diskless-sync-delay 0',
    '',
  ].join('\n');
}
