import { Duration, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { envVar } from '../../kubernetes/environment';
import { resourceLabels, Selector } from '../../kubernetes/labels';
import { IResource, Resource } from '../../kubernetes/resource';
import { resourceRequirements } from '../../kubernetes/resources';
import { SecretValue } from '../../kubernetes/secret-values';
import { BackupBucket, checkBucket, CheckedBucket } from '../../platform/backup-bucket';
import { DatabaseConnector } from '../../platform/database-connector';
import { POSTGRES_USER_ID, SslMode } from '../../platform/postgres';
import { TMP_MOUNT, TMP_VOLUME } from '../../workloads/disk';
import { BucketAccess, bucketAccess, bucketContainer, BucketUser } from '../../workloads/backup-bucket';
import { UPLOAD_SCRIPT } from '../../workloads/bucket-scripts';
import { claimOfDumps, DUMPS_PATH } from '../../workloads/dump-scripts';
import { allowPull } from '../../workloads/image-pulls';
import { podTemplate } from '../../workloads/pods';
import { backupCronJobSpec } from '../../workloads/backup-schedule';
import { DRILL_SCRIPT, DUMP_SCRIPT } from './dump-scripts';

/** What dumps and drills of a server have in common. */
export interface DumpJob {
  readonly statefulSet: IResource;
  /** Its name, which is its host too. */
  readonly server: string;
  /** The role that applications log in with at present, and its password. */
  readonly user: string;
  readonly password: SecretValue;
  /** How the certificate of the server is checked. None when it has none. */
  readonly certificate?: CheckedCertificate;
  /** The claim with the dumps. */
  readonly claimName: string;
  /** The ConfigMap with the scripts. */
  readonly configMapName: string;
  readonly timeZone?: string;
  readonly timeout: Duration;
}

/** How the certificate of a server is checked. */
export interface CheckedCertificate {
  readonly sslMode?: SslMode;
  readonly certificatePath: string;
  readonly connector?: DatabaseConnector;
}

interface Dump {
  readonly name: string;
  readonly selector: Selector;
  readonly schedule: string;
  readonly retention: Duration;
  /** None when dumps are on the volume alone. */
  readonly uploads?: DumpUploads;
}

/** How dumps come to a bucket. */
export interface DumpUploads extends BucketAccess {
  readonly bucket: CheckedBucket;
}

/** How the dumps of a database come to a bucket. */
export function dumpUploads(scope: Construct, bucket: BackupBucket, job: DumpJob): DumpUploads {
  const title = `Dumps of ${job.server} in ${bucket.destination}`;
  const user = { serviceAccountName: claimOfDumps(job.server), title };
  return uploadsTo(scope, 'backup.bucket', bucket, { job, user });
}

/** How what a pod of a server has comes to a bucket. */
export function uploadsTo(
  scope: Construct,
  property: string,
  bucket: BackupBucket,
  { job, user }: { job: DumpJob; user: BucketUser },
): DumpUploads {
  const checked = checkBucket(scope, property, bucket);
  allowPull(scope, [checked.image], job.statefulSet.toJson().spec.template.spec.imagePullSecrets);
  return { bucket: checked, ...bucketAccess(scope, property, checked, user) };
}

interface Drill {
  readonly name: string;
  readonly serviceAccountName: string;
  readonly selector: Selector;
  readonly schedule: string;
  readonly maxAge: Duration;
  readonly tolerance: number;
}

const PASSWORD = 'POSTGRES_PASSWORD';
export const SCRIPTS = '/etc/cdk8s-django';
/** The memory of pg_dump does not grow with the rows: it writes what it reads. */
const DUMP_RESOURCES = { cpuRequest: '100m', memoryRequest: '128Mi', memoryLimit: '256Mi' };
/** A server by PostgreSQL's own defaults: 128 MB of buffers. */
export const DRILL_RESOURCES = { cpuRequest: '250m', memoryRequest: '512Mi', memoryLimit: '1Gi' };
/** Where the server of a drill has its data. */
const DRILL_PATH = '/var/lib/cdk8s-django/drill';

/** Makes the CronJob that dumps. */
export function dumpCronJob(scope: Construct, job: DumpJob, dump: Dump): Resource {
  const { name, selector, schedule, retention, uploads } = dump;
  const hours = `${retention.toHours()}`;
  const args = [job.server, hours, job.server, job.user];
  const labels = uploads?.identity?.podLabels;
  const run = { name, selector, labels, schedule, serviceAccountName: name };
  return cronJob(scope, 'CronJob', job, run, (server) => ({
    container: {
      name: 'dump',
      command: ['sh', `${SCRIPTS}/${DUMP_SCRIPT}`, ...args],
      env: withPassword(server, job),
      resources: resourceRequirements(DUMP_RESOURCES),
      volumeMounts: [{ name: 'dumps', mountPath: DUMPS_PATH }],
    },
    volumes: [],
    last: uploads && uploadContainer(uploads.bucket, job.server, hours),
  }));
}

/** Copies what the volume has to the bucket, once there is a dump. It has no password of the database. */
function uploadContainer(bucket: CheckedBucket, server: string, hours: string): k8s.Container {
  return bucketContainer(bucket, server, {
    name: 'upload',
    script: `${SCRIPTS}/${UPLOAD_SCRIPT}`,
    args: [server, hours],
    volumeMounts: [
      { name: 'dumps', mountPath: DUMPS_PATH, readOnly: true },
      { name: 'scripts', mountPath: SCRIPTS, readOnly: true },
      TMP_MOUNT,
    ],
  });
}

/** How long the pod of a drill stays after its end, with a copy of all data on its volume. Its log says why it failed. */
export const KEPT_FOR = Duration.hours(1);

/** Makes the CronJob that proves the latest dump, in a server of its own. */
export function drillCronJob(scope: Construct, job: DumpJob, drill: Drill): Resource {
  const { maxAge, tolerance } = drill;
  const args = [job.server, `${maxAge.toSeconds()}`, `${tolerance}`, job.server, job.user];
  const kept = { ...drill, keptFor: KEPT_FOR };
  return cronJob(scope, 'DrillCronJob', job, kept, (server) => ({
    container: {
      name: 'drill',
      command: ['sh', `${SCRIPTS}/${DRILL_SCRIPT}`, ...args, ...server.preloaded],
      env: withPassword(server, job),
      resources: resourceRequirements(DRILL_RESOURCES),
      volumeMounts: restoringMounts(server),
    },
    volumes: restoringVolumes(server),
  }));
}

/** What a pod needs that restores a dump into a server of its own. */
export function restoringMounts({ initMount }: Server): k8s.VolumeMount[] {
  return [
    { name: 'dumps', mountPath: DUMPS_PATH, readOnly: true },
    { name: 'drill', mountPath: DRILL_PATH },
    { name: 'run', mountPath: '/var/run/postgresql' },
    // It makes the role that owns the tables of the dump.
    { ...initMount, name: 'init' },
  ];
}

export function restoringVolumes(server: Server): k8s.Volume[] {
  return [
    { name: 'drill', ephemeral: { volumeClaimTemplate: throwAwayClaim(server) } },
    { name: 'run', emptyDir: { sizeLimit: '16Mi' } },
    { ...server.initVolume, name: 'init' },
  ];
}

/** It is there as long as the pod, and so as long as its Job stays. An emptyDir would fill the disk of the node. */
function throwAwayClaim({ claim }: Server): k8s.PersistentVolumeClaimTemplate {
  const { storageClassName, resources } = claim;
  return { spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources } };
}

