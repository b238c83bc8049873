import { Chart, Duration } from 'cdk8s';
import {
  DatabaseBackup,
  Distribution,
  DjangoApp,
  IDistribution,
  ImageBuild,
  PostgresBackend,
  StoredSecret,
} from 'cdk8s-django';
import { VeleroBackups, VolumeSnapshotBackups } from 'cdk8s-django/backup';
import { ShipwrightBuilds } from 'cdk8s-django/builds';
import { AzureKeyVaultCsi } from 'cdk8s-django/secrets';
import { EbsStorage } from 'cdk8s-django/storage';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from './support/eventually';
import { IMAGE } from './support/image';
import { apply, kubectl, tryApply, tryKubectl } from './support/kubectl';
import { Namespace, NamespaceName } from './support/namespaces';

/** A database that nobody runs here, and its backup. */
function backupManifests(distribution: IDistribution, namespace: NamespaceName): any[] {
  return manifestsFor(distribution, (app) => {
    const chart = new Chart(app, 'polls', { namespace });
    const database = new PostgresBackend(chart, 'Database', {
      name: 'polls-db',
      storage: '1Gi',
      password: { secretName: 'polls-db', key: 'password' },
      pythonImage: IMAGE,
      restoreFrom: 'polls-db-20261124-030000',
    });
    // Never by itself while a test counts the snapshots, whatever the hour is.
    new DatabaseBackup(chart, 'Backup', { database, retention: Duration.days(7), schedule: '0 0 1 1 *' });
  });
}

describe('snapshots of a volume', () => {
  const namespace = new Namespace('polls-backup');
  const backup = new VolumeSnapshotBackups({ readyTimeout: Duration.seconds(20) });
  const account = '--as=system:serviceaccount:polls-backup:polls-db-snapshot';

  beforeAll(async () => {
    await namespace.create();
    await kubectl('label', 'namespace', namespace.name, 'pod-security.kubernetes.io/enforce=restricted');
    const manifests = backupManifests(Distribution.upstream({ backup }), 'polls-backup');
    const needed = /^(polls-db-snapshot|cdk8s-django-(base|snapshots)-\w+)$/;
    await apply(manifests.filter(({ metadata }) => needed.test(metadata.name)));
  });
  afterAll(() => namespace.remove());

  /** A VolumeSnapshot; no driver looks at it here. */
  async function snapshot(name: string, labels: Record<string, string>): Promise<void> {
    await apply([
      {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata: { name, namespace: namespace.name, labels },
        spec: { source: { persistentVolumeClaimName: 'data-polls-db-0' } },
      },
    ]);
  }

  const names = async () => (await namespace.list('volumesnapshots')).map(({ metadata }) => metadata.name);
  const statusOf = async (job: string) => (await namespace.get('job', job)).status;

  /** Runs the CronJob now, and waits for the snapshot that it makes. */
  async function run(job: string): Promise<any> {
    const before = await names();
    await namespace.kubectl('create', 'job', '--from=cronjob/polls-db-snapshot', job);
    return eventually(
      `Job ${job} has made a VolumeSnapshot`,
      async () => {
        const made = (await namespace.list('volumesnapshots')).filter(
          ({ metadata }) => !before.includes(metadata.name),
        );
        expect(made).toHaveLength(1);
        return made[0];
      },
      { namespace: namespace.name },
    );
  }

  test('are awaited until the driver says that they are ready, and then the old ones are deleted', async () => {
    const { metadata } = (await namespace.get('cronjob', 'polls-db-snapshot')) as any;
    await snapshot('polls-db-20200101-000000', metadata.labels);
    await snapshot('polls-db-before-the-upgrade', metadata.labels);
    await snapshot('shop-db-20200101-000000', { app: 'shop' });

    const made = await run('good');
    expect(made.metadata.name).toMatch(/^polls-db-\d{8}-\d{6}$/);
    expect(made.spec.source.persistentVolumeClaimName).toBe('data-polls-db-0');
    expect((await statusOf('good')).succeeded).toBeUndefined();
    expect(await names()).toContain('polls-db-20200101-000000');

    const ready = JSON.stringify({ status: { readyToUse: true } });
    await namespace.kubectl(
      ...['patch', 'volumesnapshot', made.metadata.name],
      ...['--subresource=status', '--type=merge', '--patch', ready],
    );
    await eventually(
      'the Job has succeeded',
      async () => expect((await statusOf('good')).succeeded).toBe(1),
      {
        namespace: namespace.name,
      },
    );
    expect((await names()).sort()).toEqual([
      made.metadata.name,
      'polls-db-before-the-upgrade',
      'shop-db-20200101-000000',
    ]);
  });

  test('that do not become ready fail the Job, and nothing is deleted', async () => {
    const { metadata } = (await namespace.get('cronjob', 'polls-db-snapshot')) as any;
    await snapshot('polls-db-20200101-000000', metadata.labels);
    const made = await run('bad');
    await eventually('the Job has failed', async () => expect((await statusOf('bad')).failed).toBe(1), {
      namespace: namespace.name,
    });
    expect(await namespace.kubectl('logs', 'job/bad')).toContain(
      `error: VolumeSnapshot '${made.metadata.name}' is not ready to use after 20 s: no driver has said why`,
    );
    expect(await names()).toContain('polls-db-20200101-000000');
  });

  describe('their ServiceAccount', () => {
    const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
    const may = async (verb: string, resource: string, where: string) =>
      (await tryKubectl('auth', 'can-i', verb, resource, '--namespace', where, account)).stdout.trim();

    test.each(['create', 'delete', 'get', 'list'])(
      'may %s VolumeSnapshots of its namespace',
      async (verb) => {
        expect(await may(verb, SNAPSHOTS, namespace.name)).toBe('yes');
        expect(await may(verb, SNAPSHOTS, 'default')).toBe('no');
      },
    );

    test.each(['patch', 'update', 'watch', 'deletecollection'])('may not %s them', async (verb) => {
      expect(await may(verb, SNAPSHOTS, namespace.name)).toBe('no');
    });

    test('may do nothing else that any ServiceAccount may not', async () => {
      const permissions = async (name: string) => {
        const list = await namespace.kubectl('auth', 'can-i', '--list', account.replace(/[^:]*$/, name));
        return list.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
      };
      const [own, others] = [await permissions('polls-db-snapshot'), await permissions('nobody')];
      expect(own.filter((line) => !others.includes(line))).toEqual([
        `${SNAPSHOTS} [] [] [create delete get list]`,
      ]);
    });
  });
});

