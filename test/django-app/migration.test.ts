import { Duration } from 'cdk8s';
import { DjangoAppProps, HealthMonitoring, PostgresBackend, PublicRoute } from 'cdk8s-django';
import { SAMPLES, sample } from '../support/distributions';
import { podsIn } from '../support/manifests';
import { django, find, IMAGE, postgres, startingWith, synth } from '../support/synth';

const manifestsOf = (changes: Partial<DjangoAppProps> = {}, distribution = sample('upstream')) =>
  synth((chart) => django(chart, { database: postgres(chart), ...changes }), distribution);

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

  it.each(SAMPLES)('has the same name on $name', ({ make }) => {
    expect(nameOf(manifestsOf({}, make()))).toBe(nameOf(manifestsOf()));
  });

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

  it('is kept after its end, so that applying again runs nothing', () => {
    const { spec } = jobOf(manifestsOf());
    expect(spec.ttlSecondsAfterFinished).toBeUndefined();
    expect(spec.template.spec.restartPolicy).toBe('Never');
  });

  it('is no Helm or Argo CD hook', () => {
    expect(jobOf(manifestsOf()).metadata.annotations).toBeUndefined();
  });
});

describe('pods of a release', () => {
  it('wait for the schema that their image needs', () => {
    const { initContainers } = find(manifestsOf(), 'Deployment', 'polls').spec.template.spec;
    expect(initContainers).toHaveLength(1);
    expect(initContainers[0]).toMatchObject({
      name: 'wait-for-schema',
      image: IMAGE,
      command: ['python', '-m', 'cdk8s_django.migrate', '--timeout', '3600', '--wait'],
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
        ['--timeout', '7200', '--wait'],
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
