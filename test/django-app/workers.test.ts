import { Chart, Duration } from 'cdk8s';
import {
  Architecture,
  CeleryOptions,
  CeleryWorkerProps,
  Distribution,
  DjangoApp,
  DjangoAppProps,
  LeastPrivilegeAccess,
  ValkeyBackend,
} from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { CeleryPool } from 'cdk8s-django/celery';
import { DatabaseConnections } from 'cdk8s-django/platform';
import fc from 'fast-check';
import { SAMPLES, sample } from '../support/distributions';
import { withoutPython } from '../support/manifests';
import { configOf, django, find, IMAGE, postgres, synth, webContainer } from '../support/synth';

const BROKER = { url: 'redis://queue:6379/0' };
const HARD_LIMIT = 10;

/** An application with Celery, what it adds, and its manifests. */
function made(
  extend: (app: DjangoApp, chart: Chart) => void,
  changes: Partial<DjangoAppProps> = {},
  distribution = sample('upstream'),
): any[] {
  return synth(
    (chart) => extend(django(chart, { celery: { broker: BROKER }, ...changes }), chart),
    distribution,
  );
}

const worker = (props: Partial<CeleryWorkerProps> = {}, changes: Partial<DjangoAppProps> = {}) =>
  find(
    made((app) => app.addCeleryWorker({ name: 'default', ...props }), changes),
    'Deployment',
    'polls-worker-default',
  );
const containerOf = (deployment: any) => deployment.spec.template.spec.containers[0];
const optionsOf = (deployment: any): string => containerOf(deployment).command.slice(6).join(' ');

/** The value that follows an option of the command. */
function option(deployment: any, name: string): string | undefined {
  const { command } = containerOf(deployment);
  const index = command.indexOf(name);
  return index < 0 ? undefined : command[index + 1];
}

