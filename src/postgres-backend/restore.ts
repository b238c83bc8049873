import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { checkNamespace, checkResourceName } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { CopiesPlace } from '../platform/backup';
import { CheckedBucket, checkBucket } from '../platform/backup-bucket';
import { Traffic } from '../kubernetes/traffic';
import { distributionOf } from '../platform/binding';
import { BucketAccess, bucketAccess, bucketContainer } from '../workloads/backup-bucket';
import { FETCH_SCRIPT } from '../workloads/bucket-scripts';
import { TMP_MOUNT } from '../workloads/disk';
import {
  claimOfDumps,
  DUMP_FUNCTIONS,
  DUMP_TIME,
  DUMPS_PATH,
  RESTORE_FUNCTIONS,
} from '../workloads/dump-scripts';
import { dnsTraffic } from '../workloads/network-policies';
import { SCRIPT_FOLDER } from './scripts';

/** How a name ends that means the latest dump of a database. */
const LATEST = /-latest$/;

/** How the name of an anonymized copy ends, and that of the latest one. */
const COPY = /-copy-(latest|\d{8}-\d{6})$/;

/** The folder of the server's own volume that a copy is fetched into. */
const FETCHED = 'fetched';

/** The dump that a new server begins with. */
export interface RestoredDump {
  readonly dump: string;
  /** The claim that has it. None for a copy, which is fetched onto the volume of the server itself. */
  readonly claimName?: string;
  /** Where it is fetched from when the volume does not have it. */
  readonly bucket?: DumpBucket;
}

/** A bucket that has dumps, and how the pod of the server gets there. */
export interface DumpBucket {
  readonly place: CheckedBucket;
  readonly access: BucketAccess;
  /** The name of the database whose dump it is. */
  readonly database: string;
  /** What the log says where the bucket has no such dump. */
  readonly remedy?: string;
}

/** What new data is made from: a dump where the distribution makes dumps, and a VolumeSnapshot elsewhere. */
export interface RestoreSource {
  readonly restored?: RestoredDump;
  readonly snapshotName?: string;
  /** What the pod of the server connects to for it. */
  readonly egress: Traffic[];
}

/** Checks what `restoreFrom` of a server names. */
export function restoreSource(scope: Construct, server: string, name?: string): RestoreSource {
  if (name === undefined) return { egress: [] };
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
  if (backup?.copies) return restoredCopy(scope, server, name, backup.copies);
  if (!backup?.dumps) return { snapshotName: name, egress: [] };
  if (!DUMP_TIME.test(name) && !LATEST.test(name)) {
    Problems.report(scope, {
      property: 'restoreFrom',
      value: name,
      reason: 'is not the name of a dump, which ends in its time',
      remedy:
        'Give one that the log of a dump lists, such as "polls-db-20261124-030000", or "polls-db-latest"',
    });
  }
  const database = name.replace(DUMP_TIME, '').replace(LATEST, '');
  const { claimName = claimOfDumps(database), bucket } = backup.dumps;
  const restored = { dump: name, claimName };
  if (!bucket) return { restored, egress: [] };
  const place = checkBucket(scope, 'backup.bucket', bucket);
  return fetchedDump(scope, server, restored, { place, database });
}

/** A dump that is fetched by the identity of the server, or by keys. */
function fetchedDump(
  scope: Construct,
  server: string,
  restored: RestoredDump,
  bucket: Omit<DumpBucket, 'access'>,
): RestoreSource {
  const { place } = bucket;
  const title = `Restore of ${restored.dump} from ${place.destination}`;
  const access = bucketAccess(scope, 'backup.bucket', place, {
    serviceAccountName: server,
    title,
    readOnly: true,
  });
  return {
    restored: { ...restored, bucket: { ...bucket, access } },
    egress: [...dnsTraffic(scope), ...access.egress],
  };
}

/** A copy of another namespace, of which only the bucket is known here. */
function restoredCopy(
  scope: Construct,
  server: string,
  dump: string,
  { namespace, bucket }: CopiesPlace,
): RestoreSource {
  checkNamespace(scope, 'backup.namespace', namespace);
  if (!COPY.test(dump)) {
    Problems.report(scope, {
      property: 'restoreFrom',
      value: dump,
      reason: 'is not the name of an anonymized copy',
      remedy: 'Give "polls-db-copy-latest", or one copy such as "polls-db-copy-20261124-030000"',
    });
  }
  const database = dump.replace(DUMP_TIME, '').replace(LATEST, '');
  const place = checkBucket(scope, 'backup.bucket', bucket, namespace);
  const remedy =
    `: ${bucket.destination} has no copy of the namespace ${namespace}. Make one: kubectl -n ${namespace} create job ` +
    `first-copy --from=cronjob/${database}. This pod goes on when there is one`;
  return fetchedDump(scope, server, { dump }, { place, database, remedy });
}

/** The image that fetches a dump, if one is fetched. */
export function fetchingImages({ restored }: { readonly restored?: RestoredDump }): string[] {
  return restored?.bucket ? [restored.bucket.place.image] : [];
}

/** Fetches the dump into its volume, before it is restored. It has no password of the database. */
export function fetchingContainer(
  restored: RestoredDump,
  { env, volumeMounts }: k8s.Container,
): k8s.Container[] {
  const { dump, bucket } = restored;
  if (!bucket) return [];
  const shared = volumeMounts!.filter(({ name, subPath }) => ['data', 'scripts'].includes(name) && !subPath);
  return [
    bucketContainer(bucket.place, bucket.database, {
      name: 'fetch',
      script: `${SCRIPT_FOLDER}/${FETCH_SCRIPT}`,
      args: [bucket.database, dump, ...(bucket.remedy === undefined ? [] : [bucket.remedy])],
      environment: env!.filter(({ name }) => name === 'PGDATA'),
      volumeMounts: [
        ...shared.map((mount) => ({ ...mount, readOnly: true })),
        dumpsMount(restored),
        TMP_MOUNT,
      ],
    }),
  ];
}

/**
 * The script that restores a dump into a volume without data: `restore.sh DUMP [PARAMETER …]`.
 *
 * The data gets its name last of all, so that a restore that was broken off begins again, and never serves a part. A
 * volume that has data stays as it is. What was fetched onto it is deleted, once there is data.
 */
export const restoreScript = (volumePath: string) => String.raw`dump=$1
shift
fetched=${volumePath}/${FETCHED}
umask 077
${DUMP_FUNCTIONS}
${RESTORE_FUNCTIONS}
if [ -s "$PGDATA/PG_VERSION" ]; then
  rm -f "$fetched"/*.dump "$fetched"/.*.partial
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
rm -f "$fetched"/*.dump "$fetched"/.*.partial
echo "dump '$dump': restored"
`;

/** The volume of dumps, for the pod of the server. */
export function dumpsVolumes({ claimName }: RestoredDump): k8s.Volume[] {
  return claimName === undefined ? [] : [{ name: 'dumps', persistentVolumeClaim: { claimName } }];
}

/** Where a container of the server has the dumps. */
export function dumpsMount({ claimName }: RestoredDump): k8s.VolumeMount {
  const volume = claimName === undefined ? { name: 'data', subPath: FETCHED } : { name: 'dumps' };
  return { ...volume, mountPath: DUMPS_PATH };
}