/** What is known of a server by its StatefulSet, patches included. */
interface Server {
  readonly image: string;
  /** Its variables without those from Secrets. */
  readonly env: k8s.EnvVar[];
  /** Parameters without which extensions of the dump may not be made. */
  readonly preloaded: string[];
  readonly initMount: k8s.VolumeMount;
  readonly initVolume: k8s.Volume;
  readonly claim: any;
  /** The fields of its pod that say with what its image is pulled, and which nodes it runs on. */
  readonly pod: k8s.PodSpec;
}

function serverIn(statefulSet: IResource): Server {
  const { template, volumeClaimTemplates } = statefulSet.toJson().spec;
  const { containers, volumes, imagePullSecrets, nodeSelector, tolerations, affinity } = template.spec;
  const container = containers.find(({ name }: k8s.Container) => name === 'postgres');
  const initMount = container.volumeMounts.find(({ subPath }: k8s.VolumeMount) => subPath);
  return {
    image: container.image,
    env: container.env.filter(({ name, value }: k8s.EnvVar) => value !== undefined && name !== 'PGDATA'),
    preloaded: container.args.filter((one: string) => one.startsWith('--shared_preload_libraries=')),
    initMount,
    initVolume: volumes.find(({ name }: k8s.Volume) => name === initMount.name),
    claim: volumeClaimTemplates[0].spec,
    pod: { imagePullSecrets, nodeSelector, tolerations, affinity } as k8s.PodSpec,
  };
}

