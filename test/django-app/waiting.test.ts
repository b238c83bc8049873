import { Chart } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  LeastPrivilegeAccess,
  PostgresBackend,
  ValkeyBackend,
  VolumeAccessMode,
} from 'cdk8s-django';
import { CloudNativePostgres, PgBouncer } from 'cdk8s-django/postgres';
import { SAMPLES } from '../support/distributions';
import { podsIn } from '../support/manifests';
import { django, find, IMAGE, postgres, synth } from '../support/synth';

const GOES_FIRST = ['migration', 'secret-generator', 'database', 'cache'];

const componentOf = ({ labels }: any) => labels['app.kubernetes.io/component'];

function shop(chart: Chart): DjangoApp {
  const queue = new ValkeyBackend(chart, 'Queue', { name: 'queue', storage: '1Gi' });
  const app = django(chart, { database: postgres(chart), celery: { broker: queue.database(0) } });
  app.addCeleryWorker({ name: 'default' });
  app.addCommand({ name: 'load', command: ['loaddata', 'countries'] });
  app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
  return app;
}

describe.each(SAMPLES)('on a full cluster, on $name', ({ make }) => {
  it('pods for which others wait have a priority, and no others have it', () => {
    const manifests = synth(shop, make());
    const classes = manifests.filter(({ kind }) => kind === 'PriorityClass');
    expect(classes).toHaveLength(1);
    const [{ metadata, value }] = classes;
    expect(metadata).toMatchObject({ name: 'polls-first' });
    expect(metadata.namespace).toBeUndefined();
    // The classes of the system begin at 2000000000; users' own may not be above 1000000000.
    expect(value).toBe(1_000_000);
    for (const pod of podsIn(manifests)) {
      const isFirst = GOES_FIRST.includes(componentOf(pod));
      expect([componentOf(pod), pod.spec.priorityClassName]).toEqual([
        componentOf(pod),
        isFirst ? metadata.name : undefined,
      ]);
    }
  });

  it.each([
    ['the class of the platform, where the distribution names one', 'urgent', 'urgent'],
    ['the default of the cluster, where that name is empty', '', undefined],
  ])('those pods have %s, and who applies needs no right in the cluster', (_what, given, expected) => {
    const distribution = Distribution.custom(make(), { firstPriorityClassName: given });
    const manifests = synth(shop, distribution);
    expect(manifests.filter(({ kind }) => kind === 'PriorityClass')).toEqual([]);
    const pods = podsIn(manifests);
    expect(pods.filter((pod) => GOES_FIRST.includes(componentOf(pod)))).toHaveLength(6);
    for (const pod of pods) {
      const isFirst = GOES_FIRST.includes(componentOf(pod));
      expect([componentOf(pod), pod.spec.priorityClassName]).toEqual([
        componentOf(pod),
        isFirst ? expected : undefined,
      ]);
    }
  });

  it('the class is there before the first Job that names it', () => {
    const kinds = synth(shop, make()).map(({ kind }) => kind);
    expect(kinds.indexOf('PriorityClass')).toBeLessThan(kinds.indexOf('Job'));
  });
});

it('what fills Secrets can be applied first, by one label, so that no pod starts before its Secret is whole [F48]', () => {
  const manifests = synth((chart) => {
    new LeastPrivilegeAccess(chart, 'Access', { app: shop(chart) });
  });
  const isFirst = ({ metadata }: any) =>
    metadata.labels?.['app.kubernetes.io/component'] === 'secret-generator';
  const first = manifests.filter(isFirst).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const jobs = manifests.filter(({ kind, ...manifest }) => kind === 'Job' && isFirst(manifest));
  expect(jobs).toHaveLength(3);
  for (const { spec } of jobs) {
    const { serviceAccountName, priorityClassName, volumes } = spec.template.spec;
    const { sources } = volumes.find(({ name }: any) => name === 'runtime').projected;
    const secret = serviceAccountName.replace(/-secret$/, '');
    expect(first).toEqual(
      expect.arrayContaining([
        `PriorityClass ${priorityClassName}`,
        ...sources.map(({ configMap }: any) => `ConfigMap ${configMap.name}`),
        `Secret ${secret}`,
        ...['ServiceAccount', 'Role', 'RoleBinding', 'NetworkPolicy'].map(
          (kind) => `${kind} ${serviceAccountName}`,
        ),
      ]),
    );
  }
});