describe('a worker', () => {
  it('runs the application through the runtime, which gives signs of its life', () => {
    expect(containerOf(worker()).command.slice(0, 6)).toEqual([
      ...['python', '-m', 'celery', '--app', 'cdk8s_django.celery_app', 'worker'],
    ]);
    expect(optionsOf(worker())).toBe(
      '--loglevel INFO --concurrency 1 --soft-time-limit 300 --time-limit 310 --without-gossip',
    );
  });

  it('is two pods of the image with all that a replica has', () => {
    const { spec } = worker();
    expect(spec.replicas).toBe(2);
    const container = containerOf(worker());
    const web = webContainer(made(() => undefined));
    expect(container.image).toBe(IMAGE);
    expect(container.env).toEqual([...web.env, { name: 'CDK8S_DJANGO_CELERY_FIT_MEMORY', value: 'true' }]);
    for (const key of ['envFrom', 'volumeMounts', 'resources', 'securityContext']) {
      expect(container[key]).toEqual(web[key]);
    }
  });

  it('adds a pod before it takes one away, spread over nodes and zones', () => {
    const { spec } = worker();
    expect(spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    const [node, zone] = spec.template.spec.topologySpreadConstraints;
    expect([node.topologyKey, zone.topologyKey]).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    expect(node.labelSelector.matchLabels).toEqual(spec.selector.matchLabels);
  });

  it('waits for the schema, as a replica does', () => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart), celery: { broker: BROKER } });
      app.addCeleryWorker({ name: 'default' });
      app.addCeleryBeat();
    });
    for (const name of ['polls', 'polls-worker-default', 'polls-beat']) {
      const { initContainers } = find(manifests, 'Deployment', name).spec.template.spec;
      expect(initContainers.map((container: any) => container.name)).toEqual(['wait-for-schema']);
    }
  });

  it('takes tasks from the queues that it is given', () => {
    expect(option(worker({ queues: ['mail', 'reports'] }), '--queues')).toBe('mail,reports');
    expect(option(worker(), '--queues')).toBeUndefined();
  });

  it('is judged by a page of its own, for which no program starts', () => {
    const { startupProbe, readinessProbe, livenessProbe } = containerOf(worker());
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect(probe).not.toHaveProperty('exec');
      expect(probe.httpGet.port).toBe(8099);
    }
    expect(livenessProbe.httpGet.path).not.toBe(readinessProbe.httpGet.path);
    expect(livenessProbe.terminationGracePeriodSeconds).toBe(10);
  });

  it('has the resources of its own', () => {
    const resources = { cpuRequest: '2', memoryLimit: '2Gi' };
    expect(containerOf(worker({ resources })).resources).toEqual({
      requests: { cpu: '2', memory: '256Mi' },
      limits: { memory: '2Gi' },
    });
    expect(option(worker({ resources }), '--concurrency')).toBe('4');
  });

  it.each([
    [{ cpuRequest: '250m', memoryLimit: '512Mi' }, '1'],
    [{ cpuRequest: '1', memoryLimit: '4Gi' }, '2'],
    [{ cpuRequest: '4', memoryLimit: '1Gi' }, '5'],
    [{ cpuRequest: '1', cpuLimit: '3', memoryLimit: '8Gi' }, '6'],
    [{ cpuRequest: '100m', memoryLimit: '128Mi' }, '1'],
  ])('runs as many tasks at once as its resources %j carry: %s', (resources, concurrency) => {
    expect(option(worker({ resources }), '--concurrency')).toBe(concurrency);
  });

  it('follows its load with scaling, and a drain takes one at a time', () => {
    const manifests = made((app) =>
      app.addCeleryWorker({ name: 'default', scaling: { minReplicas: 2, maxReplicas: 6 } }),
    );
    expect(find(manifests, 'Deployment', 'polls-worker-default').spec.replicas).toBeUndefined();
    const autoscaler = find(manifests, 'HorizontalPodAutoscaler', 'polls-worker-default').spec;
    expect(autoscaler).toMatchObject({
      scaleTargetRef: { kind: 'Deployment', name: 'polls-worker-default' },
      minReplicas: 2,
      maxReplicas: 6,
    });
    const budget = find(manifests, 'PodDisruptionBudget', 'polls-worker-default').spec;
    expect(budget.maxUnavailable).toBe(1);
    expect(budget.selector.matchLabels['app.kubernetes.io/component']).toBe('worker-default');
  });

  it.each<[string, Partial<CeleryWorkerProps>, number]>([
    ['is never more than one', { replicas: 1 }, 0],
    ['is one that may become more', { scaling: { minReplicas: 1, maxReplicas: 2 } }, 1],
    ['is two', {}, 1],
  ])('has a budget for drains unless it %s', (_what, props, count) => {
    const manifests = made((app) => app.addCeleryWorker({ name: 'default', ...props }));
    expect(manifests.filter(({ kind }) => kind === 'PodDisruptionBudget')).toHaveLength(count);
  });

  it('counts in the sum of connections to the database, with those of a release that end their tasks', () => {
    const connections: DatabaseConnections[] = [];
    made((app) => {
      app.addCeleryWorker({ name: 'fixed', replicas: 3, concurrency: 4 });
      const scaling = { minReplicas: 1, maxReplicas: 14 };
      app.addCeleryWorker({ name: 'scaled', concurrency: 2, scaling, taskTimeLimit: Duration.seconds(5) });
      app.addCeleryBeat();
      connections.push(...app.databaseConnections);
    });
    expect(connections.slice(-3)).toEqual([
      { description: 'polls: 6 workers fixed at once × 4 processes', count: 24 },
      { description: 'polls: 20 workers scaled at once × 2 processes', count: 40 },
      { description: 'polls: beat', count: 1 },
    ]);
  });

  it('is written out as a sum what its pods have to end, for whoever reads the manifest', () => {
    const manifests = made((app) =>
      app.addCeleryWorker({ name: 'default', taskTimeLimit: Duration.minutes(2) }),
    );
    const { metadata, spec } = find(manifests, 'Deployment', 'polls-worker-default').spec.template;
    expect(spec.terminationGracePeriodSeconds).toBe(140);
    expect(metadata.annotations['cdk8s-django/shutdown']).toBe(
      '120 s task + 10 s to end it + 10 s worker = 140 s',
    );
  });

  it('is scaled by its queues where there is KEDA, also to none', () => {
    const scaling = { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 };
    const manifests = made(
      (app) => {
        app.addCeleryWorker({ name: 'default', scaling });
        app.addCeleryWorker({ name: 'mail', queues: ['mail', 'news'], scaling });
      },
      {},
      Distribution.upstream({ autoscaling: new KedaAutoscaling() }),
    );
    const listsOf = (name: string) =>
      find(manifests, 'ScaledObject', name).spec.triggers.map(({ metadata }: any) => metadata.listName);
    expect(listsOf('polls-worker-default')).toEqual(['celery', 'unacked']);
    expect(listsOf('polls-worker-mail')).toEqual(['mail', 'news', 'unacked']);
    expect(find(manifests, 'ScaledObject', 'polls-worker-default').spec.minReplicaCount).toBe(0);
    expect(find(manifests, 'Deployment', 'polls-worker-default').spec).not.toHaveProperty('replicas');
  });

  it('lets KEDA read the certificates of a broker with an authority of its own', () => {
    const certificateSecret = { secretName: 'queue-ca', key: 'ca.crt' };
    const broker = { url: 'rediss://queue.example.com', certificatePath: '/ca.pem', certificateSecret };
    const manifests = made(
      (app) => {
        const scaling = { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 };
        app.addCeleryWorker({ name: 'default', scaling });
      },
      { celery: { broker } },
      Distribution.upstream({ autoscaling: new KedaAutoscaling() }),
    );
    const { spec } = find(manifests, 'TriggerAuthentication', 'polls-worker-default-queue');
    expect(spec.secretTargetRef).toEqual([{ parameter: 'ca', name: 'queue-ca', key: 'ca.crt' }]);
    expect(find(manifests, 'ScaledObject', 'polls-worker-default').spec.triggers[0].metadata.enableTLS).toBe(
      'true',
    );
  });

  it('has all props', () => {
    const all: Required<Omit<CeleryWorkerProps, 'replicas'>> = {
      name: 'mail',
      queues: ['mail'],
      pool: CeleryPool.PREFORK,
      concurrency: 3,
      taskTimeLimit: Duration.minutes(1),
      scaling: { minReplicas: 1, maxReplicas: 2 },
      resources: { cpuRequest: '1', cpuLimit: '1', memoryRequest: '1Gi', memoryLimit: '1Gi' },
      scheduling: { architecture: Architecture.AMD64, zones: ['zone-a'], priorityClassName: 'batch' },
    };
    const deployment = find(
      made((app) => app.addCeleryWorker(all)),
      'Deployment',
      'polls-worker-mail',
    );
    expect(optionsOf(deployment)).toBe(
      '--loglevel INFO --pool prefork --concurrency 3 --queues mail --soft-time-limit 60 --time-limit 70 --without-gossip',
    );
    delete deployment.spec.template.metadata.annotations;
    expect(withoutPython([deployment])).toMatchSnapshot();
  });
});

