import * as fc from 'fast-check';
import { ApiObject, App, Chart } from 'cdk8s';
import { ConcurrencyPolicy, Distribution, LeastPrivilegeAccess, Problems } from 'cdk8s-django';
import { CloudNativePostgres } from 'cdk8s-django/postgres';
import { NamespaceLimits, NamespaceLimitsProps, OtherPods } from 'cdk8s-django/security';
import { sample, SAMPLES } from '../support/distributions';
import { chartOn, django, errorOf, find, postgres, synth } from '../support/synth';

const SMALL = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } };
const SAID = { cpuRequest: '1', memoryRequest: '1Gi' };

const container = (resources: unknown = SMALL, rest = {}) => ({
  name: 'one',
  image: 'one',
  resources,
  ...rest,
});
const template = (spec: unknown = {}) => ({
  metadata: {},
  spec: { containers: [container()], ...(spec as any) },
});

/** A workload of somebody else. */
function add(chart: Chart, kind: string, spec: any, name = 'one', apiVersion = 'apps/v1'): void {
  new ApiObject(chart, `${kind}-${name}`, { apiVersion, kind, metadata: { name }, ...{ spec } });
}

/** The quota without a margin, of what a function adds. */
function hardOf(define: (chart: Chart) => void, props: NamespaceLimitsProps = { marginPercent: 0 }): any {
  const manifests = synth((chart) => {
    new NamespaceLimits(chart, 'Limits', props);
    define(chart);
  });
  return find(manifests, 'ResourceQuota', 'polls-limits').spec.hard;
}

const podsOf = (kind: string, spec: any) => Number(hardOf((chart) => add(chart, kind, spec)).pods);

describe.each(SAMPLES)('on $name', ({ make }) => {
  it('a quota and a range are made of the application', () => {
    const manifests = synth((chart) => {
      new NamespaceLimits(chart, 'Limits');
      django(chart, { database: undefined });
    }, make());
    const { metadata, spec } = find(manifests, 'ResourceQuota', 'polls-limits');
    expect(metadata.namespace).toBe('polls');
    expect(Object.keys(spec.hard)).toEqual(
      expect.arrayContaining([
        'limits.memory',
        'pods',
        'requests.cpu',
        'requests.memory',
        'requests.storage',
      ]),
    );
    const [{ type, default: limits, defaultRequest }] = find(manifests, 'LimitRange', 'polls-limits').spec
      .limits;
    expect(type).toBe('Container');
    // A processor's limit would throttle the program's own containers, which have none.
    expect(Object.keys(limits)).not.toContain('cpu');
    expect(Object.keys(defaultRequest)).toEqual(expect.arrayContaining(['cpu', 'memory']));
  });
});

describe('the most pods', () => {
  it.each([
    ['Pod', {}, 1],
    ['StatefulSet', { replicas: 3 }, 3],
    ['ReplicaSet', { replicas: 3 }, 3],
    // The Job of a release and that of the one before it.
    ['Job', {}, 2],
    ['Job', { parallelism: 3, completions: 2 }, 4],
    // One of the surge, and as many as end: 30 seconds are more than a rollout of four takes.
    ['Deployment', { replicas: 4, minReadySeconds: 5, strategy: rolling(1, 0) }, 9],
    // Each 20 seconds one begins to end.
    ['Deployment', { replicas: 4, minReadySeconds: 20, strategy: rolling(1, 0) }, 7],
    ['Deployment', { replicas: 4, minReadySeconds: 20, strategy: rolling('50%', '25%') }, 10],
    ['Deployment', { replicas: 4 }, 9],
    ['Deployment', {}, 3],
    ['Deployment', { replicas: 0 }, 0],
    ['Deployment', { replicas: 4, strategy: { type: 'Recreate' } }, 4],
  ])('of a %s %j are %i', (kind, spec, most) => {
    const manifest = kind === 'Pod' ? template().spec : { ...spec, template: template() };
    const others = most ? 0 : 1;
    const hard = hardOf((chart) => {
      add(chart, kind, manifest);
      if (others) add(chart, 'Pod', template().spec, 'other');
    });
    expect(Number(hard.pods)).toBe(most + others);
  });

  it.each([
    ['Forbid', false, 1],
    ['Replace', false, 2],
    ['Allow', true, 1],
  ])('of a CronJob with %s, suspended %s, are %i', (concurrencyPolicy, suspend, most) => {
    const spec = { concurrencyPolicy, suspend, jobTemplate: { spec: { template: template() } } };
    expect(podsOf('CronJob', spec)).toBe(most);
  });

  function rolling(maxSurge: unknown, maxUnavailable: unknown): any {
    return { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } };
  }

  it('follow the maximum of the autoscaler, whichever makes it', () => {
    const deployment = { minReadySeconds: 1000, template: template(), strategy: rolling(1, 0) };
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'one' };
    const scaled = (kind: string, spec: any) =>
      hardOf((chart) => {
        add(chart, 'Deployment', deployment);
        add(chart, kind, spec, 'scaler', 'autoscaling/v2');
      }).pods;
    expect(scaled('HorizontalPodAutoscaler', { scaleTargetRef: target, maxReplicas: 7 })).toBe('9');
    expect(scaled('ScaledObject', { scaleTargetRef: { name: 'one' }, maxReplicaCount: 5 })).toBe('7');
    expect(scaled('ScaledObject', { scaleTargetRef: { name: 'one' } })).toBe('102');
  });

  it('have one for a command by hand, of each application', () => {
    const pods = (names: string[]) =>
      Number(
        hardOf((chart) =>
          names.forEach((name) =>
            django(chart, { name, replicas: 1, secretKey: { secretName: 'own', key: 'key' } }, name),
          ),
        ).pods,
      );
    // A replica, one of the surge, one that ends, a command by hand, and clearsessions.
    const one = pods(['polls']);
    expect(one).toBeGreaterThanOrEqual(4);
    expect(pods(['polls', 'shop'])).toBe(2 * one);
  });
});

