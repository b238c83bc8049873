import { Duration, JsonPatch } from 'cdk8s';
import { DjangoApp, PodKind, ValkeyBackend } from 'cdk8s-django';
import { configOf, django, find, findAll, postgres, startingWith, synth } from '../support/synth';
import { eachGivesItsMessage } from '../errors/support';

/** All pods of an application with everything that makes pods. */
function podsOf(change: (app: DjangoApp) => void = () => {}): any[] {
  const manifests = synth((chart) => {
    const broker = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });
    const app = django(chart, {
      database: postgres(chart),
      celery: { broker: broker.database(0), visibilityTimeout: Duration.hours(2) },
      pythonPath: ['/app/src'],
      workingDirectory: '/app',
    });
    app.addCeleryWorker({ name: 'worker' });
    app.addCommand({ name: 'load', command: ['loaddata', 'countries'] });
    app.addSessionClearing();
    change(app);
  });
  const ofApp = manifests.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'polls');
  return ofApp.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'CronJob') return [{ kind, metadata, pod: spec.jobTemplate.spec.template }];
    return ['Deployment', 'Job'].includes(kind) ? [{ kind, metadata, pod: spec.template }] : [];
  });
}

/** The Job that makes the SECRET_KEY has the image too. It does not read the configuration. */
const ofDjango = (pods: any[]) =>
  pods.filter(({ pod }) => pod.spec.containers[0].envFrom?.[0].configMapRef.name === 'polls');
const sums = (pods: any[]) =>
  ofDjango(pods).map(({ kind, pod }) => [kind, pod.metadata.annotations['checksum/config']]);

describe('[F36] the checksum of pods', () => {
  const before = sums(podsOf());

  test('is of the configuration as it is written, after patches', () => {
    const after = sums(podsOf((app) => app.configMap.override({ data: { GREETING: 'hi' } })));
    expect(after.map(([kind]) => kind)).toEqual(before.map(([kind]) => kind));
    after.forEach(([, sum], index) => expect(sum).not.toBe(before[index][1]));
  });

  test('is of JSON patches too, and of a variable that a patch removes', () => {
    const changed = [
      podsOf((app) => app.configMap.addJsonPatch(JsonPatch.add('/data/A', 'b'))),
      podsOf((app) => app.configMap.override({ data: { PYTHONUNBUFFERED: null } })),
    ];
    for (const pods of changed) {
      sums(pods).forEach(([, sum], index) => expect(sum).not.toBe(before[index][1]));
    }
  });

  test('has another Job run when a patch changes what it reads, not when a patch changes the hosts', () => {
    const names = (pods: any[]) =>
      pods.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name);
    const value = (data: any) => names(podsOf((app) => app.configMap.override({ data })));
    expect(value({ GREETING: 'hi' })).not.toEqual(names(podsOf()));
    expect(value({ CDK8S_DJANGO_ALLOWED_HOSTS: 'polls.example.com' })).toEqual(names(podsOf()));
  });

  test('stays the same after patches of names and labels', () => {
    const label = podsOf((app) => app.configMap.override({ metadata: { labels: { team: 'a' } } }));
    expect(sums(label)).toEqual(before);
  });

  test('of a Valkey server is of its file after patches', () => {
    const sum = (patch: any) => {
      const manifests = synth((chart) => {
        const queue = new ValkeyBackend(chart, 'Queue', {
          name: 'queue',
          password: { secretName: 'queue', key: 'password' },
        });
        queue.configMap!.override(patch);
      });
      return find(manifests, 'StatefulSet', 'queue').spec.template.metadata.annotations['checksum/config'];
    };
    expect(sum({})).toMatch(/^[0-9a-f]{64}$/);
    expect(sum({ data: { 'valkey.conf': 'port 6379' } })).not.toBe(sum({}));
  });
});

describe('[F3] PYTHONPATH', () => {
  const pods = ofDjango(podsOf());
  const containers = pods.flatMap(({ pod }) => [...(pod.spec.initContainers ?? []), ...pod.spec.containers]);

  test('is in each container, where what injects code sees it and adds to it, and in no ConfigMap', () => {
    expect(containers.length).toBeGreaterThan(6);
    for (const { env, workingDir } of containers) {
      expect(env.filter(({ name }: any) => name === 'PYTHONPATH')).toEqual([
        { name: 'PYTHONPATH', value: '/opt/cdk8s-django:/app/src' },
      ]);
      expect(workingDir).toBe('/app');
    }
    const manifests = synth((chart) => django(chart, { database: postgres(chart) }));
    findAll(manifests, 'ConfigMap').forEach(({ data }) => expect(data).not.toHaveProperty('PYTHONPATH'));
    expect(configOf(manifests)).toHaveProperty('HOME', '/tmp');
  });

  test('of the Jobs that fill Secrets is in their containers too', () => {
    const manifests = synth((chart) => django(chart));
    const { env } = startingWith(manifests, 'Job', 'polls-secret').spec.template.spec.containers[0];
    expect(env).toContainEqual({ name: 'PYTHONPATH', value: '/opt/cdk8s-django' });
  });

  eachGivesItsMessage([
    {
      what: 'PYTHONPATH in environment',
      define: (chart) => django(chart, { environment: { PYTHONPATH: '/app/src' } }),
      message:
        'polls/Polls: environment "PYTHONPATH" is a variable that the library sets itself. Use pythonPath.',
    },
    {
      what: 'PYTHONPATH that is added to some pods',
      define: (chart) => django(chart).addEnvironment('PYTHONPATH', '/app/src', { pods: [PodKind.WEB] }),
      message: 'polls/Polls: name "PYTHONPATH" is a variable that the library sets itself. Use pythonPath.',
    },
    {
      what: 'a folder that is relative',
      define: (chart) => django(chart, { pythonPath: ['src'] }),
      message:
        'polls/Polls: pythonPath "src" is not the path of a folder. ' +
        'Give the absolute path of a folder in the image, such as "/app/src".',
    },
    {
      what: 'two folders in one',
      define: (chart) => django(chart, { pythonPath: ['/app/src:/app/lib'] }),
      message:
        'polls/Polls: pythonPath "/app/src:/app/lib" is not the path of a folder. ' +
        'Give the absolute path of a folder in the image, such as "/app/src".',
    },
    {
      what: 'a working directory that is relative',
      define: (chart) => django(chart, { workingDirectory: 'app' }),
      message:
        'polls/Polls: workingDirectory "app" is not the path of a folder. ' +
        'Give the absolute path of a folder in the image, such as "/app/src".',
    },
  ]);
});
