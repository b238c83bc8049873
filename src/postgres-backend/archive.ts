import { Duration, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { serverPassword } from '../secrets/client-image';
import { GeneratedSecret } from '../secrets/generated-secret';
import * as k8s from '../kubernetes/api';
import { checkCron } from '../kubernetes/cron';
import { envVar } from '../kubernetes/environment';
import { resourceLabels, Selector } from '../kubernetes/labels';
import { checkName, checkResourceName } from '../kubernetes/names';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { size, wholeSize } from '../kubernetes/quantities';
import { Resource } from '../kubernetes/resource';
import { resourceRequirements } from '../kubernetes/resources';
import { podsOf } from '../kubernetes/traffic';
import { POSTGRES_PORT, POSTGRES_USER_ID } from '../platform/postgres';
import { IPythonImage } from '../platform/python-image';
import { backupCronJobSpec } from '../workloads/backup-schedule';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/disk';
import { dnsTraffic, networkPolicy } from '../workloads/network-policies';
import { podTemplate, pullSecrets } from '../workloads/pods';
import { volumeClass } from '../workloads/volume-class';
import { ArchiveBucket, COPIED_MOUNT, COPIED_VOLUME, uploadingContainer } from './archive-bucket';
import { UPLOAD_ARCHIVE_SCRIPT, uploadArchiveScript } from './archive-bucket-scripts';
import { PointInTimeRestore, PostgresArchive } from './archive-props';
import {
  ARCHIVE_PATH,
  ARCHIVE_SCRIPT,
  archiveFolders,
  archiveScript,
  BACKUP_ROLE,
  BASE_BACKUP_SCRIPT,
  baseBackupScript,
} from './archive-scripts';
import { ServerCertificate } from './certificate';
import { LaterRole } from './later-roles';
import { replicationRole } from './replication-role';
import { SCRIPT_FOLDER } from './scripts';

const DEFAULT_RETENTION = Duration.days(7);
const LONGEST_RETENTION = Duration.days(36_500);
/** A server that writes little archives what it has written after this time. */
const ARCHIVE_TIMEOUT = '60s';
/** How long a base backup may take. */
const DEADLINE = Duration.hours(12);
/** pg_basebackup only tells the server what to do. */
const RESOURCES = { cpuRequest: '50m', memoryRequest: '64Mi', memoryLimit: '128Mi' };

/** The name of the claim that has the archive of a server. */
const claimOfArchive = (server: string) => `${server}-archive`;

/** What the archive of a server is made of. */
export interface ArchiveOptions {
  readonly name: string;
  readonly database: string;
  readonly image: string;
  readonly imagePullSecrets: string[];
  readonly selector: Selector;
  readonly storage: string;
  readonly certificate?: ServerCertificate;
  readonly clients: IPythonImage[];
  readonly pythonImage?: string;
  /** None when archives are on their volumes alone. */
  readonly bucket?: ArchiveBucket;
}

/** What an archive changes in its server. */
export class ServerArchive extends Construct {
  readonly parameters: Record<string, string> = {
    archive_command: `sh ${SCRIPT_FOLDER}/${ARCHIVE_SCRIPT} '%p' %f`,
    archive_mode: 'on',
    archive_timeout: ARCHIVE_TIMEOUT,
  };
  readonly files: Record<string, string>;
  readonly starting: string[];
  readonly started: string[];
  readonly mounts: k8s.VolumeMount[];
  /** The volume of the archive. */
  readonly volume: k8s.Volume;
  readonly volumes: k8s.Volume[];
  /** What runs beside the server. */
  readonly containers: k8s.Container[];
  readonly password: GeneratedSecret;
  readonly selector: Selector;
  readonly resources: Resource[];
  private networkPolicy?: Resource;

  constructor(
    scope: Construct,
    private readonly options: ArchiveOptions,
    archive: PostgresArchive,
  ) {
    super(scope, 'Archive');
    const { name, selector, clients, bucket } = options;
    checkArchive(scope, archive);
    const {
      claimName = claimOfArchive(name),
      schedule = '0 2 * * *',
      retention = DEFAULT_RETENTION,
    } = archive;
    this.selector = { ...selector, component: 'base-backup' };
    const hours = retention.toHours({ integral: false });
    this.files = {
      [ARCHIVE_SCRIPT]: archiveScript(name, hours, bucket !== undefined),
      [BASE_BACKUP_SCRIPT]: baseBackupScript(),
      ...(bucket && { [UPLOAD_ARCHIVE_SCRIPT]: uploadArchiveScript() }),
    };
    this.starting = [archiveFolders(name)];
    this.containers = bucket ? [uploadingContainer(bucket, name, hours)] : [];
    this.started = [
      // A base backup may be made before anything is archived. A server without its archive serves all the same.
      `(cd "$PGDATA" && sh ${SCRIPT_FOLDER}/${ARCHIVE_SCRIPT}) >/proc/1/fd/2 2>&1 || true`,
    ];
    this.volume = { name: 'archive', persistentVolumeClaim: { claimName } };
    this.volumes = [this.volume, ...(bucket ? [COPIED_VOLUME] : [])];
    this.mounts = [{ name: 'archive', mountPath: ARCHIVE_PATH }, ...(bucket ? [COPIED_MOUNT] : [])];
    const owner = { ...selector, instance: claimOfArchive(name) };
    this.password = serverPassword(this, owner, 'database', clients, options);
    this.resources = [
      ...(archive.claimName === undefined ? [this.claim(archive)] : []),
      this.cronJob(schedule),
    ];
  }

  /** The role that makes base backups, for the pod of the server. */
  get role(): LaterRole {
    const more = [`GRANT pg_write_server_files TO ${BACKUP_ROLE};`];
    const lines = (password: string) => replicationRole(this.options.database, BACKUP_ROLE, password, more);
    return { name: BACKUP_ROLE, password: this.password.value, lines };
  }

  restrictNetwork(): void {
    this.password.restrictNetwork();
    const server = [podsOf(this.options.selector)];
    this.networkPolicy ??= networkPolicy(this, 'NetworkPolicy', {
      name: `${this.options.name}-base-backup`,
      selector: this.selector,
      allowed: () => ({
        ingress: [],
        egress: [...dnsTraffic(this), { peers: server, ports: [{ port: POSTGRES_PORT }] }],
      }),
    });
  }

  private claim({ storage = this.options.storage, storageClassName }: PostgresArchive): Resource {
    const { name, selector } = this.options;
    const manifest = k8s.manifest('PersistentVolumeClaim', {
      metadata: { name: claimOfArchive(name), labels: resourceLabels(selector) },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: volumeClass(this, storageClassName),
        resources: { requests: { storage: wholeSize(storage) } },
      },
    });
    return new Resource(this, 'Claim', manifest);
  }

  private cronJob(schedule: string): Resource {
    const { name, image, imagePullSecrets, certificate } = this.options;
    const { volumes = [], volumeMounts = [] } = certificate?.connector ?? {};
    const { sslMode = 'disable', certificatePath } = certificate?.connection ?? {};
    const produce = () =>
      backupCronJobSpec({
        schedule,
        deadline: DEADLINE,
        template: podTemplate(this, {
          selector: this.selector,
          user: { id: POSTGRES_USER_ID },
          spec: {
            serviceAccountName: name,
            imagePullSecrets: pullSecrets(imagePullSecrets),
            restartPolicy: 'Never',
            containers: [
              {
                name: 'base-backup',
                image,
                command: ['sh', `${SCRIPT_FOLDER}/${BASE_BACKUP_SCRIPT}`, name],
                env: [
                  envVar({ name: 'PGPASSWORD', ...this.password.value }),
                  { name: 'PGSSLMODE', value: sslMode },
                  ...(certificatePath ? [{ name: 'PGSSLROOTCERT', value: certificatePath }] : []),
                ],
                resources: resourceRequirements(RESOURCES),
                volumeMounts: [
                  { name: 'scripts', mountPath: SCRIPT_FOLDER, readOnly: true },
                  ...volumeMounts,
                  TMP_MOUNT,
                ],
              },
            ],
            volumes: [{ name: 'scripts', configMap: { name } }, ...volumes, TMP_VOLUME],
          },
        }),
      });
    return new Resource(this, 'CronJob', {
      ...k8s.typeOf('CronJob'),
      metadata: { name: `${name}-base-backup`, labels: resourceLabels(this.selector) },
      spec: Lazy.any({ produce }),
    });
  }
}

