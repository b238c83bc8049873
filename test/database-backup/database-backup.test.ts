import { Chart, Duration } from 'cdk8s';
import {
  DatabaseBackup,
  DatabaseBackupProps,
  Distribution,
  IDistribution,
  PostgresBackend,
} from 'cdk8s-django';
import { CloudNativePostgresBackups, VeleroBackups, VeleroBackupsProps } from 'cdk8s-django/backup';
import { BackupRequest, IBackup } from 'cdk8s-django/platform';
import { CloudNativePostgres, RdsPostgres } from 'cdk8s-django/postgres';
import { SAMPLES, sample } from '../support/distributions';
import { chartOn, django, errorOf, find, postgres, synth } from '../support/synth';

const LABELS = {
  'app.kubernetes.io/name': 'postgresql',
  'app.kubernetes.io/instance': 'polls-db',
  'app.kubernetes.io/component': 'backup',
  'app.kubernetes.io/managed-by': 'cdk8s-django',
};
const DATABASE_LABELS = {
  'app.kubernetes.io/name': 'postgresql',
  'app.kubernetes.io/instance': 'polls-db',
};
const DUMP = '/var/lib/cdk8s-django/postgresql/backup.dump';

type Changes = Partial<Omit<DatabaseBackupProps, 'database'>>;
const ALL: Required<Omit<DatabaseBackupProps, 'database'>> = {
  schedule: '30 2 * * 1-5',
  timeZone: 'Europe/Vienna',
  retention: Duration.days(14),
};
const VELERO: Required<VeleroBackupsProps> = {
  namespace: 'openshift-adp',
  storageLocation: 'offsite',
  moveSnapshotData: true,
  dumpTimeout: Duration.minutes(90),
};

function backup(chart: Chart, changes: Changes = {}): DatabaseBackup {
  const database = postgres(chart);
  django(chart, { database });
  return new DatabaseBackup(chart, 'Backup', { database, ...changes });
}

const manifests = (changes: Changes = {}, distribution?: IDistribution) =>
  synth((chart) => backup(chart, changes), distribution);

const cloudNative = (volumeSnapshotClassName?: string) =>
  Distribution.openshift({
    postgres: new CloudNativePostgres(),
    backup: new CloudNativePostgresBackups({ volumeSnapshotClassName }),
  });

const rds = (changes: { backup?: IBackup } = {}) =>
  Distribution.eks({
    postgres: new RdsPostgres({
      servers: { 'polls-db': { host: 'polls.rds.example.com', password: { secret: 'polls' } } },
      certificatePath: '/etc/ssl/rds.pem',
    }),
    region: 'eu-west-1',
    ...changes,
  });

