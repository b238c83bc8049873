import { Construct } from 'constructs';
import * as k8s from '../kubernetes/api';
import { envVar, literal } from '../kubernetes/environment';
import { wholeSize } from '../kubernetes/quantities';
import { TMP_MOUNT, TMP_VOLUME } from '../workloads/disk';
import { ContainerResources, resourceRequirements } from '../kubernetes/resources';
import { ServerVolume, singleServer, SingleServerResources } from '../workloads/single-server';
import {
  Exporter,
  EXPORTER_MOUNT,
  EXPORTER_PASSWORD,
  EXPORTER_VOLUME,
  exporterContainer,
  METRICS_USER,
} from '../workloads/exporter';
import { SecretValue } from '../kubernetes/secret-values';
import { POSTGRES_PORT, POSTGRES_USER_ID } from '../platform/postgres';
import { FETCH_SCRIPT, fetchScript } from '../workloads/bucket-scripts';
import { restoreScript } from './restore';
import * as upgrade from './upgrade-scripts';
import { FETCH_ARCHIVE_SCRIPT, fetchArchiveScript } from './archive-fetch-script';
import { BACKUP_ROLE, POINT_IN_TIME_SCRIPT, pointInTimeScript } from './archive-scripts';
import { laterApplicationRole, RoleOfApplications } from './application-role';
import {
  LATER_ROLES,
  LATER_ROLES_MOUNT,
  LATER_ROLES_STARTED,
  LATER_ROLES_STARTING,
  LaterRole,
  laterRolesScript,
  laterRolesVolume,
} from './later-roles';
import { ServerCertificate } from './certificate';
import { HBA_FILE, hbaFile } from './hba';
import { besideSource, firstContainers, NewData, newVolumes, RESTORE_SCRIPT } from './new-data';
import { ServerReplica } from './replica';
import { REPLICA_ROLE } from './replica-scripts';
import { loginsScript } from './logins';
import {
  QUIET,
  firstPassword,
  initScript,
  LOGINS,
  SCRIPT_FOLDER,
  ScriptOptions,
  startedScript,
  startScript,
  SUPERUSER,
} from './scripts';

/**
 * Where the volume is mounted: in no folder that an image has. The official ones keep their data in
 * /var/lib/postgresql/data, and from 18 on in a folder of their version, with other links between the two.
 */
export const VOLUME_PATH = '/var/lib/cdk8s-django/postgresql';
const INIT_SCRIPT = '10-application.sh';
const START_SCRIPT = 'start.sh';
const STARTED_SCRIPT = 'started.sh';

/** The port of postgres_exporter: https://github.com/prometheus/prometheus/wiki/Default-port-allocations */
export const POSTGRES_EXPORTER_PORT = 9187;

/** What the server of a database is made of. */
export interface PostgresServerOptions
  extends ServerVolume, NewData, Omit<ScriptOptions, 'hasExporter' | 'starting' | 'started'> {
  readonly image: string;
  readonly imagePullSecrets: string[];
  readonly password: SecretValue;
  readonly resources: ContainerResources;
  /** The parameters of PostgreSQL. They are read at synth, once all applications are known. */
  readonly parameters: () => Record<string, string>;
  /** None when the server shows no metrics. */
  readonly exporter?: Exporter;
  /** None when the server takes connections without TLS. */
  readonly certificate?: ServerCertificate;
  /** None when the owner of the tables serves applications too. */
  readonly applicationRole?: RoleOfApplications;
  /** None when nothing follows it. */
  readonly replica?: ServerReplica;
}

/** The roles that options add to a server. */
function laterRolesOf(options: PostgresServerOptions): LaterRole[] {
  const { applicationRole, archive, replica } = options;
  const application = applicationRole && laterApplicationRole(options, applicationRole);
  return [application, archive?.role, replica?.role].filter((role) => role !== undefined);
}

/** What the scripts of a server are made of. */
function scriptsOf(options: PostgresServerOptions): ScriptOptions {
  const { archive, certificate, exporter } = options;
  const later = laterRolesOf(options).length > 0;
  return {
    ...options,
    hasExporter: exporter !== undefined,
    starting: [
      ...(archive?.starting ?? []),
      ...(certificate?.starting ?? []),
      ...(later ? LATER_ROLES_STARTING : []),
    ],
    started: [...(later ? LATER_ROLES_STARTED : []), ...(archive?.started ?? [])],
  };
}

