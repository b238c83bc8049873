import { App, Chart, Duration, Testing } from 'cdk8s';
import {
  DatabaseBackup,
  DatabaseBackupProps,
  Distribution,
  DjangoApp,
  IDistribution,
  PostgresBackend,
} from 'cdk8s-django';
import { VolumeSnapshotBackups, VolumeSnapshotBackupsProps } from 'cdk8s-django/backup';
import { EbsStorage } from 'cdk8s-django/storage';
import * as fc from 'fast-check';
import { sample } from '../../support/distributions';
import { MODES } from '../admission/modes';
import { chartOn, django, errorOf, find, IMAGE, postgres, synth } from '../../support/synth';

const LABELS = {
  'app.kubernetes.io/name': 'postgresql',
  'app.kubernetes.io/instance': 'polls-db',
  'app.kubernetes.io/component': 'backup',
  'app.kubernetes.io/managed-by': 'cdk8s-django',
};

type Changes = Partial<Omit<DatabaseBackupProps, 'database'>>;

function backup(chart: Chart, changes: Changes = {}): DatabaseBackup {
  const database = postgres(chart);
  django(chart, { database });
  return new DatabaseBackup(chart, 'Backup', { database, ...changes });
}

const manifests = (distribution: IDistribution, changes: Changes = {}) =>
  synth((chart) => backup(chart, changes), distribution);
const on = (props: VolumeSnapshotBackupsProps) =>
  Distribution.upstream({ backup: new VolumeSnapshotBackups(props) });
const jobOf = (made: any[]) => find(made, 'CronJob', 'polls-db-snapshot').spec;
const commandOf = (made: any[]): string[] =>
  jobOf(made).jobTemplate.spec.template.spec.containers[0].command.slice(2);

const eks = (autoMode: boolean) =>
  Distribution.eks({ autoMode, storage: new EbsStorage({ autoMode }), clusterName: 'polls' });

describe('snapshots of a volume', () => {
  it('are taken by a CronJob with rights, modules and a network of its own', () => {
    const made = manifests(sample('openshift'));
    const { spec, metadata } = find(made, 'CronJob', 'polls-db-snapshot');
    expect(metadata.labels).toEqual(LABELS);
    expect(spec).toMatchObject({
      schedule: '0 3 * * *',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: 4200,
          podFailurePolicy: {
            rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
          },
          template: {
            metadata: { labels: LABELS },
            spec: {
              serviceAccountName: 'polls-db-snapshot',
              automountServiceAccountToken: true,
              restartPolicy: 'Never',
              containers: [{ name: 'snapshot-volume', image: IMAGE }],
            },
          },
        },
      },
    });
    expect(spec.timeZone).toBe('Etc/UTC');
    expect(commandOf(made)).toEqual([
      'cdk8s_django.snapshot_volume',
      'data-polls-db-0',
      '--name=polls-db',
      '--keep-hours=720',
      '--timeout=3600',
      ...Object.entries(LABELS).map(([name, value]) => `--label=${name}=${value}`),
    ]);
    expect(find(made, 'Role', 'polls-db-snapshot').rules).toEqual([
      {
        apiGroups: ['snapshot.storage.k8s.io'],
        resources: ['volumesnapshots'],
        verbs: ['create', 'delete', 'get', 'list'],
      },
    ]);
    expect(find(made, 'RoleBinding', 'polls-db-snapshot')).toMatchObject({
      roleRef: { kind: 'Role', name: 'polls-db-snapshot' },
      subjects: [{ kind: 'ServiceAccount', name: 'polls-db-snapshot' }],
    });
    expect(find(made, 'ServiceAccount', 'polls-db-snapshot').automountServiceAccountToken).toBe(false);
    const { podSelector, ingress, egress } = find(made, 'NetworkPolicy', 'polls-db-snapshot').spec;
    expect(LABELS).toMatchObject(podSelector.matchLabels);
    expect(podSelector.matchLabels['app.kubernetes.io/component']).toBe('backup');
    expect(ingress).toBeUndefined();
    expect(egress.slice(-1)).toEqual([
      {
        ports: [
          { port: 443, protocol: 'TCP' },
          { port: 6443, protocol: 'TCP' },
        ],
      },
    ]);
  });

  it('take all props', () => {
    const all: Required<Omit<DatabaseBackupProps, 'database'>> = {
      schedule: '30 2 * * 1-5',
      timeZone: 'Europe/Vienna',
      retention: Duration.days(14),
    };
    const props: Required<Omit<VolumeSnapshotBackupsProps, 'volumeSnapshotClassName'>> = {
      driver: 'rbd.csi.ceph.com',
      parameters: { clusterID: 'a' },
      inTreeStorageClasses: ['old'],
      readyTimeout: Duration.minutes(90),
    };
    const made = manifests(on(props), all);
    expect(jobOf(made)).toMatchObject({ schedule: '30 2 * * 1-5', timeZone: 'Europe/Vienna' });
    expect(jobOf(made).jobTemplate.spec.activeDeadlineSeconds).toBe(6000);
    expect(commandOf(made)).toEqual(
      expect.arrayContaining(['--keep-hours=336', '--timeout=5400', '--class=database-backup']),
    );
    expect(find(made, 'VolumeSnapshotClass', 'database-backup')).toMatchObject({
      driver: 'rbd.csi.ceph.com',
      parameters: { clusterID: 'a' },
    });
  });

  it('leave the server as it is', () => {
    const without = synth((chart) => django(chart, { database: postgres(chart) }), sample('gke'));
    const own = ({ kind, metadata }: any) =>
      /^(polls-db-snapshot$|cdk8s-django-snapshots-)/.test(metadata.name) || kind === 'VolumeSnapshotClass';
    expect(manifests(sample('gke')).filter((one) => !own(one))).toEqual(without);
  });

  it('name the claim that the StatefulSet makes, and keep to the hours that are asked for', () => {
    const names = fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/);
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 10_000 }), (name, hours) => {
        const chart = chartOn(sample('openshift'));
        const database = new PostgresBackend(chart, 'Database', { name, storage: '1Gi' });
        new DjangoApp(chart, 'App', { name: `${name}-app`, image: IMAGE, settingsModule: 'a.b', database });
        new DatabaseBackup(chart, 'Backup', { database, retention: Duration.hours(hours) });
        const made = Testing.synth(chart);
        const [claim] = find(made, 'StatefulSet', name).spec.volumeClaimTemplates;
        const { command } = find(made, 'CronJob', `${name}-snapshot`).spec.jobTemplate.spec.template.spec
          .containers[0];
        expect(command).toEqual(
          expect.arrayContaining([`${claim.metadata.name}-${name}-0`, `--keep-hours=${hours}`]),
        );
      }),
      { numRuns: 25 },
    );
  });
});