describe('DatabaseBackup by Velero', () => {
  it('makes a Schedule that dumps the database and saves what belongs to it', () => {
    expect(find(manifests(), 'Schedule', 'polls.polls-db')).toEqual({
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      metadata: { name: 'polls.polls-db', namespace: 'velero', labels: LABELS },
      spec: {
        schedule: '0 3 * * *',
        template: {
          includedNamespaces: ['polls'],
          labelSelector: { matchLabels: DATABASE_LABELS },
          ttl: '720h0m0s',
          hooks: {
            resources: [
              {
                name: 'dump',
                includedNamespaces: ['polls'],
                includedResources: ['pods'],
                labelSelector: {
                  matchLabels: { ...DATABASE_LABELS, 'app.kubernetes.io/component': 'database' },
                },
                pre: [
                  {
                    exec: {
                      container: 'postgres',
                      command: [
                        '/bin/sh',
                        '-c',
                        `umask 077; pg_dump --username=postgres --format=custom --file=${DUMP} ` +
                          `"$POSTGRES_DB" || { rm -f ${DUMP}; exit 1; }`,
                      ],
                      onError: 'Fail',
                      timeout: '3600s',
                    },
                  },
                ],
                post: [
                  {
                    exec: {
                      container: 'postgres',
                      command: ['/bin/rm', '-f', DUMP],
                      onError: 'Continue',
                      timeout: '60s',
                    },
                  },
                ],
              },
            ],
          },
        },
      },
    });
  });

  it('writes all that it is given', () => {
    const distribution = Distribution.gke({ backup: new VeleroBackups(VELERO) });
    const { metadata, spec } = find(manifests(ALL, distribution), 'Schedule', 'polls.polls-db');
    expect(metadata.namespace).toBe('openshift-adp');
    expect(spec.schedule).toBe('CRON_TZ=Europe/Vienna 30 2 * * 1-5');
    expect(spec.template).toMatchObject({
      ttl: '336h0m0s',
      storageLocation: 'offsite',
      snapshotMoveData: true,
    });
    expect(spec.template.hooks.resources[0].pre[0].exec.timeout).toBe('5400s');
  });

  it('names a container, a variable and a volume that the server has', () => {
    const { template } = find(manifests(), 'StatefulSet', 'polls-db').spec;
    const [{ name, env, volumeMounts }] = template.spec.containers;
    expect(name).toBe('postgres');
    expect(env.map((variable: any) => variable.name)).toContain('POSTGRES_DB');
    const mounted = volumeMounts.find((mount: any) => mount.name === 'data').mountPath;
    expect(DUMP.startsWith(`${mounted}/`)).toBe(true);
    expect(template.metadata.labels).toMatchObject(DATABASE_LABELS);
  });

  it('selects the volume, the password and all other resources of the database, and nothing of the application', () => {
    const made = manifests().filter(({ kind }) => kind !== 'Schedule');
    const selected = made.filter(({ metadata }) =>
      Object.entries(DATABASE_LABELS).every(([label, value]) => metadata.labels?.[label] === value),
    );
    const kinds = selected.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['StatefulSet', 'Service', 'ServiceAccount', 'Secret']));
    expect(selected.map(({ metadata }) => metadata.name).filter((name) => !/^polls-db/.test(name))).toEqual(
      [],
    );
    const [claim] = find(made, 'StatefulSet', 'polls-db').spec.volumeClaimTemplates;
    expect(claim.metadata.labels).toMatchObject(DATABASE_LABELS);
  });

  it('leaves the server as it is without a backup', () => {
    const without = synth((chart) => django(chart, { database: postgres(chart) }));
    expect(manifests().filter(({ kind }) => kind !== 'Schedule')).toEqual(without);
  });

  it.each<[VeleroBackupsProps, string]>([
    [
      { namespace: 'Velero' },
      'backup.namespace "Velero" is not a name that a namespace can have. Use lower-case letters, digits and "-", ' +
        'beginning and ending with a letter or digit, at most 63.',
    ],
    [
      { storageLocation: 'A' },
      'backup.storageLocation "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", ' +
        'beginning and ending with a letter or digit.',
    ],
  ])('refuses %j', (props, message) => {
    const distribution = Distribution.upstream({ backup: new VeleroBackups(props) });
    expect(errorOf((chart) => backup(chart), distribution)).toBe(`polls/Backup: ${message}`);
  });

  it('refuses half a second for a dump', () => {
    const backups = new VeleroBackups({ dumpTimeout: Duration.millis(500) });
    expect(errorOf((chart) => backup(chart), Distribution.upstream({ backup: backups }))).toBe(
      'polls/Backup: backup.dumpTimeout 0.5 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    );
  });

  it('refuses a server that the library does not make', () => {
    const message =
      'polls/Backup: database "polls-db" is not a server of the library, and Velero’s hooks dump no other. ' +
      'Use the backups of the service that runs it, or give the distribution ' +
      'backup: new CloudNativePostgresBackups() if that is CloudNativePG.';
    expect(errorOf((chart) => backup(chart), rds({ backup: new VeleroBackups() }))).toBe(message);
    const upstream = Distribution.upstream({ postgres: new CloudNativePostgres() });
    expect(errorOf((chart) => backup(chart), upstream)).toBe(message);
  });

  it('needs a namespace', () => {
    expect(errorOf((chart) => backup(chart), sample('upstream'), { namespace: undefined })).toBe(
      'polls/Backup: namespace (not given) is not known, and Velero has to be told which one it saves. ' +
        'Give the Chart a namespace: new Chart(app, "polls", { namespace: "polls" }).',
    );
  });
});