/** The scripts of a server. */
function filesOf(options: PostgresServerOptions): Record<string, string> {
  const { archive, certificate, passwords, replica, restored } = options;
  const scripts = scriptsOf(options);
  const later = laterRolesOf(options);
  return {
    [INIT_SCRIPT]: initScript(scripts),
    [START_SCRIPT]: startScript(scripts),
    [STARTED_SCRIPT]: startedScript(scripts),
    ...(later.length > 0 && { [LATER_ROLES]: laterRolesScript(options.name, later) }),
    ...archive?.files,
    ...((certificate ?? archive ?? replica) && { [HBA_FILE]: accessFile(options) }),
    ...(passwords && { [LOGINS]: loginsScript(scripts, passwords) }),
    ...(restored?.bucket && { [FETCH_SCRIPT]: fetchScript() }),
    ...(restored && { [RESTORE_SCRIPT]: knowingPassword(options, restoreScript(VOLUME_PATH)) }),
    ...pointInTimeFiles(options),
    ...(options.upgradeFrom !== undefined && {
      [upgrade.DUMP_SCRIPT]: upgrade.upgradeDumpScript(VOLUME_PATH),
      [upgrade.RESTORE_SCRIPT]: knowingPassword(options, upgrade.upgradeRestoreScript(VOLUME_PATH)),
    }),
  };
}

/** The scripts that bring new data to a time. */
function pointInTimeFiles(options: PostgresServerOptions): Record<string, string> {
  if (!options.restoredTime) return {};
  const script = pointInTimeScript(VOLUME_PATH, options.user, QUIET);
  return {
    [POINT_IN_TIME_SCRIPT]: knowingPassword(options, script),
    ...(options.archiveBucket && { [FETCH_ARCHIVE_SCRIPT]: fetchArchiveScript() }),
  };
}

/** Who may connect to a server, and to its replica. */
export function accessFile({ archive, certificate, replica }: PostgresServerOptions): string {
  const copying = [...(archive ? [BACKUP_ROLE] : []), ...(replica ? [REPLICA_ROLE] : [])];
  return hbaFile({ tls: Boolean(certificate), copying });
}

/** Makes the resources of a server, on the official image. */
export function postgresServer(scope: Construct, options: PostgresServerOptions): SingleServerResources {
  const { archiveBucket, restored } = options;
  // Both are of the same ServiceAccount.
  const identity = archiveBucket?.access.identity ?? restored?.bucket?.access.identity;
  return singleServer(scope, {
    ...options,
    serviceAccountAnnotations: identity?.serviceAccountAnnotations,
    port: POSTGRES_PORT,
    portName: 'postgres',
    files: filesOf(options),
    volume: options,
    pod: {
      user: { id: POSTGRES_USER_ID, ownsVolumes: true },
      annotations: restartsFor(options),
      labels: identity?.podLabels,
      get spec() {
        return podSpec(options);
      },
    },
  });
}

/** A script that makes new data. Its entrypoint wants a password, which is in a file where passwords change. */
function knowingPassword({ passwords }: PostgresServerOptions, script: string): string {
  return [...(passwords ? firstPassword(passwords) : []), script].join('\n');
}

/** Another list of extensions replaces the pod, whose script makes them. */
function restartsFor({ extensions }: PostgresServerOptions): { [name: string]: string } | undefined {
  return extensions.length > 0 ? { 'cdk8s-django/extensions': extensions.join(' ') } : undefined;
}

/**
 * What queries of several processes share. A container has 64Mi of it. Three joins at once, of which each may take
 * 4 MB in each process, do not find room there and fail. It counts for the memory limit, and takes what is used.
 */
function sharedVolume({ resources }: PostgresServerOptions): k8s.Volume {
  return { name: 'shared', emptyDir: { medium: 'Memory', sizeLimit: wholeSize(resources.memoryLimit!) } };
}

/** The volumes of the container of a server, without its data. */
export function serverVolumes(options: PostgresServerOptions): k8s.Volume[] {
  const { passwords, certificate, archive } = options;
  const later = laterRolesOf(options);
  return [
    TMP_VOLUME,
    // Its socket and a lock.
    { name: 'run', emptyDir: { sizeLimit: '16Mi' } },
    { name: 'scripts', configMap: { name: options.name } },
    sharedVolume(options),
    ...(later.length > 0 ? [laterRolesVolume(later)] : []),
    ...(passwords ? [passwords.volume] : []),
    ...(certificate ? [certificate.volume] : []),
    ...(archive?.volumes ?? []),
  ];
}