describe('what a pod counts', () => {
  it('is the sum of its containers, or what runs before them with the sidecars that run then', () => {
    const cpu = (value: string, rest = {}) => container({ requests: { cpu: value, memory: '1Mi' } }, rest);
    const always = { restartPolicy: 'Always' };
    const of = (initContainers: any[], overhead?: any) =>
      hardOf((chart) =>
        add(chart, 'Pod', { initContainers, containers: [cpu('300m'), cpu('200m')], overhead }),
      )['requests.cpu'];
    expect(of([])).toBe('500m');
    expect(of([cpu('400m')])).toBe('500m');
    expect(of([cpu('700m')])).toBe('700m');
    expect(of([cpu('100m', always), cpu('450m')])).toBe('600m');
    expect(of([cpu('450m'), cpu('100m', always)])).toBe('600m');
    expect(of([cpu('100m', always), cpu('550m')])).toBe('650m');
    expect(of([cpu('100m', always), cpu('550m')], { cpu: '250m' })).toBe('900m');
  });

  it('agrees with the phases of a pod, each as what runs in it', () => {
    const one = fc.record({ cpu: fc.integer({ min: 1, max: 3000 }), isSidecar: fc.boolean() });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), fc.integer({ min: 1, max: 3000 }), (inits, main) => {
        // In phase n the container n runs, with the sidecars before it; in the last one all sidecars and the main one.
        const phases = [...inits, { cpu: main, isSidecar: false }].map(
          ({ cpu }, index) =>
            cpu +
            inits
              .slice(0, index)
              .reduce((sum, { cpu: other, isSidecar }) => sum + (isSidecar ? other : 0), 0),
        );
        const hard = hardOf((chart) =>
          add(chart, 'Pod', {
            initContainers: inits.map(({ cpu, isSidecar }) =>
              container(
                { requests: { cpu: `${cpu}m`, memory: '1Mi' } },
                isSidecar ? { restartPolicy: 'Always' } : {},
              ),
            ),
            containers: [container({ requests: { cpu: `${main}m`, memory: '1Mi' } })],
          }),
        );
        const text: string = hard['requests.cpu'];
        const milli = text.endsWith('m') ? parseInt(text, 10) : Number(text) * 1000;
        expect(milli).toBe(Math.max(...phases));
      }),
      { numRuns: 60 },
    );
  });

  it('takes a limit without a request for both, and the resources of a pod for those of its containers', () => {
    const limits = { cpu: '2', memory: '1Gi' };
    expect(hardOf((chart) => add(chart, 'Pod', { containers: [container({ limits })] }))).toMatchObject({
      'limits.cpu': '2',
      'requests.cpu': '2',
      'requests.memory': '1Gi',
    });
    const resources = { requests: { cpu: '3', memory: '2Gi' } };
    expect(hardOf((chart) => add(chart, 'Pod', { resources, containers: [container()] }))).toMatchObject({
      'requests.cpu': '3',
      'requests.memory': '2Gi',
    });
  });

  it('leaves out what not all pods say, in the range too', () => {
    const both = { requests: SMALL.requests, limits: { cpu: '1', memory: '128Mi' } };
    const define = (resources: any[]) => (chart: Chart) =>
      resources.forEach((one, index) => add(chart, 'Pod', { containers: [container(one)] }, `pod-${index}`));
    const range = (resources: any[], otherPods?: OtherPods[]) => {
      const manifests = synth((chart) => {
        new NamespaceLimits(chart, 'Limits', { otherPods });
        define(resources)(chart);
      });
      return find(manifests, 'LimitRange', 'polls-limits').spec.limits;
    };
    expect(hardOf(define([both, both]))).toHaveProperty(['limits.cpu'], '2');
    expect(hardOf(define([both, SMALL]))).not.toHaveProperty(['limits.cpu']);
    expect(range([both])).toEqual([
      {
        type: 'Container',
        default: { cpu: '1', memory: '128Mi' },
        defaultRequest: { cpu: '100m', memory: '64Mi' },
      },
    ]);
    const large = { requests: { cpu: '10m', memory: '1Gi' }, limits: { memory: '1Gi' } };
    expect(range([both, large])).toEqual([
      { type: 'Container', default: { memory: '128Mi' }, defaultRequest: { cpu: '10m', memory: '64Mi' } },
    ]);
    // A default would be a limit below their request.
    const agents = { madeBy: 'agent', pods: 1, resources: { cpuRequest: '2', memoryRequest: '512Mi' } };
    expect(range([both], [agents])).toEqual([
      { type: 'Container', defaultRequest: { cpu: '100m', memory: '64Mi' } },
    ]);
  });
});