describe('a rollout of workers and beat', () => {
  const rollouts = (changes: Partial<DjangoAppProps>) => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart), celery: { broker: BROKER }, ...changes });
      app.addCeleryWorker({ name: 'default' });
      app.addCeleryBeat();
    });
    return ['polls', 'polls-worker-default', 'polls-beat'].map((name) => {
      const { minReadySeconds, progressDeadlineSeconds, revisionHistoryLimit } = find(
        manifests,
        'Deployment',
        name,
      ).spec;
      return { minReadySeconds, progressDeadlineSeconds, revisionHistoryLimit };
    });
  };

  it.each<[Partial<DjangoAppProps>, number]>([
    [{}, 600],
    [{ migrationDeadline: Duration.minutes(30) }, 2400],
    [{ migrate: false, migrationDeadline: Duration.minutes(30) }, 600],
  ])('is judged as that of replicas, with %j', (changes, progressDeadlineSeconds) => {
    const rollout = { minReadySeconds: 5, progressDeadlineSeconds, revisionHistoryLimit: 3 };
    expect(rollouts(changes)).toEqual([rollout, rollout, rollout]);
  });
});

describe('the times of a worker', () => {
  it('come from one sum, for any limit of a task', () => {
    const limits = fc.integer({ min: 1, max: 86_400 });
    fc.assert(
      fc.property(limits, (seconds) => {
        const manifests = made((app) =>
          app.addCeleryWorker({ name: 'default', taskTimeLimit: Duration.seconds(seconds) }),
        );
        const deployment = find(manifests, 'Deployment', 'polls-worker-default');
        const hard = Number(option(deployment, '--time-limit'));
        const { terminationGracePeriodSeconds } = deployment.spec.template.spec;
        const visibility = Number(configOf(manifests).CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT);
        expect(Number(option(deployment, '--soft-time-limit'))).toBe(seconds);
        expect(hard).toBe(seconds + HARD_LIMIT);
        expect(terminationGracePeriodSeconds).toBeGreaterThan(hard);
        // Nobody else gets a task that its worker may still finish.
        expect(visibility).toBeGreaterThanOrEqual(terminationGracePeriodSeconds);
      }),
      { numRuns: 20 },
    );
  });

  it('are those of the slowest worker, whichever is added first', () => {
    const visibility = (...hours: number[]) => {
      const manifests = made((app) =>
        hours.forEach((one) => app.addCeleryWorker({ name: `h${one}`, taskTimeLimit: Duration.hours(one) })),
      );
      return configOf(manifests).CDK8S_DJANGO_CELERY_VISIBILITY_TIMEOUT;
    };
    expect([visibility(), visibility(2, 5), visibility(5, 2)]).toEqual(['3600', '18020', '18020']);
  });
});

