import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { resourceRequirements } from '../../kubernetes/resources';
import { serviceAccount } from '../../kubernetes/service-accounts';
import { BackupRequest } from '../../platform/backup';
import { BackupBucket, checkBucket, CheckedBucket, isSameBucket } from '../../platform/backup-bucket';
import { distributionOf } from '../../platform/binding';
import { bucketContainer } from '../../workloads/backup-bucket';
import { TMP_MOUNT } from '../../workloads/disk';
import { DUMPS_PATH } from '../../workloads/dump-scripts';
import { dnsTraffic, networkPolicy } from '../../workloads/network-policies';
import { AnonymizedCopies, COPY_SCHEDULE } from './anonymized-copies';
import { COPIES_PATH, COPY_SCRIPT, PUBLISH_SCRIPT, RULES } from './copy-scripts';
import {
  cronJob,
  DRILL_RESOURCES,
  DumpJob,
  DumpUploads,
  KEPT_FOR,
  restoringMounts,
  restoringVolumes,
  SCRIPTS,
  uploadsTo,
} from './dump-jobs';

/** The copies of a database, and the dumps that they are made of. */
interface Copied {
  readonly job: DumpJob;
  readonly request: BackupRequest;
  readonly copies: AnonymizedCopies;
  /** The bucket that the dumps are copied to. */
  readonly dumps?: DumpUploads;
}

/** What makes the copies, and what keeps its pods from reaching anything but the port of a bucket. */
export function copyResources(scope: Construct, { job, request, copies, dumps }: Copied): Resource[] {
  const { bucket } = copies;
  const name = `${request.name}-copy`;
  const selector = { ...request.selector, component: 'backup-copy' };
  const uploads = bucket && copyUploads(scope, bucket, job, name);
  if (uploads) {
    const { archiveBucket: archives } = distributionOf(scope);
    if (dumps) checkApart(scope, uploads.bucket, dumps.bucket, 'dumps');
    if (archives)
      checkApart(scope, uploads.bucket, checkBucket(scope, 'archiveBucket', archives), 'archives');
  }
  const { identity, egress = [] } = uploads ?? {};
  const metadata = { name, labels: request.labels, annotations: identity?.serviceAccountAnnotations };
  return [
    ...(uploads ? [serviceAccount(scope, metadata, 'CopyServiceAccount')] : []),
    copyCronJob(scope, job, copies, {
      run: {
        name,
        selector,
        labels: identity?.podLabels,
        schedule: copies.schedule ?? COPY_SCHEDULE,
        // Another one than that of the dumps: it has no rights for their bucket.
        serviceAccountName: uploads ? name : job.configMapName,
        keptFor: KEPT_FOR,
      },
      uploads,
    }),
    networkPolicy(scope, 'CopyNetworkPolicy', {
      name,
      selector,
      allowed: () => ({ ingress: [], egress: uploads ? [...dnsTraffic(scope), ...egress] : [] }),
    }),
  ];
}

function copyUploads(scope: Construct, bucket: BackupBucket, job: DumpJob, name: string): DumpUploads {
  const title = `Anonymized copies of ${job.server} in ${bucket.destination}`;
  const user = { serviceAccountName: name, title };
  return uploadsTo(scope, 'backup.copies.bucket', bucket, { job, user });
}

/**
 * Who may read copies may not read what production has: rights are for a whole bucket, and a password opens all that it
 * encrypts.
 */
function checkApart(scope: Construct, copies: CheckedBucket, other: CheckedBucket, what: string): void {
  if (isSameBucket(copies, other)) {
    Problems.report(scope, {
      property: 'backup.copies.bucket.destination',
      value: copies.destination,
      reason: `is in the bucket of the ${what}, and rights to read copies are for the whole bucket`,
      remedy: 'Give another bucket, which has no personal data',
    });
  }
  const password = ({ encryptionPassword }: CheckedBucket) =>
    encryptionPassword && JSON.stringify([encryptionPassword.secretName, encryptionPassword.key]);
  if (password(copies) === undefined || password(copies) !== password(other)) return;
  Problems.report(scope, {
    property: 'backup.copies.bucket.encryptionPassword',
    value: copies.encryptionPassword,
    reason: `is the password of the ${what}, and previews need that of the copies`,
    remedy: 'Give another one',
  });
}

interface CopyRun {
  readonly run: Parameters<typeof cronJob>[3];
  readonly uploads?: DumpUploads;
}

/**
 * Makes the CronJob that makes an anonymized copy of the latest dump. What makes it has no password. What takes it to a
 * bucket begins when it is whole, and sees nothing else of the volume.
 */
function copyCronJob(
  scope: Construct,
  job: DumpJob,
  { claimName }: AnonymizedCopies,
  { run, uploads }: CopyRun,
): Resource {
  // With a bucket it is a folder of the volume that ends with the pod.
  const copies = claimName === undefined ? { name: 'drill', subPath: 'copies' } : { name: 'copies' };
  return cronJob(scope, 'CopyCronJob', job, run, (server) => ({
    container: {
      name: 'copy',
      command: [
        ...['sh', `${SCRIPTS}/${COPY_SCRIPT}`, job.server, `${SCRIPTS}/${RULES}`],
        ...server.preloaded,
      ],
      env: server.env,
      resources: resourceRequirements(DRILL_RESOURCES),
      volumeMounts: [...restoringMounts(server), { ...copies, mountPath: COPIES_PATH }],
    },
    volumes: [
      ...restoringVolumes(server),
      ...(claimName === undefined ? [] : [{ name: 'copies', persistentVolumeClaim: { claimName } }]),
    ],
    last:
      uploads &&
      bucketContainer(uploads.bucket, run.name, {
        name: 'publish',
        script: `${SCRIPTS}/${PUBLISH_SCRIPT}`,
        args: [run.name],
        volumeMounts: [
          { ...copies, mountPath: DUMPS_PATH, readOnly: true },
          { name: 'scripts', mountPath: SCRIPTS, readOnly: true },
          TMP_MOUNT,
        ],
      }),
  }));
}
