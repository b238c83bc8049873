import { Chart, Duration } from 'cdk8s';
import fc from 'fast-check';
import {
  Architecture,
  CeleryWorkerProps,
  Distribution,
  DjangoAppProps,
  IDistribution,
  Placement,
  PublicRoute,
  Scheduling,
  ValkeyBackend,
  ValkeyBackendProps,
} from 'cdk8s-django';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import {
  AksScheduling,
  EksScheduling,
  GkeScheduling,
  KarpenterScheduling,
  NodeLabelScheduling,
  NodeLabelSchedulingProps,
} from 'cdk8s-django/scheduling';
import { sample, SAMPLES } from '../../support/distributions';
import { podsIn } from '../../support/manifests';
import { K3s } from '../../support/own-distribution';
import { chartOn, django, errorOf, find, HOST, IMAGE, postgres, synth } from '../../support/synth';

const PLACEMENT: Required<Placement> = {
  architecture: Architecture.ARM64,
  zones: ['zone-a', 'zone-b'],
  nodePool: 'web',
  priorityClassName: 'web',
};
const ALL: Required<Scheduling> = { ...PLACEMENT, spot: true };

const IN_ZONES = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-a', 'zone-b'] },
          ],
        },
      ],
    },
  },
};
const tolerate = (key: string, value: string) => ({ key, operator: 'Equal', value, effect: 'NoSchedule' });

/** The class of pods for which others wait, in the namespace of these charts. */
const FIRST = 'polls-first';

/** The fields of a pod's spec that decide on its node. */
function placementOf({ nodeSelector, affinity, tolerations, priorityClassName }: any): any {
  return JSON.parse(JSON.stringify({ nodeSelector, affinity, tolerations, priorityClassName }));
}

/** Those of the replicas, without the checks of synth. */
const instances = (scheduling: Scheduling | undefined, distribution: IDistribution) =>
  placementOf(django(chartOn(distribution), { scheduling }).deployment.toJson().spec.template.spec);

const CLUSTERS: [string, IDistribution, Record<string, string>, any[]][] = [
  [
    'GKE',
    Distribution.gke(),
    { 'cloud.google.com/compute-class': 'web', 'cloud.google.com/gke-spot': 'true' },
    [
      tolerate('cloud.google.com/gke-spot', 'true'),
      tolerate('cloud.google.com/compute-class', 'web'),
      tolerate('kubernetes.io/arch', 'arm64'),
    ],
  ],
  [
    'EKS',
    Distribution.eks(),
    { 'eks.amazonaws.com/nodegroup': 'web', 'eks.amazonaws.com/capacityType': 'SPOT' },
    [],
  ],
  [
    'EKS Auto Mode',
    Distribution.eks({ autoMode: true }),
    { 'karpenter.sh/nodepool': 'web', 'karpenter.sh/capacity-type': 'spot' },
    [],
  ],
  [
    'AKS',
    Distribution.aks(),
    { 'kubernetes.azure.com/agentpool': 'web', 'kubernetes.azure.com/scalesetpriority': 'spot' },
    [tolerate('kubernetes.azure.com/scalesetpriority', 'spot')],
  ],
  [
    'AKS Automatic',
    Distribution.aks({ automatic: true }),
    { 'karpenter.sh/nodepool': 'web', 'karpenter.sh/capacity-type': 'spot' },
    [],
  ],
];

