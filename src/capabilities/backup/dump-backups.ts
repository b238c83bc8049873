import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import * as k8s from '../../kubernetes/api';
import { checkSeconds } from '../../kubernetes/durations';
import { Selector } from '../../kubernetes/labels';
import { checkResourceName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { size, wholeSize } from '../../kubernetes/quantities';
import { Resource } from '../../kubernetes/resource';
import { serviceAccount } from '../../kubernetes/service-accounts';
import { podsOf } from '../../kubernetes/traffic';
import {
  BackupRequest,
  DEFAULT_RETENTION,
  DumpVolume,
  IBackedUpDatabase,
  IBackup,
  serverOf,
} from '../../platform/backup';
import { BackupBucket } from '../../platform/backup-bucket';
import { POSTGRES_PORT } from '../../platform/postgres';
import { UPLOAD_SCRIPT, uploadScript } from '../../workloads/bucket-scripts';
import { checkDataClaim } from '../../workloads/data-claims';
import { claimOfDumps } from '../../workloads/dump-scripts';
import { dnsTraffic, networkPolicy } from '../../workloads/network-policies';
import { volumeClass } from '../../workloads/volume-class';
import { AnonymizedCopies, anonymizingSql, checkCopies } from './anonymized-copies';
import { BackupDrill, checkDrill, DRILL_SCHEDULE } from './backup-drill';
import { copyResources } from './copy-job';
import { COPY_SCRIPT, copyScript, PUBLISH_SCRIPT, publishScript, RULES } from './copy-scripts';
import { CheckedCertificate, drillCronJob, dumpCronJob, DumpJob, dumpUploads } from './dump-jobs';
import { DRILL_SCRIPT, drillScript, DUMP_SCRIPT, dumpScript } from './dump-scripts';

/** Where dumps are kept, and whether they are proven. Give `claimName`, or `storage` and `storageClassName`. */
export interface DumpBackupsProps {
  /**
   * Name of a PersistentVolumeClaim that exists, for the dumps of all databases of its namespace: such as one of a
   * storage system elsewhere. Its file system must be able to rename a file.
   *
   * @default - a claim is made for each database: its name and `-dump`
   */
  readonly claimName?: string;

  /**
   * Size of the claim that is made, in bytes with a unit: room for all dumps of the retention, which are compressed,
   * and for one more.
   *
   * @default - that of the volume of the database
   */
  readonly storage?: string;

  /**
   * StorageClass of the claim that is made: best one of another storage system than that of the database.
   *
   * @default - the distribution's
   */
  readonly storageClassName?: string;

  /**
   * How long a dump may take, and a drill, in whole seconds.
   *
   * @default Duration.hours(6)
   */
  readonly timeout?: Duration;

  /**
   * A schedule that proves the latest dump: `{}` for that of the defaults.
   *
   * @default - no dump is proven
   */
  readonly drill?: BackupDrill;

  /**
   * Copies without personal data that are made of the latest dump, on a schedule.
   *
   * @default - none
   */
  readonly copies?: AnonymizedCopies;

  /**
   * A bucket that each dump is copied to, for the day on which the volume is lost, too. Pods reach it with the keys
   * that you give, or as the identity of the ServiceAccount with the name of the database and `-dump`.
   *
   * @default - dumps are on the volume alone
   */
  readonly bucket?: BackupBucket;
}

/**
 * Dumps of a server that the library makes, on a schedule: they need neither snapshots nor an operator.
 *
 * It makes:
 * - a CronJob that runs `pg_dump --format=custom` as the role that owns the tables, with the image of the server. A
 *   dump has its name only when it is whole. Those that are older than the retention are deleted after that, so that
 *   the last good one stays. A database without tables is not dumped: the Job fails;
 * - with `drill`, a CronJob that restores the latest dump into a server in its own pod, which ends with it. It fails,
 *   and says why, if there is no dump, or if the latest one is too old, empty, damaged or of a newer PostgreSQL. It
 *   also fails if tables have other numbers of rows than the live database, within the tolerance, or if migrations are
 *   missing. Its volume is as large as that of the database, of the same class, and ends with the pod;
 * - with `copies`, a CronJob that restores the latest dump in the same way, changes it by the rules, and writes a dump
 *   of the result to a bucket or onto a claim of yours. It does not know a password of the server, and its network
 *   policy lets it reach nothing, or only the port of that bucket. It fails if a column whose name promises personal
 *   data has no rule;
 * - a claim of a volume for the dumps, unless `claimName` is given;
 * - with `bucket`, a second container in the Job of the dump, which copies to the bucket what that does not have, by
 *   rclone. It deletes there what is older than the retention, except the latest dump. The Job fails when a dump was
 *   not copied. The bucket shows no dump that is not whole;
 * - a ConfigMap with the scripts, a ServiceAccount without rights in the cluster, and a network policy that lets the
 *   pods reach only the database, and the port of the bucket.
 *
 * A volume that one node alone mounts is enough. `restoreFrom` of a PostgresBackend restores a dump: it fetches from
 * the bucket what the volume does not have. The server's own ServiceAccount then needs the identity, too. Roles of
 * PostgreSQL other than that of the application are not in a dump, and what was granted to them is not restored. The
 * memory of a dump grows with the largest row, and not with their number: a row of 100 MB still fits.
 *
 * Throws when:
 * - the library does not make the server;
 * - `claimName` is given together with `storage` or `storageClassName`;
 * - copies go to no place, to two, to the claim of the dumps, or to the bucket of the dumps or of archives, or have the
 *   password of their encryption;
 * - a bucket is not a folder of a bucket, or is of another cloud than the identity of the pods, or they have no
 *   identity;
 * - a name, a size, a time, a schedule, the tolerance of the drill or a rule of the copies is not valid.
 *
 * @see https://www.postgresql.org/docs/current/app-pgdump.html
 * @see https://rclone.org/docs/
 * @example
 * Distribution.upstream({ backup: new DumpBackups({ storageClassName: 'nfs', drill: { schedule: '0 6 * * 1' } }) });
 */
export class DumpBackups implements IBackup {
  constructor(private readonly props: DumpBackupsProps = {}) {}

  /** The volume with the dumps. */
  get dumps(): DumpVolume | undefined {
    const { claimName, bucket } = this.props;
    return { claimName, bucket };
  }

  backup(scope: Construct, request: BackupRequest): Resource[] {
    const { drill, copies, bucket, timeout = Duration.hours(6) } = this.props;
    const name = claimOfDumps(request.name);
    const { claimName = name } = this.props;
    this.checkProps(scope, claimName, request.timeZone);
    checkDataClaim(scope, 'backup.claimName', claimName, request.name);
    const statefulSet = serverOf(scope, request, 'its image is what dumps and restores it');
    const selector = { ...request.selector, component: 'backup' };
    const drillSelector = { ...request.selector, component: 'backup-drill' };
    const metadata = { name, labels: request.labels };
    const { retention = DEFAULT_RETENTION, schedule, timeZone } = request;
    const { migrationLogin, ...login } = request.database.connection!;
    const { user, password } = migrationLogin ?? login;
    const job: DumpJob = {
      statefulSet,
      server: request.name,
      user,
      password: password!,
      certificate: checkedCertificate(request.database),
      claimName,
      configMapName: name,
      timeZone,
      timeout,
    };
    const uploads = bucket && dumpUploads(scope, bucket, job);
    const annotations = uploads?.identity?.serviceAccountAnnotations;
    const others = drill ? [drillSelector] : [];
    request.database.addBackupPeers([selector, ...others].map(podsOf));
    return [
      ...(this.props.claimName === undefined ? [this.claim(scope, request)] : []),
      serviceAccount(scope, { ...metadata, annotations }),
      this.scripts(scope, metadata),
      dumpCronJob(scope, job, { selector, schedule, retention, name, uploads }),
      ...(drill ? [this.drill(scope, job, drillSelector, drill)] : []),
      ...(copies ? copyResources(scope, { job, request, copies, dumps: uploads }) : []),
      networkPolicy(scope, 'NetworkPolicy', {
        name,
        selector,
        otherComponents: () => others.map(({ component }) => component),
        allowed: () => ({
          ingress: [],
          egress: [
            ...dnsTraffic(scope),
            { peers: [podsOf(request.selector)], ports: [{ port: POSTGRES_PORT }] },
            ...(uploads?.egress ?? []),
          ],
        }),
      }),
    ];
  }

  private drill(scope: Construct, job: DumpJob, selector: Selector, drill: BackupDrill): Resource {
    return drillCronJob(scope, job, {
      name: `${job.server}-drill`,
      selector,
      serviceAccountName: job.configMapName,
      schedule: drill.schedule ?? DRILL_SCHEDULE,
      maxAge: drill.maxAge ?? Duration.days(2),
      tolerance: drill.tolerance ?? 0.5,
    });
  }

  private scripts(scope: Construct, metadata: k8s.ObjectMeta): Resource {
    const { drill, copies, bucket } = this.props;
    const data = {
      [DUMP_SCRIPT]: dumpScript(),
      ...(bucket && { [UPLOAD_SCRIPT]: uploadScript() }),
      ...(drill && { [DRILL_SCRIPT]: drillScript() }),
      ...(copies && { [COPY_SCRIPT]: copyScript(), [RULES]: anonymizingSql(copies) }),
      ...(copies?.bucket && { [PUBLISH_SCRIPT]: publishScript() }),
    };
    return new Resource(scope, 'ConfigMap', k8s.manifest('ConfigMap', { metadata, data }));
  }

  private claim(scope: Construct, { name, labels, statefulSet }: BackupRequest): Resource {
    const { storage, storageClassName } = this.props;
    const { resources } = statefulSet!.toJson().spec.volumeClaimTemplates[0].spec;
    return new Resource(
      scope,
      'Claim',
      k8s.manifest('PersistentVolumeClaim', {
        metadata: { name: claimOfDumps(name), labels },
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: volumeClass(scope, storageClassName),
          resources: { requests: { storage: storage ? wholeSize(storage) : resources.requests.storage } },
        },
      }),
    );
  }

  private checkProps(scope: Construct, claimOfDumps: string, timeZone?: string): void {
    const { claimName, storage, storageClassName, timeout, drill, copies } = this.props;
    if (copies) checkCopies(scope, copies, claimOfDumps, timeZone);
    if (drill) checkDrill(scope, drill, timeZone);
    if (claimName !== undefined) {
      checkResourceName(scope, 'backup.claimName', claimName);
      for (const [property, value] of Object.entries({ storage, storageClassName })) {
        if (value === undefined) continue;
        Problems.report(scope, {
          property: `backup.${property}`,
          value,
          reason: 'is given together with claimName, and that claim is not made',
          remedy: 'Give claimName if the claim exists, or the others to have one made',
        });
      }
    }
    if (storage !== undefined) size(scope, 'backup.storage', storage);
    if (storageClassName !== undefined) {
      checkResourceName(scope, 'backup.storageClassName', storageClassName);
    }
    if (timeout) checkSeconds(scope, 'backup.timeout', timeout);
  }
}

/** How pods check the certificate of a server that has one. */
function checkedCertificate({ connection, connector }: IBackedUpDatabase): CheckedCertificate | undefined {
  const { sslMode, certificatePath } = connection!;
  return certificatePath === undefined ? undefined : { sslMode, certificatePath, connector };
}