function checkArchive(scope: Construct, archive: PostgresArchive): void {
  const { claimName, storage, storageClassName, schedule, retention } = archive;
  if (claimName !== undefined) {
    checkResourceName(scope, 'archive.claimName', claimName);
    for (const [property, value] of Object.entries({ storage, storageClassName })) {
      if (value === undefined) continue;
      Problems.report(scope, {
        property: `archive.${property}`,
        value,
        reason: 'is given together with claimName, and that claim is not made',
        remedy: 'Give claimName if the claim exists, or the others to have one made',
      });
    }
  }
  if (storage !== undefined) size(scope, 'archive.storage', storage);
  if (storageClassName !== undefined) checkResourceName(scope, 'archive.storageClassName', storageClassName);
  if (schedule !== undefined) checkCron(scope, 'archive.schedule', schedule);
  if (retention) {
    const bounds = { atLeast: 1, atMost: LONGEST_RETENTION.toHours(), unit: 'hours' };
    checkInteger(scope, 'archive.retention', retention.toHours({ integral: false }), bounds);
  }
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$/;

/** A point in time that was checked. */
export interface RestoredTime {
  readonly from: string;
  /** Empty for the end of the archive. */
  readonly at: string;
  readonly claimName: string;
  /** Whether it is the server's own archive, which then goes on with what it writes. */
  readonly isOwn: boolean;
}

/** Checks what new data is brought to. */
export function restoredTime(
  scope: Construct,
  server: string,
  restore: PointInTimeRestore | undefined,
  others: Record<string, string | undefined>,
): RestoredTime | undefined {
  if (!restore) return undefined;
  const { at = '', from = server, claimName = claimOfArchive(from) } = restore;
  checkName(scope, 'restore.from', from);
  checkResourceName(scope, 'restore.claimName', claimName);
  if (at !== '' && (!TIME.test(at) || Number.isNaN(Date.parse(at)))) {
    Problems.report(scope, {
      property: 'restore.at',
      value: at,
      reason: 'is not a time in UTC',
      remedy: 'Give one such as "2026-11-20T10:00:00Z"',
    });
  }
  for (const [property, value] of Object.entries(others)) {
    if (value === undefined) continue;
    Problems.report(scope, {
      property,
      value,
      reason: 'is given together with restore, and new data begins with one of the two',
      remedy: 'Leave one of them out',
    });
  }
  return { from, at, claimName, isOwn: from === server };
}