describe('the nodes of an application', () => {
  it.each(CLUSTERS)('are found by the labels of %s', (_name, distribution, labels, tolerations) => {
    expect(instances(ALL, distribution)).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64', ...labels },
      affinity: IN_ZONES,
      ...(tolerations.length > 0 && { tolerations }),
      priorityClassName: 'web',
    });
  });

  it.each(SAMPLES)('are any on $name, unless it asks', ({ make }) => {
    expect(instances(undefined, make())).toEqual({});
    expect(instances({}, make())).toEqual({});
    expect(instances({ spot: false }, make())).toEqual({});
  });

  it.each(SAMPLES)('are found by architecture and zone on $name', ({ make }) => {
    expect(
      instances({ architecture: Architecture.AMD64, zones: ['zone-a', 'zone-b'] }, make()),
    ).toMatchObject({
      nodeSelector: { 'kubernetes.io/arch': 'amd64' },
      affinity: IN_ZONES,
    });
  });

  it('are found by the labels of Kubernetes where a distribution says nothing', () => {
    expect(instances({ architecture: Architecture.ARM64, zones: ['zone-a', 'zone-b'] }, new K3s())).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      affinity: IN_ZONES,
    });
  });

  it('are found by the labels that the cluster has', () => {
    const props: Required<NodeLabelSchedulingProps> = {
      spotLabels: { 'example.com/lifetime': 'short', 'example.com/price': 'low' },
      spotNotice: Duration.minutes(1),
      nodePoolLabel: 'example.com/machine-set',
      taintedLabels: ['example.com/lifetime', 'example.com/other'],
      doNotDisruptAnnotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
    };
    const distribution = Distribution.openshift({ scheduling: new NodeLabelScheduling(props) });
    expect(instances({ spot: true, nodePool: 'web' }, distribution)).toEqual({
      nodeSelector: {
        'example.com/machine-set': 'web',
        'example.com/lifetime': 'short',
        'example.com/price': 'low',
      },
      tolerations: [tolerate('example.com/lifetime', 'short')],
    });
  });

  it.each([
    ['GKE', new GkeScheduling({ nodePoolLabel: 'pool' })],
    ['EKS', new EksScheduling({ nodePoolLabel: 'pool' })],
    ['Karpenter', new KarpenterScheduling({ nodePoolLabel: 'pool' })],
    ['AKS', new AksScheduling({ nodePoolLabel: 'pool' })],
  ])('keep the other facts of %s when one is another', (_name, scheduling) => {
    const { nodeSelector } = instances(
      { spot: true, nodePool: 'web' },
      Distribution.upstream({ scheduling }),
    );
    expect(nodeSelector.pool).toBe('web');
    expect(Object.keys(nodeSelector)).toHaveLength(2);
    expect(scheduling.spotNotice).toBeDefined();
  });
});

describe('the nodes of what belongs to an application', () => {
  /** An application with Jobs of all kinds, and a database of its own. */
  function everyJob(chart: Chart): void {
    const app = django(chart, {
      database: postgres(chart),
      scheduling: { ...ALL, spot: false, nodePool: undefined },
    });
    app.addCommand({ name: 'countries', command: ['loaddata', 'countries'] });
    app.addScheduledCommand({ name: 'digest', command: ['send_digest'], schedule: '@daily' });
    app.addSuperuser({ username: 'admin', password: { secretName: 'admin', key: 'password' } });
    app.addSecretKeyRotation();
  }

  it.each(SAMPLES)('have its architecture on $name, and nothing else of it', ({ make }) => {
    const pods = podsIn(synth(everyJob, make()));
    const jobs = pods.filter(({ kind }) => ['Job', 'CronJob'].includes(kind));
    expect(jobs.length).toBeGreaterThanOrEqual(8);
    for (const { spec } of jobs) {
      const { tolerations = [], priorityClassName = FIRST, ...placement } = placementOf(spec);
      expect(priorityClassName).toBe(FIRST);
      expect(placement).toEqual({ nodeSelector: { 'kubernetes.io/arch': 'arm64' } });
      expect(tolerations.every(({ key }: any) => key === 'kubernetes.io/arch')).toBe(true);
    }
  });

  it('are any for its database, which says itself where it runs', () => {
    const [server] = podsIn(synth(everyJob)).filter(({ kind }) => kind === 'StatefulSet');
    expect(placementOf(server.spec)).toEqual({ priorityClassName: FIRST });
  });

  it('are never spot nodes for a Job', () => {
    const distribution = Distribution.eks();
    const chart = chartOn(distribution);
    const app = django(chart, { database: postgres(chart), scheduling: { spot: true, nodePool: 'web' } });
    expect(placementOf(app.migration!.toJson().spec.template.spec)).toEqual({ priorityClassName: FIRST });
  });
});

describe('the nodes of a PostgresBackend', () => {
  it('are those that it asks for', () => {
    const database = postgres(chartOn(Distribution.aks()), { scheduling: PLACEMENT });
    expect(placementOf(database.statefulSet!.toJson().spec.template.spec)).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64', 'kubernetes.azure.com/agentpool': 'web' },
      affinity: IN_ZONES,
      priorityClassName: 'web',
    });
  });

  it('are those of the servers of CloudNativePG too', () => {
    const distribution = Distribution.gke({ postgres: new CloudNativePostgres() });
    const manifests = synth((chart) => postgres(chart, { scheduling: PLACEMENT }), distribution);
    const { affinity, priorityClassName } = find(manifests, 'Cluster', 'polls-db').spec;
    expect(affinity).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64', 'cloud.google.com/compute-class': 'web' },
      tolerations: [
        tolerate('cloud.google.com/compute-class', 'web'),
        tolerate('kubernetes.io/arch', 'arm64'),
      ],
      ...IN_ZONES,
    });
    expect(priorityClassName).toBe('web');
  });

  it('leave a Cluster of CloudNativePG alone when none are asked for', () => {
    const distribution = Distribution.upstream({ postgres: new CloudNativePostgres() });
    const { spec } = find(
      synth((chart) => postgres(chart), distribution),
      'Cluster',
      'polls-db',
    );
    expect(spec).not.toHaveProperty('affinity');
    // Migrations, which wait for it, do not take its place.
    expect(spec.priorityClassName).toBe(FIRST);
  });

  it('have the architecture for an image of its own that makes the password', () => {
    const manifests = synth((chart) =>
      postgres(chart, {
        pythonImage: IMAGE,
        scheduling: { architecture: Architecture.ARM64, zones: ['zone-a'] },
      }),
    );
    const [job] = podsIn(manifests).filter(({ kind }) => kind === 'Job');
    expect(placementOf(job.spec)).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      priorityClassName: FIRST,
    });
  });
});

