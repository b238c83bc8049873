import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkResourceName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { distributionOf } from '../platform/binding';
import {
  claimOfDumps,
  DUMP_FUNCTIONS,
  DUMP_TIME,
  DUMPS_PATH,
  RESTORE_FUNCTIONS,
} from '../workloads/dump-scripts';

/** How a name ends that means the latest dump of a database. */
const LATEST = /-latest$/;

/** The dump that a new server begins with. */
export interface RestoredDump {
  readonly dump: string;
  /** The claim that has it. */
  readonly claimName: string;
}

/** What new data is made from: a dump where the distribution makes dumps, and a VolumeSnapshot elsewhere. */
export interface RestoreSource {
  readonly restored?: RestoredDump;
  readonly snapshotName?: string;
}

/** Checks what `restoreFrom` names. */
export function restoreSource(scope: Construct, name?: string): RestoreSource {
  if (name === undefined) return {};
  checkResourceName(scope, 'restoreFrom', name);
  const { postgres, backup } = distributionOf(scope);
  if (postgres) {
    Problems.report(scope, {
      property: 'restoreFrom',
      value: name,
      reason: 'is for a server that the library makes, and the distribution runs this one',
      remedy: 'Leave it out, and restore the database as the service that runs it does',
    });
  }
  if (!backup?.dumps) return { snapshotName: name };
  if (!DUMP_TIME.test(name) && !LATEST.test(name)) {
    Problems.report(scope, {
      property: 'restoreFrom',
      value: name,
      reason: 'is not the name of a dump, which ends in its time',
      remedy:
        'Give one that the log of a dump lists, such as "polls-db-20261124-030000", or "polls-db-latest"',
    });
  }
  const { claimName = claimOfDumps(name.replace(DUMP_TIME, '').replace(LATEST, '')) } = backup.dumps;
  return { restored: { dump: name, claimName } };
}

/**
 * The script that restores a dump into a volume without data: `restore.sh DUMP [PARAMETER …]`.
 *
 * The data gets its name last of all, so that a restore that was broken off begins again, and never serves a part. A
 * volume that has data stays as it is.
 */
export const restoreScript = (volumePath: string) => String.raw`dump=$1
shift
umask 077
${DUMP_FUNCTIONS}
${RESTORE_FUNCTIONS}
if [ -s "$PGDATA/PG_VERSION" ]; then
  echo "the volume has data: dump '$dump' is not restored"
  exit 0
fi
case $dump in
  *-latest)
    latest=$(dumps_of "$(printf %s "$dump" | sed 's/-latest$//')" | tail -n 1)
    [ -n "$latest" ] || fail "there is no dump '$dump' in the volume. It has:" $(ls "$dumps")
    dump=$latest
    ;;
esac
[ -e "$dumps/$dump.dump" ] || fail "there is no dump '$dump' in the volume. It has:" $(ls "$dumps")
check_dump "$dump" "$dumps/$dump.dump"

data=$PGDATA
[ ! -e "$data" ] || rmdir "$data" 2>/dev/null ||
  fail "the folder '$data' has files that are no data of PostgreSQL: look at them, and delete the claim if nobody needs them"
export PGDATA=${volumePath}/restoring
start_server "$@"
restore_dump "$dump"
psql $started --dbname="$POSTGRES_DB" --no-psqlrc --quiet --command=ANALYZE || fail "the statistics could not be made"
stop_server
mv "$PGDATA" "$data" && sync || fail "the restored data could not be given its name"
echo "dump '$dump': restored"
`;

/** The volume of dumps, for the pod of the server. */
export function dumpsVolume({ claimName }: RestoredDump): k8s.Volume {
  return { name: 'dumps', persistentVolumeClaim: { claimName } };
}

export const DUMPS_MOUNT: k8s.VolumeMount = { name: 'dumps', mountPath: DUMPS_PATH, readOnly: true };