describe('claims', () => {
  const claim = (storage: string) => ({ resources: { requests: { storage } } });

  it('count by their sizes, also those that workloads make', () => {
    const hard = hardOf((chart) => {
      add(chart, 'PersistentVolumeClaim', claim('5Gi'), 'media', 'v1');
      const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claim('1Gi') } } }];
      add(chart, 'StatefulSet', {
        replicas: 2,
        volumeClaimTemplates: [{ spec: claim('10Gi') }],
        template: template(),
      });
      add(chart, 'Pod', { ...template().spec, volumes });
    });
    expect(hard).toMatchObject({ persistentvolumeclaims: '4', 'requests.storage': '26Gi' });
  });

  it('count those of pods that a CronJob keeps after their end', () => {
    const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: claim('10Gi') } } }];
    const jobTemplate = { spec: { template: { spec: { ...template().spec, volumes } } } };
    const most = (history: object) => {
      const hard = hardOf((chart) => {
        add(chart, 'CronJob', { concurrencyPolicy: 'Forbid', ...history, jobTemplate });
      });
      return [hard.pods, hard.persistentvolumeclaims, hard['requests.storage']];
    };
    // Kubernetes keeps three that succeeded and one that failed.
    expect(most({})).toEqual(['1', '5', '50Gi']);
    expect(most({ successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 1 })).toEqual(['1', '2', '20Gi']);
  });

  it('count those of the library', () => {
    const hard = hardOf((chart) => {
      django(chart, { database: postgres(chart) });
    });
    expect(hard).toMatchObject({ persistentvolumeclaims: '1', 'requests.storage': '20Gi' });
  });
});

it('knows all charts of the namespace and no other one', () => {
  const app = new App();
  Distribution.bind(app, sample('upstream'));
  const limits = new NamespaceLimits(new Chart(app, 'security', { namespace: 'polls' }), 'Limits', {
    marginPercent: 0,
  });
  add(new Chart(app, 'one', { namespace: 'polls' }), 'Pod', template().spec);
  add(new Chart(app, 'two', { namespace: 'polls' }), 'Pod', template().spec);
  add(new Chart(app, 'other', { namespace: 'other' }), 'Pod', template().spec);
  expect(limits.resourceQuota.toJson().spec.hard.pods).toBe('2');
});

it('is among the kinds of those who deploy', () => {
  const manifests = synth((chart) => {
    const app = django(chart);
    new LeastPrivilegeAccess(chart, 'Access', { app, deployers: ['pipeline'] });
    new NamespaceLimits(chart, 'Limits');
  });
  const { rules } = find(manifests, 'Role', 'polls-deployer');
  const [core] = rules.filter(({ apiGroups }: any) => apiGroups[0] === '');
  expect(core.resources).toEqual(expect.arrayContaining(['limitranges', 'resourcequotas']));
});

