import { Duration } from 'cdk8s';
import {
  DjangoAppProps,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
} from 'cdk8s-django';
import { SAMPLES, sample } from '../support/distributions';
import { podsIn } from '../support/manifests';
import { django, find, IMAGE, postgres, startingWith, synth } from '../support/synth';

const manifestsOf = (changes: Partial<DjangoAppProps> = {}, distribution = sample('upstream')) =>
  synth((chart) => django(chart, { database: postgres(chart), ...changes }), distribution);

const TELL = ['--tell', '/tmp/cdk8s-django-told'];

const jobOf = (manifests: any[]) => startingWith(manifests, 'Job', 'polls-migrate');
const nameOf = (manifests: any[]) => jobOf(manifests).metadata.name;

describe('the migration Job', () => {
  it('is named after the application with a hash', () => {
    expect(nameOf(manifestsOf())).toMatch(/^polls-migrate-[0-9a-f]{10}$/);
  });

  const CHANGES: [string, Partial<DjangoAppProps>][] = [
    ['image', { image: 'registry.example.com/polls:1.4.3' }],
    ['settings module', { settingsModule: 'mysite.production' }],
    ['a variable', { environment: { GREETING: 'hello' } }],
    ['a variable from a Secret', { secretEnvironment: { KEY: { secretName: 'a', key: 'b' } } }],
    ['the deadline', { migrationDeadline: Duration.minutes(5) }],
    ['resources', { resources: { memoryLimit: '1Gi' } }],
    ['user', { runAsUser: 2000 }],
    ['the Secret of the key', { secretKey: { secretName: 'a', key: 'b' } }],
  ];
  it.each(CHANGES)('has another name with another %s', (_what, changes) => {
    expect(nameOf(manifestsOf(changes))).not.toBe(nameOf(manifestsOf()));
  });

  const SAME: [string, Partial<DjangoAppProps>][] = [
    ['replicas', { replicas: 7 }],
    ['scaling', { scaling: { minReplicas: 1, maxReplicas: 4 } }],
    ['allowed hosts', { allowedHosts: ['other.internal'] }],
    ['processes', { processes: 7 }],
    ['port', { port: 9000 }],
  ];
  it.each(SAME)('keeps its name with other %s', (_what, changes) => {
    expect(nameOf(manifestsOf(changes))).toBe(nameOf(manifestsOf()));
  });

  it('keeps its name with a route and with monitoring', () => {
    const around = synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      new PublicRoute(chart, 'Route', { app, hosts: ['polls.example.com'] });
      new HealthMonitoring(chart, 'Health', { app, metrics: {} });
    });
    expect(nameOf(around)).toBe(nameOf(manifestsOf()));
  });

  it.each(SAMPLES)(
    'has the same name on $name, unless its pods say something to autoscalers there',
    ({ make }) => {
      const manifests = manifestsOf({}, make());
      const { annotations = {} } = jobOf(manifests).spec.template.metadata;
      const says = Object.keys(annotations).some((name) => /evict|disrupt/.test(name));
      expect(nameOf(manifests) === nameOf(manifestsOf())).toBe(!says);
    },
  );

  it('has another name when an override changes what it runs', () => {
    const changed = synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      app.migration?.override({
        spec: { template: { spec: { containers: [{ name: 'migrate', command: ['true'] }] } } },
      });
    });
    expect(jobOf(changed).spec.template.spec.containers[0].command).toEqual(['true']);
    expect(nameOf(changed)).not.toBe(nameOf(manifestsOf()));
  });

  it('runs the migration program in the application’s image and configuration', () => {
    const [container] = jobOf(manifestsOf()).spec.template.spec.containers;
    expect(container).toMatchObject({
      name: 'migrate',
      image: IMAGE,
      command: ['python', '-m', 'cdk8s_django.migrate', '--timeout', '3600'],
    });
  });

  it('starts anew when it failed, within an hour or as long as was given', () => {
    expect(jobOf(manifestsOf()).spec).toMatchObject({ backoffLimit: 4, activeDeadlineSeconds: 3600 });
    const shorter = jobOf(manifestsOf({ migrationDeadline: Duration.minutes(5) }));
    expect(shorter.spec.activeDeadlineSeconds).toBe(300);
  });

  it('is kept for a day after its end, so that applying again runs nothing [F56]', () => {
    const { spec } = jobOf(manifestsOf());
    expect(spec.ttlSecondsAfterFinished).toBe(24 * 3600);
    expect(spec.template.spec.restartPolicy).toBe('Never');
  });

  it('is named by the ConfigMap of the present release, which comes before it [F51]', () => {
    const manifests = manifestsOf();
    const configMap = find(manifests, 'ConfigMap', 'polls');
    expect(configMap.data.CDK8S_DJANGO_MIGRATION).toBe(nameOf(manifests));
    expect(manifests.indexOf(configMap)).toBeLessThan(manifests.indexOf(jobOf(manifests)));
    const next = manifestsOf({ image: 'registry.example.com/polls:1.4.3' });
    expect(find(next, 'ConfigMap', 'polls').data.CDK8S_DJANGO_MIGRATION).toBe(nameOf(next));
  });

  it('may read that ConfigMap and nothing else, and connect to the API server [F51]', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    expect(find(manifests, 'Role', 'polls-migrate').rules).toEqual([
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['polls'], verbs: ['get'] },
    ]);
    expect(find(manifests, 'RoleBinding', 'polls-migrate').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'polls' },
    ]);
    const { podSelector, egress } = find(manifests, 'NetworkPolicy', 'polls-migrate').spec;
    expect(podSelector.matchLabels['app.kubernetes.io/component']).toBe('migration');
    expect(egress.flatMap(({ ports }: any) => ports.map(({ port }: any) => port))).toEqual([443, 6443]);
    const { env } = jobOf(manifests).spec.template.spec.containers[0];
    const job = { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } };
    expect(env).toContainEqual({ name: 'CDK8S_DJANGO_CONFIG_MAP', value: 'polls' });
    expect(env).toContainEqual({ name: 'CDK8S_DJANGO_JOB', valueFrom: job });
  });

  it('is not tried again in a release that was left, and a pod that had to go is no failed try [F51]', () => {
    expect(jobOf(manifestsOf()).spec.podFailurePolicy.rules).toEqual([
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'FailJob', onExitCodes: { operator: 'In', values: [79, 124] } },
    ]);
  });

  it('is no Helm or Argo CD hook', () => {
    expect(jobOf(manifestsOf()).metadata.annotations).toBeUndefined();
  });
});