it.each(Object.entries(MODES))('the admission of %s has nothing against a backup', (name, { make }) => {
  const kinds = manifests(make()).map(({ kind }) => kind);
  expect(kinds).toContain(name === 'upstream' ? 'Schedule' : 'CronJob');
});

describe('the class of snapshots', () => {
  it.each<[string, () => IDistribution, object]>([
    ['GKE', () => sample('gke'), { driver: 'pd.csi.storage.gke.io' }],
    ['AKS', () => sample('aks'), { driver: 'disk.csi.azure.com', parameters: { incremental: 'true' } }],
    ['EKS', () => eks(false), { driver: 'ebs.csi.aws.com' }],
    ['EKS in Auto Mode', () => eks(true), { driver: 'ebs.csi.eks.amazonaws.com' }],
  ])('is made on %s, which has none', (_, make, spec) => {
    const made = manifests(make());
    expect(find(made, 'VolumeSnapshotClass', 'database-backup')).toEqual({
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshotClass',
      metadata: { name: 'database-backup', labels: { 'app.kubernetes.io/managed-by': 'cdk8s-django' } },
      deletionPolicy: 'Delete',
      ...spec,
    });
    expect(commandOf(made)).toContain('--class=database-backup');
  });

  it('is the default one on OpenShift, whose operators make it', () => {
    const made = manifests(sample('openshift'));
    expect(made.map(({ kind }) => kind)).not.toContain('VolumeSnapshotClass');
    expect(commandOf(made).join(' ')).not.toContain('--class');
  });

  it('is one that exists, by its name', () => {
    const made = manifests(on({ volumeSnapshotClassName: 'ceph-block' }));
    expect(made.map(({ kind }) => kind)).not.toContain('VolumeSnapshotClass');
    expect(commandOf(made)).toContain('--class=ceph-block');
  });

  it('is made once for all databases of a program', () => {
    const app = new App();
    Distribution.bind(app, sample('gke'));
    for (const name of ['one', 'two']) backup(new Chart(app, name, { namespace: name }));
    const made = app.charts.flatMap((chart) => chart.toJson());
    expect(made.filter(({ kind }) => kind === 'VolumeSnapshotClass')).toHaveLength(1);
    expect(made.filter(({ kind }) => kind === 'CronJob')).toHaveLength(2);
  });
});