describe('what the example does not have is what the API server expects:', () => {
  const namespace = new Namespace('polls-backup-dry-run');

  beforeAll(() => namespace.create());
  afterAll(() => namespace.remove());

  async function expectTaken(manifests: any[]): Promise<void> {
    const { stdout, stderr } = await tryApply(manifests, '--dry-run=server', '--validate=strict');
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(manifests.length);
  }

  test.each<[string, IDistribution]>([
    ['GKE', Distribution.gke()],
    ['EKS', Distribution.eks({ storage: new EbsStorage() })],
    ['EKS Auto Mode', Distribution.eks({ autoMode: true })],
    ['AKS', Distribution.aks()],
    ['OpenShift', Distribution.openshift()],
    ['snapshots elsewhere', Distribution.upstream({ backup: new VolumeSnapshotBackups() })],
    ['Velero', Distribution.upstream({ backup: new VeleroBackups({ namespace: 'polls-backup-dry-run' }) })],
  ])('a backup on %s', async (_, distribution) => {
    await expectTaken(backupManifests(distribution, 'polls-backup-dry-run'));
  });

  test('pods that mount a SecretProviderClass, apart from the class, whose definition the cluster lacks', async () => {
    const secrets = new AzureKeyVaultCsi({ keyVaultName: 'acme', tenantId: 'acme' });
    const clientIds = { 'secret-store': '00000000-0000-0000-0000-000000000000' };
    const manifests = manifestsFor(Distribution.aks({ secrets, clientIds }), (app) => {
      const chart = new Chart(app, 'polls', { namespace: namespace.name });
      const stripe = new StoredSecret(chart, 'Stripe', {
        name: 'stripe',
        keys: { key: { secret: 'stripe' } },
      });
      const password = stripe.value('key');
      const database = new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '1Gi', password });
      const props = { name: 'polls', image: IMAGE, settingsModule: 'mysite.settings' };
      new DjangoApp(chart, 'Polls', { ...props, database, secretKey: password });
    });
    await expectTaken(manifests.filter(({ kind }) => kind !== 'SecretProviderClass'));
  });

  test.each<[string, IDistribution]>([
    ['OpenShift', Distribution.openshift()],
    [
      'Shipwright',
      Distribution.upstream({ builds: new ShipwrightBuilds({ repository: 'registry.example.com/acme' }) }),
    ],
  ])('a build of %s', async (_, distribution) => {
    const source = { url: 'https://git.example.com/polls.git', revision: 'v1.4.2' };
    const manifests = manifestsFor(distribution, (app) => {
      const chart = new Chart(app, 'polls', { namespace: namespace.name });
      new ImageBuild(chart, 'Image', { name: 'polls', version: '1.4.2', source });
    });
    await expectTaken(manifests);
  });
});