it('a release is named in the history of rollouts [F53]', () => {
  const { metadata } = find(manifestsOf(), 'Deployment', 'polls');
  expect(metadata.annotations).toEqual({ 'kubernetes.io/change-cause': IMAGE });
});

describe('pods of a release', () => {
  it('wait for the schema that their image needs', () => {
    const { initContainers } = find(manifestsOf(), 'Deployment', 'polls').spec.template.spec;
    expect(initContainers).toHaveLength(1);
    expect(initContainers[0]).toMatchObject({
      name: 'wait-for-schema',
      image: IMAGE,
      command: [
        ...['python', '-m', 'cdk8s_django.migrate', '--timeout', '3600', '--wait'],
        ...['--tell', '/tmp/cdk8s-django-told'],
      ],
      // Small requests [F40]; those of the pod are the larger ones of its containers.
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    });
  });

  it('wait as long as the migration may take, workers and commands too', () => {
    const manifests = synth((chart) => {
      const app = django(chart, {
        database: postgres(chart),
        celery: { broker: { url: 'redis://queue:6379/0' } },
        migrationDeadline: Duration.hours(2),
      });
      app.addCeleryWorker({ name: 'default' });
      app.addSessionClearing();
    });
    const waits = podsIn(manifests).flatMap(({ owner, spec }) =>
      (spec.initContainers ?? []).map(({ command }: any) => [owner, command.slice(3)]),
    );
    expect(waits).toEqual(
      ['Deployment polls', 'Deployment polls-worker-default', 'CronJob polls-clearsessions'].map((owner) => [
        owner,
        // Only pods that are started again in place may end to tell why they wait.
        ['--timeout', '7200', '--wait', ...(owner.startsWith('CronJob') ? [] : TELL)],
      ]),
    );
    const { spec } = jobOf(manifests);
    expect(spec.activeDeadlineSeconds).toBe(7200);
    expect(spec.template.spec.containers[0].command.slice(3)).toEqual(['--timeout', '7200']);
  });

  it('neither wait nor migrate when the application does not want it', () => {
    const manifests = manifestsOf({ migrate: false });
    expect(manifests.filter(({ metadata }) => metadata.name.startsWith('polls-migrate'))).toEqual([]);
    expect(find(manifests, 'Deployment', 'polls').spec.template.spec.initContainers).toBeUndefined();
  });

  it('migrate a database that only the settings know when the application says so', () => {
    const manifests = synth((chart) => django(chart, { migrate: true }));
    expect(nameOf(manifests)).toMatch(/^polls-migrate-/);
  });

  it('migrate a database that somebody else runs', () => {
    const manifests = synth((chart) => {
      const database = PostgresBackend.fromUrl(chart, 'Database', { url: { secretName: 'db', key: 'url' } });
      django(chart, { database });
    });
    const [container] = jobOf(manifests).spec.template.spec.containers;
    expect(container.env).toContainEqual({
      name: 'DATABASE_URL',
      valueFrom: { secretKeyRef: { name: 'db', key: 'url' } },
    });
  });
});