function podSpec(options: PostgresServerOptions): any {
  const container = postgresContainer(options, options.parameters());
  const first = firstContainers(options, container, VOLUME_PATH);
  return {
    ...options.placement,
    ...besideSource(options),
    // Time to write what is in memory: a fast shutdown, by the image's stop signal.
    terminationGracePeriodSeconds: 60,
    ...(first.length > 0 && { initContainers: first }),
    containers: [container, ...exporters(options), ...(options.archive?.containers ?? [])],
    volumes: [
      ...serverVolumes(options),
      ...(options.exporter ? [EXPORTER_VOLUME] : []),
      ...newVolumes(options),
    ],
  };
}

/**
 * The exporter finds a password of its own in libpq's password file, which it reads with each connection. It connects as
 * applications do. The socket would let it in as the superuser.
 */
function exporters({ exporter, database }: PostgresServerOptions): k8s.Container[] {
  if (!exporter) return [];
  const { env, ...container } = serverExporter(exporter, database);
  return [
    {
      ...container,
      env: [...env!, { name: 'PGPASSFILE', value: EXPORTER_PASSWORD }],
      volumeMounts: [{ ...EXPORTER_MOUNT, readOnly: true }],
    },
  ];
}

/**
 * An exporter of the server in its pod.
 *
 * It does not ask for the size of each table. That waits while a migration changes a table, and the metrics would be
 * missing just when somebody looks at them.
 */
export function serverExporter(exporter: Exporter, database: string): k8s.Container {
  const source = `postgresql://${METRICS_USER}@127.0.0.1:${POSTGRES_PORT}/${database}?sslmode=disable`;
  return exporterContainer(exporter, {
    port: POSTGRES_EXPORTER_PORT,
    args: ['--no-collector.stat_user_tables'],
    env: [{ name: 'DATA_SOURCE_NAME', value: source }],
  });
}

export function postgresContainer(
  options: PostgresServerOptions,
  parameters: Record<string, string>,
): k8s.Container {
  return {
    name: 'postgres',
    image: options.image,
    command: ['sh', `${SCRIPT_FOLDER}/${START_SCRIPT}`],
    // To the image's entrypoint.
    args: ['postgres', ...Object.entries(parameters).map(([name, value]) => literal(`--${name}=${value}`))],
    ports: [{ name: 'postgres', containerPort: POSTGRES_PORT }],
    env: [
      // A folder of the volume: the volume's own holds lost+found, and the group may write to it.
      { name: 'PGDATA', value: `${VOLUME_PATH}/pgdata` },
      { name: 'POSTGRES_DB', value: options.database },
      // The image may name another one.
      { name: 'POSTGRES_USER', value: SUPERUSER },
      { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256 --data-checksums' },
      // Those with numbers are files, which the kubelet renews.
      ...(options.passwords ? [] : [envVar({ name: 'POSTGRES_PASSWORD', ...options.password })]),
    ],
    resources: resourceRequirements(options.resources),
    volumeMounts: [
      { name: 'data', mountPath: VOLUME_PATH },
      { name: 'scripts', mountPath: SCRIPT_FOLDER, readOnly: true },
      // A file alone: the image may have scripts of its own there, such as those of PostGIS.
      {
        name: 'scripts',
        mountPath: `/docker-entrypoint-initdb.d/${INIT_SCRIPT}`,
        subPath: INIT_SCRIPT,
        readOnly: true,
      },
      { name: 'run', mountPath: '/var/run/postgresql' },
      TMP_MOUNT,
      { name: 'shared', mountPath: '/dev/shm' },
      ...(laterRolesOf(options).length > 0 ? [LATER_ROLES_MOUNT] : []),
      ...(options.passwords ? [options.passwords.mount] : []),
      ...(options.certificate ? [options.certificate.mount] : []),
      ...(options.archive?.mounts ?? []),
      ...(options.exporter ? [EXPORTER_MOUNT] : []),
    ],
    // Making an extension may take long: postgis has a thousand functions. So does recovery after a crash, and a server
    // that is ended in it begins again. One that ends itself is started again at once.
    startupProbe: {
      exec: { command: ['sh', `${SCRIPT_FOLDER}/${STARTED_SCRIPT}`] },
      periodSeconds: 2,
      timeoutSeconds: 60,
      failureThreshold: 1800,
    },
    readinessProbe: { ...isReady(options), periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 6 },
    // No program: to start one takes many seconds on a node that is busy, and the server would be ended for it.
    livenessProbe: {
      tcpSocket: { port: 'postgres' },
      periodSeconds: 10,
      timeoutSeconds: 10,
      failureThreshold: 6,
    },
  };
}

/** Over TCP, as applications connect. The user that runs may have no name. */
function isReady({ user, database }: PostgresServerOptions): k8s.Probe {
  const command = ['pg_isready', '--host=127.0.0.1', `--username=${user}`, `--dbname=${database}`, '--quiet'];
  return { exec: { command } };
}