it('the migration goes first even where replicas have a class of their own', () => {
  const manifests = synth((chart) =>
    django(chart, {
      database: postgres(chart),
      media: { mountPath: '/app/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE },
      scheduling: { priorityClassName: 'web' },
    }),
  );
  const classes = podsIn(manifests).map((pod) => [componentOf(pod), pod.spec.priorityClassName]);
  expect(classes).toContainEqual(['web', 'web']);
  expect(classes).toContainEqual(['migration', 'polls-first']);
});

it('the migration has the class of the replicas where the distribution names none and it has to run beside them', () => {
  const manifests = synth(
    (chart) =>
      django(chart, {
        database: postgres(chart),
        media: { mountPath: '/app/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE },
        scheduling: { priorityClassName: 'web' },
      }),
    Distribution.upstream({ firstPriorityClassName: '' }),
  );
  const classes = podsIn(manifests).map((pod) => [componentOf(pod), pod.spec.priorityClassName]);
  expect(classes).toContainEqual(['migration', 'web']);
  expect(classes).toContainEqual(['secret-generator', undefined]);
});

it('a migration does not take the place of what it waits for: poolers and clusters of an operator have the class too', () => {
  const manifests = synth(
    (chart) => {
      const pooler = new PgBouncer(chart, 'Pooler', {
        name: 'pooler',
        database: postgres(chart),
        image: IMAGE,
      });
      django(chart, { database: pooler });
    },
    Distribution.upstream({ postgres: new CloudNativePostgres() }),
  );
  expect(find(manifests, 'Cluster', 'polls-db').spec.priorityClassName).toBe('polls-first');
  expect(find(manifests, 'Deployment', 'pooler').spec.template.spec.priorityClassName).toBe('polls-first');
  const kinds = manifests.map(({ kind }) => kind);
  expect(kinds.indexOf('PriorityClass')).toBeLessThan(kinds.indexOf('Cluster'));
});

it('a pod waits for the migration of its own release, whatever the ConfigMap names by then', () => {
  const NAME = 'CDK8S_DJANGO_MIGRATION';
  const manifests = synth(shop);
  const [{ metadata }] = manifests.filter(
    ({ kind, metadata: of }) => kind === 'Job' && of.name.includes('-migrate-'),
  );
  const gates = podsIn(manifests)
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ spec }) => spec.initContainers.find(({ name }: any) => name === 'wait-for-schema'));
  expect(gates.length).toBeGreaterThan(1);
  for (const { env } of gates) expect(env).toContainEqual({ name: NAME, value: metadata.name });
  // Jobs ask which release is the present one, and the ConfigMap says it.
  expect(find(manifests, 'ConfigMap', 'polls').data[NAME]).toBe(metadata.name);
});

it('a server keeps a class of its own', () => {
  const scheduling = { priorityClassName: 'data' };
  const manifests = synth((chart) => {
    new PostgresBackend(chart, 'Database', {
      name: 'polls-db',
      storage: '1Gi',
      pythonImage: IMAGE,
      scheduling,
    });
    new ValkeyBackend(chart, 'Queue', { name: 'queue', pythonImage: IMAGE, scheduling });
  });
  const servers = podsIn(manifests).filter((pod) => ['database', 'cache'].includes(componentOf(pod)));
  expect(servers.map(({ spec }) => spec.priorityClassName)).toEqual(['data', 'data']);
});

it('the superuser asks for little, and a command for what a replica has', () => {
  const manifests = synth((chart) => {
    const app = django(chart, {
      database: postgres(chart),
      resources: { cpuRequest: '2', memoryRequest: '4Gi', memoryLimit: '4Gi' },
    });
    app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
    app.addCommand({ name: 'load', command: ['loaddata', 'countries'] });
  });
  const requests = (name: string) =>
    podsIn(manifests)
      .flatMap(({ spec }) => [...(spec.initContainers ?? []), ...spec.containers])
      .find((container: any) => container.name === name).resources.requests;
  expect(requests('create-superuser')).toEqual({ cpu: '100m', memory: '128Mi' });
  expect(requests('wait-for-schema')).toEqual({ cpu: '100m', memory: '128Mi' });
  expect(requests('command')).toEqual({ cpu: '2', memory: '4Gi' });
});

it('charts of one namespace may each have the class', () => {
  const manifests = synth((chart) => {
    const other = new Chart(chart, 'other', { namespace: 'polls' });
    const database = new PostgresBackend(other, 'Database', {
      name: 'other-db',
      storage: '1Gi',
      pythonImage: IMAGE,
    });
    django(chart, { database });
  });
  const classes = manifests.filter(({ kind }) => kind === 'PriorityClass');
  expect(new Set(classes.map(({ metadata }) => metadata.name))).toEqual(new Set(['polls-first']));
  expect(find(manifests, 'PriorityClass', 'polls-first').description).toContain('others wait');
});