describe('DatabaseBackup by CloudNativePG', () => {
  it('makes a ScheduledBackup, and has the Cluster take snapshots', () => {
    const made = manifests({ schedule: '30 2 * * *' }, cloudNative('csi-aws-vsc'));
    expect(find(made, 'ScheduledBackup', 'polls-db')).toEqual({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'ScheduledBackup',
      metadata: { name: 'polls-db', namespace: 'polls', labels: LABELS },
      spec: { schedule: '0 30 2 * * *', method: 'volumeSnapshot', cluster: { name: 'polls-db' } },
    });
    const { spec } = find(made, 'Cluster', 'polls-db');
    expect(spec.backup).toEqual({ volumeSnapshot: { className: 'csi-aws-vsc', online: false } });
    expect(spec.instances).toBe(3);
  });

  it('takes the driver’s default class, at three at night', () => {
    const made = manifests({}, cloudNative());
    expect(find(made, 'Cluster', 'polls-db').spec.backup).toEqual({ volumeSnapshot: { online: false } });
    expect(find(made, 'ScheduledBackup', 'polls-db').spec.schedule).toBe('0 0 3 * * *');
  });

  it.each<[Changes, string]>([
    [
      { timeZone: 'Europe/Vienna' },
      'timeZone "Europe/Vienna" is not supported by CloudNativePG. Leave it out, and give the schedule in the ' +
        'time of the operator, mostly UTC.',
    ],
    [
      { retention: Duration.days(14) },
      'retention "14 days" is not supported: CloudNativePG does not delete snapshots by itself. Leave it out, and ' +
        'delete old Backups and their VolumeSnapshots as your storage needs it.',
    ],
  ])('refuses %j', (changes, message) => {
    expect(errorOf((chart) => backup(chart, changes), cloudNative())).toBe(`polls/Backup: ${message}`);
  });

  it('refuses a class that cannot be', () => {
    expect(errorOf((chart) => backup(chart), cloudNative('A'))).toBe(
      'polls/Backup: backup.volumeSnapshotClassName "A" is not a name that Kubernetes takes. Use lower-case letters, ' +
        'digits, "-" and ".", beginning and ending with a letter or digit.',
    );
  });

  it('refuses a server that is not CloudNativePG’s', () => {
    const distribution = Distribution.openshift({ backup: new CloudNativePostgresBackups() });
    expect(errorOf((chart) => backup(chart), distribution)).toBe(
      'polls/Backup: database "polls-db" is not a Cluster of CloudNativePG. Give the distribution postgres: new ' +
        'CloudNativePostgres() too, or backup: new VeleroBackups() for a server that the library makes.',
    );
  });
});