/** A server whose passwords change has them in files. A dump has the present one as it begins. */
function withPassword({ env }: Server, { password, certificate }: DumpJob): k8s.EnvVar[] {
  return [
    ...env,
    envVar({ name: PASSWORD, ...password }),
    // libpq's own variables. They do not count for the socket of a drill's server.
    ...(certificate
      ? [
          { name: 'PGSSLMODE', value: certificate.sslMode },
          { name: 'PGSSLROOTCERT', value: certificate.certificatePath },
        ]
      : []),
  ];
}

interface Run {
  readonly name: string;
  readonly serviceAccountName: string;
  readonly selector: Selector;
  /** Labels by which the platform knows the pod. */
  readonly labels?: { [name: string]: string };
  readonly schedule: string;
  readonly keptFor?: Duration;
}

interface OwnParts {
  readonly container: Omit<k8s.Container, 'image'>;
  readonly volumes: k8s.Volume[];
  /** What runs when the container has succeeded. */
  readonly last?: k8s.Container;
}

export function cronJob(
  scope: Construct,
  id: string,
  job: DumpJob,
  { name, serviceAccountName, selector, labels, schedule, keptFor }: Run,
  partsOf: (server: Server) => OwnParts,
): Resource {
  const { statefulSet, configMapName, claimName, timeZone, timeout, certificate } = job;
  const produce = () => {
    const server = serverIn(statefulSet);
    const { container, volumes, last } = partsOf(server);
    const own = {
      ...container,
      image: server.image,
      volumeMounts: [
        ...container.volumeMounts!,
        { name: 'scripts', mountPath: SCRIPTS, readOnly: true },
        ...(certificate?.connector?.volumeMounts ?? []),
        TMP_MOUNT,
      ],
    };
    const template = podTemplate(scope, {
      selector,
      labels,
      user: { id: POSTGRES_USER_ID, ownsVolumes: true },
      spec: {
        ...server.pod,
        serviceAccountName,
        restartPolicy: 'Never',
        ...(last ? { initContainers: [own], containers: [last] } : { containers: [own] }),
        volumes: [
          { name: 'dumps', persistentVolumeClaim: { claimName } },
          ...volumes,
          { name: 'scripts', configMap: { name: configMapName } },
          ...(certificate?.connector?.volumes ?? []),
          TMP_VOLUME,
        ],
      },
    });
    return backupCronJobSpec({ schedule, timeZone, deadline: timeout, template, keptFor });
  };
  return new Resource(scope, id, {
    ...k8s.typeOf('CronJob'),
    metadata: { name, labels: resourceLabels(selector) },
    spec: Lazy.any({ produce }),
  });
}