describe('the beat', () => {
  const beat = () =>
    find(
      made((app) => app.addCeleryBeat()),
      'Deployment',
      'polls-beat',
    );

  it('is one pod, and the one before is gone before it starts', () => {
    expect(beat().spec.replicas).toBe(1);
    expect(beat().spec.strategy).toEqual({ type: 'Recreate' });
  });

  it('keeps its schedule in /tmp and leaves no pid file that would stop the next', () => {
    expect(containerOf(beat()).command.slice(5)).toEqual([
      ...['beat', '--loglevel', 'INFO', '--schedule', '/tmp/celerybeat-schedule', '--pidfile='],
    ]);
  });

  it('has little by default, or what it is given', () => {
    expect(containerOf(beat()).resources.requests).toEqual({ cpu: '100m', memory: '128Mi' });
    const given = made((app) => app.addCeleryBeat({ resources: { memoryLimit: '1Gi' } }));
    expect(containerOf(find(given, 'Deployment', 'polls-beat')).resources.limits).toEqual({ memory: '1Gi' });
  });
});

describe('the network of workers', () => {
  const policies = () =>
    synth((chart) => {
      const queue = new ValkeyBackend(chart, 'Queue', { name: 'polls-queue', storage: '1Gi' });
      const celery: CeleryOptions = { broker: queue.database(0) };
      const app = django(chart, { database: postgres(chart), celery });
      new LeastPrivilegeAccess(chart, 'Access', { app });
      // After the policies: they are asked at synth.
      app.addCeleryWorker({ name: 'default' });
      app.addCeleryBeat();
    });
  const components = (peers: any[]) =>
    peers.map((peer) => peer.podSelector.matchLabels['app.kubernetes.io/component']);

  it('lets nobody in, and out to what the application uses', () => {
    const { podSelector, ingress, egress } = find(policies(), 'NetworkPolicy', 'polls-jobs').spec;
    expect(podSelector.matchExpressions[0].values).toEqual([
      'migration',
      'command',
      'worker-default',
      'beat',
    ]);
    expect(ingress).toBeUndefined();
    expect(egress.map(({ ports }: any) => ports?.[0].port)).toEqual(expect.arrayContaining([5432, 6379]));
  });

  it.each(['polls-db', 'polls-queue'])('lets them in to %s, which lets nobody else in', (server) => {
    const [rule] = find(policies(), 'NetworkPolicy', server).spec.ingress;
    expect(components(rule.from)).toEqual(['web', 'migration', 'command', 'worker-default', 'beat']);
  });
});

describe.each(SAMPLES)('workers on $name', ({ make }) => {
  it('are the same but for the user and what the log looks like', () => {
    const strip = (manifests: any[]) =>
      ['polls-worker-default', 'polls-beat'].map((name) => {
        const { spec } = find(manifests, 'Deployment', name);
        delete spec.template.spec.securityContext;
        delete spec.template.metadata.annotations;
        return spec;
      });
    const both = (app: DjangoApp) => {
      app.addCeleryWorker({ name: 'default' });
      app.addCeleryBeat();
    };
    expect(strip(made(both, {}, make()))).toEqual(strip(made(both)));
  });
});