describe('refuses', () => {
  it.each<[VolumeSnapshotBackupsProps, string]>([
    [
      { volumeSnapshotClassName: 'a', driver: 'b' },
      'backup.driver "b" is given together with volumeSnapshotClassName. Give the class if it exists, or the driver to ' +
        'have one made.',
    ],
    [
      { volumeSnapshotClassName: 'A' },
      'backup.volumeSnapshotClassName "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ' +
        '".", beginning and ending with a letter or digit.',
    ],
    [
      { driver: 'A' },
      'backup.driver "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ".", beginning ' +
        'and ending with a letter or digit.',
    ],
    [
      { volumeSnapshotClassName: 'a', parameters: { clusterID: 'a' } },
      'backup.parameters {"clusterID":"a"} has no meaning without driver, of which a class is made. Give driver, or ' +
        'leave it out.',
    ],
    [
      { readyTimeout: Duration.millis(500) },
      'backup.readyTimeout 0.5 is not a whole number of seconds from 1 on. Give a whole number of seconds from 1 on.',
    ],
  ])('%j', (props, message) => {
    expect(errorOf((chart) => backup(chart), on(props))).toBe(`polls/Backup: ${message}`);
  });

  it('volumes that no CSI driver makes', () => {
    expect(errorOf((chart) => backup(chart), sample('eks'))).toBe(
      'polls/Backup: storageClassName "gp2" of "polls-db" is a class whose volumes no CSI driver makes, and there are ' +
        'no snapshots of such volumes. Give the database a class of a CSI driver, such as by ' +
        'storage: new EbsStorage() (EKS), or the distribution backup: new VeleroBackups().',
    );
  });

  it('at synth, a program that has no image with Python', () => {
    const chart = chartOn(sample('gke'));
    const database = postgres(chart, { password: { secretName: 'a', key: 'b' } });
    new DatabaseBackup(chart, 'Backup', { database });
    expect(database.node.validate()).toEqual([
      'pythonImage (not given) is needed to take snapshots, as no application uses the database. Give it, or give the ' +
        'database to a DjangoApp.',
    ]);
  });

  it('nothing where an image with Python is given', () => {
    const made = synth((chart) => {
      const props = { password: { secretName: 'a', key: 'b' }, pythonImage: 'python:3.13' };
      new DatabaseBackup(chart, 'Backup', { database: postgres(chart, props) });
    }, sample('gke'));
    expect(jobOf(made).jobTemplate.spec.template.spec.containers[0].image).toBe('python:3.13');
  });
});

describe('restoreFrom', () => {
  const claim = (restoreFrom?: string) =>
    find(
      synth((chart) => django(chart, { database: postgres(chart, { restoreFrom }) })),
      'StatefulSet',
      'polls-db',
    ).spec.volumeClaimTemplates[0].spec;

  it('makes the volume from a snapshot', () => {
    const { dataSource, ...rest } = claim('polls-db-20261124-030000');
    expect(dataSource).toEqual({
      apiGroup: 'snapshot.storage.k8s.io',
      kind: 'VolumeSnapshot',
      name: 'polls-db-20261124-030000',
    });
    expect(rest).toEqual(claim());
  });

  it('is refused when it is no name, and for a server that the distribution runs', () => {
    expect(errorOf((chart) => postgres(chart, { restoreFrom: 'A' }))).toBe(
      'polls/Database: restoreFrom "A" is not a name that Kubernetes takes. Use lower-case letters, digits, "-" and ' +
        '".", beginning and ending with a letter or digit.',
    );
    const managed = { ...sample('upstream'), postgres: { database: () => fail('was asked') } };
    expect(errorOf((chart) => postgres(chart, { restoreFrom: 'a' }), managed)).toBe(
      'polls/Database: restoreFrom "a" is for a server that the library makes, and the distribution runs this one. ' +
        'Leave it out, and restore the database as the service that runs it does.',
    );
  });
});

function fail(why: string): never {
  throw new Error(why);
}