describe.each(SAMPLES)('DatabaseBackup on $name', ({ name, make }) => {
  it('makes backups or says what would', () => {
    const kinds = () => backup(chartOn(make())).resources.map(({ kind }) => kind);
    if (name === 'upstream') return expect(kinds()).toEqual(['Schedule']);
    if (name === 'eks') return expect(kinds).toThrow(/storageClassName "gp2"/);
    expect(kinds()).toContain('CronJob');
  });

  it('says what would make backups where nothing does', () => {
    expect(errorOf((chart) => backup(chart), { ...make(), backup: undefined })).toBe(
      `polls/Backup: backup (not given) is needed: nothing is known on ${name} that backs "polls-db" up. Give the ` +
        'distribution backup: new VolumeSnapshotBackups({ … }), or new VeleroBackups({ … }) where the cluster has ' +
        'Velero.',
    );
  });

  it('asks a capability of a program’s own', () => {
    const requests: BackupRequest[] = [];
    const own: IBackup = { backup: (_scope, request) => (requests.push(request), []) };
    expect(backup(chartOn({ ...make(), backup: own }), ALL).resources).toEqual([]);
    expect(requests).toMatchObject([{ name: 'polls-db', labels: LABELS, managedResources: [], ...ALL }]);
    expect(requests[0].statefulSet?.kind).toBe('StatefulSet');
  });

  it.each<[Changes, string]>([
    [
      { schedule: '@daily' },
      'schedule "@daily" does not have the five fields of cron. Give minute, hour, day, month and weekday, such as ' +
        '"30 3 * * *".',
    ],
    [
      { schedule: '0 0 3 * * *' },
      'schedule "0 0 3 * * *" does not have the five fields of cron. Give minute, hour, day, month and weekday, such as ' +
        '"30 3 * * *".',
    ],
    [
      { schedule: '99 99 99 99 99' },
      'schedule "99 99 99 99 99" has the minute "99", which is not between 0 and 59. Give minute, hour, day, month ' +
        'and weekday, such as "30 3 * * *".',
    ],
    [{ timeZone: 'Local' }, 'timeZone "Local" is not a time zone. Give its name, such as "Europe/Vienna".'],
    [
      { timeZone: 'Vienna time' },
      'timeZone "Vienna time" is not a time zone. Give its name, such as "Europe/Vienna".',
    ],
    [
      { retention: Duration.minutes(90) },
      'retention 1.5 is not a whole number of hours from 1 to 876000. Give a whole number of hours from 1 to 876000.',
    ],
  ])('refuses %j', (changes, message) => {
    expect(errorOf((chart) => backup(chart, changes), make())).toBe(`polls/Backup: ${message}`);
  });

  it('refuses a database of another namespace', () => {
    const message = errorOf((chart) => {
      const other = new Chart(chart.node.root, 'other', { namespace: 'other' });
      new DatabaseBackup(chart, 'Backup', { database: postgres(other) });
    }, make());
    expect(message).toBe(
      'polls/Backup: database "other/Database" is in namespace "other", and this is in "polls". Make both in charts ' +
        'of one namespace.',
    );
  });

  it('refuses a database that the program only knows the host of', () => {
    const message = errorOf((chart) => {
      const database = PostgresBackend.fromHost(chart, 'Existing', {
        host: 'polls.postgres.example.com',
        database: 'polls',
        user: 'polls',
        password: { secretName: 'polls-database', key: 'password' },
      });
      new DatabaseBackup(chart, 'Backup', { database: database as PostgresBackend });
    }, make());
    expect(message).toBe(
      'polls/Backup: database "polls/Existing" is not a PostgresBackend of this program. Give one, and leave the backups of fromHost and fromUrl to those who run the ' +
        'server.',
    );
  });
});

it('DatabaseBackup needs a database', () => {
  expect(errorOf((chart) => new DatabaseBackup(chart, 'Backup', {} as DatabaseBackupProps))).toBe(
    'polls/Backup: database (not given) is not a PostgresBackend of this program. Give one, and leave the backups of fromHost and fromUrl to those who run the ' +
      'server.',
  );
});

it('DatabaseBackup leaves a managed database to the service that runs it', () => {
  expect(errorOf((chart) => backup(chart), rds())).toBe(
    'polls/Backup: database "polls-db" is not a server of the library, and the volume of no other is known. Use ' +
      'the backups of the service that runs it, or give the distribution backup: new CloudNativePostgresBackups() if ' +
      'that is CloudNativePG.',
  );
  expect(errorOf((chart) => backup(chart), { ...rds(), backup: undefined })).toBe(
    'polls/Backup: backup (not given) is needed: nothing is known on eks that backs "polls-db" up. Use the backups of ' +
      'the service that runs it, or give the distribution backup: new CloudNativePostgresBackups({ … }) if that is ' +
      'CloudNativePG.',
  );
});