describe('the nodes of a ValkeyBackend', () => {
  const cache = (changes: Partial<ValkeyBackendProps>, distribution?: IDistribution) =>
    podsIn(
      synth(
        (chart) => new ValkeyBackend(chart, 'Cache', { name: 'polls-cache', pythonImage: IMAGE, ...changes }),
        distribution,
      ),
    );

  it('are those that it asks for', () => {
    const [server] = cache({ scheduling: PLACEMENT }, Distribution.aks()).filter(
      ({ kind }) => kind === 'StatefulSet',
    );
    expect(placementOf(server.spec)).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64', 'kubernetes.azure.com/agentpool': 'web' },
      affinity: IN_ZONES,
      priorityClassName: 'web',
    });
  });

  it('are any unless it asks, and have its architecture for an image of its own that makes the password', () => {
    expect(cache({}).map(({ spec }) => placementOf(spec))).toEqual([
      { priorityClassName: FIRST },
      { priorityClassName: FIRST },
    ]);
    const [job] = cache({ scheduling: { architecture: Architecture.ARM64, zones: ['zone-a'] } }).filter(
      ({ kind }) => kind === 'Job',
    );
    expect(placementOf(job.spec)).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      priorityClassName: FIRST,
    });
  });
});

describe('the nodes of workers and beat', () => {
  /** Those of a worker and of the beat beside it. */
  function placed(
    scheduling: Scheduling | undefined,
    worker: Partial<CeleryWorkerProps> = {},
    distribution: IDistribution = Distribution.eks(),
  ): any[] {
    const celery = { broker: { url: 'redis://queue:6379/0' } };
    const app = django(chartOn(distribution), { celery, scheduling });
    const { deployment } = app.addCeleryWorker({ name: 'default', ...worker });
    return [deployment, app.addCeleryBeat()].map((one) => placementOf(one.toJson().spec.template.spec));
  }
  const onEks = (labels: Record<string, string>) => ({
    nodeSelector: { 'kubernetes.io/arch': 'arm64', ...labels },
    affinity: IN_ZONES,
    priorityClassName: 'web',
  });

  it('are those of the replicas', () => {
    const nodes = onEks({ 'eks.amazonaws.com/nodegroup': 'web' });
    expect(placed(PLACEMENT)).toEqual([nodes, nodes]);
    expect(placed(undefined)).toEqual([{}, {}]);
  });

  it('are not spot nodes, nor of their pool, when those of the replicas are', () => {
    expect(placed(ALL)).toEqual([onEks({}), onEks({})]);
  });

  it('are those that the worker asks for, with the architecture of the image', () => {
    const [worker, beat] = placed(
      { ...PLACEMENT, zones: undefined, priorityClassName: undefined },
      { scheduling: { nodePool: 'batch', spot: true }, taskTimeLimit: Duration.minutes(1) },
    );
    expect(worker.nodeSelector).toEqual({
      'kubernetes.io/arch': 'arm64',
      'eks.amazonaws.com/nodegroup': 'batch',
      'eks.amazonaws.com/capacityType': 'SPOT',
    });
    expect(beat.nodeSelector['eks.amazonaws.com/nodegroup']).toBe('web');
    const [other] = placed(
      { architecture: Architecture.ARM64 },
      { scheduling: { architecture: Architecture.AMD64 } },
    );
    expect(other.nodeSelector).toEqual({ 'kubernetes.io/arch': 'amd64' });
    expect(placed(PLACEMENT, { scheduling: {} })[0]).toEqual({
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
    });
  });

  it('may be spot nodes exactly when a task and the end of its worker fit into their notice', () => {
    const seconds = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(seconds, seconds, (notice, task) => {
        const spotNotice = Duration.seconds(notice);
        const scheduling = new NodeLabelScheduling({ spotLabels: { spot: 'true' }, spotNotice });
        const worker = { scheduling: { spot: true }, taskTimeLimit: Duration.seconds(task) };
        const made = () => placed(undefined, worker, Distribution.upstream({ scheduling }));
        if (task + 10 + 10 > notice) expect(made).toThrow('scheduling.spot');
        else expect(made).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it('may be spot nodes whose notice is not known', () => {
    const scheduling = new NodeLabelScheduling({ spotLabels: { spot: 'true' } });
    const [worker] = placed(undefined, { scheduling: { spot: true } }, Distribution.upstream({ scheduling }));
    expect(worker).toEqual({ nodeSelector: { spot: 'true' } });
  });
});

describe('replicas on spot nodes', () => {
  const on = (distribution: IDistribution, changes: Partial<DjangoAppProps>, route?: Duration) =>
    synth((chart) => {
      const app = django(chart, { scheduling: { spot: true }, ...changes });
      if (route) new PublicRoute(chart, 'Route', { app, hosts: [HOST], timeout: route });
    }, distribution);

  it('are made when their shutdown fits into the notice', () => {
    const requestTimeout = Duration.seconds(20);
    expect(() => on(sample('eks'), {})).not.toThrow();
    expect(() => on(sample('aks'), { requestTimeout })).not.toThrow();
    expect(() => on(sample('aks'), { requestTimeout }, requestTimeout)).not.toThrow();
  });

  it('are refused by the time of a route, whenever the route is made', () => {
    const define = (chart: Chart) => {
      const app = django(chart, { scheduling: { spot: true }, requestTimeout: Duration.seconds(20) });
      new PublicRoute(chart, 'Route', { app, hosts: [HOST], timeout: Duration.seconds(21) });
    };
    expect(errorOf(define, sample('aks'))).toContain('leaves a pod 30 s, and its shutdown takes 31 s');
  });

  it('are made without a comparison where the notice is not known', () => {
    const scheduling = new NodeLabelScheduling({ spotLabels: { spot: 'true' } });
    const distribution = Distribution.upstream({ clusterIssuer: 'letsencrypt', scheduling });
    expect(() => on(distribution, {}, Duration.minutes(10))).not.toThrow();
  });

  it('are refused exactly when the sum of their shutdown is longer than the notice', () => {
    const seconds = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(seconds, seconds, (notice, request) => {
        const scheduling = new NodeLabelScheduling({
          spotLabels: { spot: 'true' },
          spotNotice: Duration.seconds(notice),
        });
        const distribution = Distribution.upstream({ scheduling });
        const made = () => on(distribution, { requestTimeout: Duration.seconds(request) });
        if (5 + request + 5 > notice) expect(made).toThrow('scheduling.spot');
        else expect(made).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});

describe('a node with a migration', () => {
  const annotations = (distribution: IDistribution, kind: string) => {
    const manifests = synth((chart) => {
      const app = django(chart, { database: postgres(chart) });
      app.addCommand({ name: 'seed', command: ['seed'] });
    }, distribution);
    return manifests
      .filter((one) => one.kind === kind && one.metadata.name.startsWith('polls'))
      .map(({ metadata, spec }) => [
        metadata.name.startsWith('polls-migrate'),
        Object.entries(spec.template.metadata.annotations ?? {}).filter(
          ([name]) => !name.includes('checksum'),
        ),
      ]);
  };
  const SAFE = ['cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'];
  const KARPENTER = ['karpenter.sh/do-not-disrupt', 'true'];

  it.each<[string, IDistribution, string[][]]>([
    ['GKE', Distribution.gke({}), [SAFE]],
    // There it would ask for a node and for larger requests.
    ['GKE Autopilot', Distribution.gke({ autopilot: true }), []],
    ['EKS', Distribution.eks({}), [SAFE]],
    ['EKS Auto Mode', Distribution.eks({ autoMode: true }), [KARPENTER]],
    ['AKS', Distribution.aks({}), [SAFE]],
    ['AKS Automatic', Distribution.aks({ automatic: true }), [KARPENTER]],
    ['OpenShift', Distribution.openshift(), []],
    ['upstream', Distribution.upstream(), []],
    [
      'a cluster that says so',
      Distribution.upstream({ scheduling: new NodeLabelScheduling({ doNotDisruptAnnotations: { a: 'b' } }) }),
      [['a', 'b']],
    ],
  ])('is not taken away to save costs: %s', (_, distribution, expected) => {
    const jobs = annotations(distribution, 'Job').filter(([, found]: any) => found.length);
    expect(jobs).toEqual(expected.length ? [[true, expected]] : []);
    expect(annotations(distribution, 'Deployment').flatMap(([, found]: any) => found)).not.toContainEqual(
      expected[0] ?? SAFE,
    );
  });
});