describe('errors', () => {
  const problems = (define: (chart: Chart) => void, props?: NamespaceLimitsProps): string[] => {
    const chart = chartOn();
    new NamespaceLimits(chart, 'Limits', props);
    define(chart);
    return Problems.of(chart.node.root).map(({ path, message }) => `${path}: ${message}`);
  };

  it('name what makes pods without a bound, and what to do', () => {
    expect(problems((chart) => add(chart, 'DaemonSet', { template: template() }))).toEqual([
      'polls/DaemonSet-one: kind "DaemonSet" has pods whose number its manifest does not bound, so NamespaceLimits cannot ' +
        'count them. Name it in otherPods of NamespaceLimits, with madeBy "DaemonSet/one" and the most pods that it has.',
    ]);
    const nightly = (chart: Chart) =>
      django(chart).addScheduledCommand({
        name: 'nightly',
        command: ['nightly'],
        schedule: '0 4 * * *',
        concurrencyPolicy: ConcurrencyPolicy.ALLOW,
      });
    expect(problems(nightly)).toEqual([
      expect.stringContaining(
        'Give it the concurrencyPolicy Forbid, or name it in otherPods of NamespaceLimits, with madeBy ' +
          '"CronJob/polls-nightly" and the most pods that it has.',
      ),
    ]);
  });

  it('name the operator of a database, until its pods are named', () => {
    const openshift = Distribution.openshift({ postgres: new CloudNativePostgres() });
    const define = (props?: NamespaceLimitsProps) => (chart: Chart) => {
      new NamespaceLimits(chart, 'Limits', props);
      django(chart, { database: postgres(chart) });
    };
    expect(errorOf(define(), openshift)).toContain('with madeBy "Cluster/polls-db"');
    const resources = { cpuRequest: '500m', memoryRequest: '1Gi', memoryLimit: '1Gi' };
    const named = define({
      otherPods: [{ madeBy: 'Cluster/polls-db', pods: 4, resources, storage: '20Gi' }],
    });
    expect(synth(named, openshift).length).toBeGreaterThan(5);
  });

  it('take a DaemonSet that is named', () => {
    const resources = { cpuRequest: '10m', memoryRequest: '64Mi' };
    const hard = hardOf((chart) => add(chart, 'DaemonSet', { template: template() }), {
      marginPercent: 0,
      otherPods: [{ madeBy: 'DaemonSet/one', pods: 12, resources }],
    });
    expect(hard.pods).toBe('12');
  });

  it('ask for requests, where they can be counted', () => {
    expect(problems((chart) => add(chart, 'Pod', { containers: [container({})] }))).toEqual([
      'polls/Pod-one: spec.containers[0].resources.requests.cpu (not given) is not a quantity that NamespaceLimits can ' +
        'count. Give each container a request, such as "100m" of cpu and "128Mi" of memory.',
      'polls/Pod-one: spec.containers[0].resources.requests.memory (not given) is not a quantity that NamespaceLimits can ' +
        'count. Give each container a request, such as "100m" of cpu and "128Mi" of memory.',
    ]);
  });

  it('ask for the overhead of a RuntimeClass', () => {
    const pod = (overhead?: any) =>
      problems((chart) => add(chart, 'Pod', { ...template({ runtimeClassName: 'gvisor' }).spec, overhead }));
    expect(pod()).toEqual([
      'polls/Pod-one: spec.runtimeClassName "gvisor" may add an overhead to each pod, which NamespaceLimits does not ' +
        'know. Give spec.overhead as the RuntimeClass has it, {} if it has none.',
    ]);
    expect(pod({ memory: '10Mi' })).toEqual([]);
  });

  it('name what a VerticalPodAutoscaler changes', () => {
    const resized = (updateMode?: string) =>
      problems((chart) => {
        add(chart, 'Deployment', { template: template() });
        const targetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'one' };
        const spec = { targetRef, ...(updateMode && { updatePolicy: { updateMode } }) };
        add(chart, 'VerticalPodAutoscaler', spec, 'one', 'autoscaling.k8s.io/v1');
      });
    expect(resized('Off')).toEqual([]);
    expect(resized()).toEqual([
      expect.stringContaining('Set its updateMode to "Off", or name it in otherPods'),
    ]);
  });

  it('refuse a namespace without pods', () => {
    expect(problems(() => undefined)).toEqual([
      'polls/Limits: namespace "polls" has no pods of this program, of which NamespaceLimits are derived. Put it into a ' +
        'chart of the namespace that has the pods.',
    ]);
  });

  it.each([
    [{ marginPercent: -1 }, 'marginPercent -1'],
    [{ otherPods: [{ madeBy: ' ', pods: 1, resources: SAID }] }, 'otherPods.madeBy " " is empty'],
    [{ otherPods: [{ madeBy: 'x', pods: 0, resources: SAID }] }, 'otherPods.pods 0'],
    [
      { otherPods: [{ madeBy: 'x', pods: 1, resources: { cpuRequest: '1' } }] },
      'do not say requests.memory, which the quota counts. Give cpuRequest such as "500m" and memoryRequest such as "1Gi".',
    ],
    [{ otherPods: [{ madeBy: 'x', pods: 1, resources: SAID, storage: '10' }] }, 'otherPods.storage "10"'],
  ])('refuse %j', (props, message) => {
    expect(errorOf((chart) => new NamespaceLimits(chart, 'Limits', props))).toContain(message);
  });
});
