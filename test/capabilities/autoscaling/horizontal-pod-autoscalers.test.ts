import { Chart, Duration } from 'cdk8s';
import {
  Distribution,
  DjangoAppProps,
  HealthMonitoring,
  IDistribution,
  Resource,
  Scaling,
} from 'cdk8s-django';
import { HorizontalPodAutoscalers, HorizontalPodAutoscalersProps } from 'cdk8s-django/autoscaling';
import { SAMPLES } from '../../support/distributions';
import { chartOn, django, errorOf, find, synth } from '../../support/synth';
import { autoscaled } from './support';

const REQUESTS = 'django_http_responses';

/** The spec of the HorizontalPodAutoscaler of an application whose metrics are scraped. */
function specOf(scaling: Partial<Scaling>, distribution?: IDistribution): any {
  const manifests = synth((chart) => {
    const app = django(chart, { scaling: { minReplicas: 2, maxReplicas: 10, ...scaling } });
    new HealthMonitoring(chart, 'Health', { app, metrics: {} });
  }, distribution);
  return find(manifests, 'HorizontalPodAutoscaler', 'polls').spec;
}

describe('a HorizontalPodAutoscaler', () => {
  it('follows the CPU alone, if nothing else is said', () => {
    expect(specOf({})).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'polls' },
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: 'web',
            target: { type: 'Utilization', averageUtilization: 75 },
          },
        },
      ],
    });
  });

  it('follows memory and requests besides, each by the replica', () => {
    const { metrics } = specOf({ targetMemoryUtilization: 90, targetRequestsPerSecond: 25 });
    expect(metrics.slice(1)).toEqual([
      {
        type: 'ContainerResource',
        containerResource: {
          name: 'memory',
          container: 'web',
          target: { type: 'Utilization', averageUtilization: 90 },
        },
      },
      {
        type: 'Pods',
        pods: { metric: { name: REQUESTS }, target: { type: 'AverageValue', averageValue: '25' } },
      },
    ]);
  });

  it.each([
    ['gke', 'prometheus.googleapis.com|django_http_responses_total|counter'],
    ['eks', REQUESTS],
    ['upstream', REQUESTS],
  ])('on %s finds the requests under the name of the adapter', (name, metric) => {
    const { make } = SAMPLES.find((sample) => sample.name === name)!;
    expect(specOf({ targetRequestsPerSecond: 25 }, make()).metrics[1].pods.metric.name).toBe(metric);
  });

  it('adds at once, and takes away late and little at a time', () => {
    expect(specOf({}).behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Percent', value: 100, periodSeconds: 30 },
          { type: 'Pods', value: 4, periodSeconds: 30 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 300,
        selectPolicy: 'Max',
        policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }],
      },
    });
  });

  it.each([
    [Duration.seconds(0), 0],
    [Duration.hours(1), 3600],
  ])('takes away when the load was low for as long as is said: %s', (scaleDownStabilization, seconds) => {
    const { behavior } = specOf({ scaleDownStabilization });
    expect(behavior.scaleDown.stabilizationWindowSeconds).toBe(seconds);
  });

  it('is told by the distribution what requests are called', () => {
    const all: Required<HorizontalPodAutoscalersProps> = {
      requestsMetric: 'requests_per_second',
      verticalPodAutoscaler: true,
    };
    const distribution = Distribution.openshift({ autoscaling: new HorizontalPodAutoscalers(all) });
    const [, metric] = specOf({ targetRequestsPerSecond: 25 }, distribution).metrics;
    expect(metric.pods.metric.name).toBe('requests_per_second');
  });

  it('is made of a request, whoever makes it', () => {
    const [hpa, ...others] = autoscaled(new HorizontalPodAutoscalers(), { targetCpuUtilization: 60 });
    expect(others).toEqual([]);
    expect(hpa).toMatchObject({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'polls-worker', namespace: 'polls', labels: { 'app.kubernetes.io/name': 'polls' } },
      spec: { minReplicas: 1, maxReplicas: 8, scaleTargetRef: { name: 'polls' } },
    });
  });
});

describe('HorizontalPodAutoscalers refuse', () => {
  const KEDA =
    'Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out.';
  const schedule = { start: '0 8 * * *', end: '0 18 * * *', timeZone: 'Europe/Vienna', replicas: 5 };
  const scaling = { minReplicas: 2, maxReplicas: 10 };
  const scaled = (changes: Partial<Scaling>, distribution?: IDistribution) =>
    errorOf((chart) => django(chart, { scaling: { ...scaling, ...changes } }), distribution);

  it('schedules', () => {
    expect(scaled({ schedules: [schedule] })).toBe(
      `polls/Polls: scaling.schedules ${JSON.stringify([schedule])} is not supported by HorizontalPodAutoscaler. ${KEDA}`,
    );
  });

  it('queues', () => {
    const queues = [{ url: 'redis://valkey:6379/0', list: 'celery', targetLength: 20 }];
    expect(() => autoscaled(new HorizontalPodAutoscalers(), { queues })).toThrow(
      `polls: scaling.targetQueueLength 20 is not supported by HorizontalPodAutoscaler. ${KEDA}`,
    );
  });

  it.each(['aks', 'openshift'])('requests where no adapter is known: on %s', (name) => {
    const { make } = SAMPLES.find((sample) => sample.name === name)!;
    expect(scaled({ targetRequestsPerSecond: 5 }, make())).toBe(
      'polls/Polls: scaling.targetRequestsPerSecond 5 needs a metric of requests, which the cluster is not known to ' +
        'have. Give the distribution autoscaling: new HorizontalPodAutoscalers({ requestsMetric: … }) where it has an ' +
        'adapter for custom metrics, or new KedaAutoscaling({ prometheus: … }) where it has KEDA.',
    );
  });

  it('requests that nobody counts', () => {
    expect(scaled({ targetRequestsPerSecond: 5 })).toBe(
      'Validation failed with the following errors:\n  [polls/Polls] scaling.targetRequestsPerSecond 5 needs the ' +
        'metrics of the application, which are not scraped. Make a HealthMonitoring of it with metrics, or call ' +
        'addMetrics or addMetricsPath where they are scraped otherwise.',
    );
  });
});

describe('percentages', () => {
  const scaling: Scaling = { minReplicas: 2, maxReplicas: 10, targetMemoryUtilization: 80 };
  const withContainer =
    (container: any, changes: Partial<DjangoAppProps> = {}) =>
    (chart: Chart) => {
      const app = django(chart, { scaling, ...changes });
      app.deployment.override({ spec: { template: { spec: container } } });
    };
  const message = (...resources: string[]) =>
    `Validation failed with the following errors:\n${resources
      .map(
        (resource) =>
          `  [polls/Polls] spec.template.spec.containers[0].resources.requests.${resource} (not given) is needed to ` +
          `scale Deployment "polls" by percentages. Give container "web" requests of ${resource}.`,
      )
      .join('\n')}`;

  it('are of the request of the application', () => {
    const none = { containers: [{ name: 'web', resources: { requests: null, limits: null } }] };
    expect(errorOf(withContainer(none))).toBe(message('cpu', 'memory'));
  });

  it.each([
    ['a container', { containers: [{ name: 'logs', image: 'logs:1' }] }],
    ['a sidecar', { initContainers: [{ name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' }] }],
  ])('are not of %s beside it, which idle would hide that the application is busy', (_, container) => {
    const manifests = synth(withContainer(container));
    const { metrics } = find(manifests, 'HorizontalPodAutoscaler', 'polls').spec;
    expect(metrics.map(({ type }: any) => type)).toEqual(['ContainerResource', 'ContainerResource']);
    expect(metrics.map(({ containerResource }: any) => containerResource.container)).toEqual(['web', 'web']);
  });

  it('are of the limit where there is no request', () => {
    const limited = {
      containers: [{ name: 'web', resources: { requests: null, limits: { cpu: '10m', memory: '10Mi' } } }],
    };
    expect(() => synth(withContainer(limited))).not.toThrow();
  });

  it('that are not asked for need none', () => {
    const extra = { containers: [{ name: 'logs', image: 'logs:1' }] };
    expect(() => synth(withContainer(extra, { scaling: undefined }))).not.toThrow();
  });
});

describe('recommendations', () => {
  const recommended = (distribution?: IDistribution) =>
    synth((chart) => django(chart, { recommendResources: true }), distribution);

  it.each([
    ['GKE Autopilot', () => Distribution.gke({ autopilot: true })],
    ['AKS Automatic', () => Distribution.aks({ automatic: true })],
    [
      'a cluster that is said to have it',
      () =>
        Distribution.openshift({
          autoscaling: new HorizontalPodAutoscalers({ verticalPodAutoscaler: true }),
        }),
    ],
  ])('are given by a VerticalPodAutoscaler that changes nothing: %s', (_name, make) => {
    expect(find(recommended(make()), 'VerticalPodAutoscaler', 'polls')).toMatchObject({
      apiVersion: 'autoscaling.k8s.io/v1',
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'polls' },
        updatePolicy: { updateMode: 'Off' },
      },
    });
  });

  it.each(SAMPLES)('are refused where no VerticalPodAutoscaler is known: $name', ({ make }) => {
    expect(() => recommended(make())).toThrow(
      'polls/Polls: recommendResources true needs a VerticalPodAutoscaler, which the cluster is not known to have. ' +
        'Give the distribution autoscaling: new HorizontalPodAutoscalers({ verticalPodAutoscaler: true, … }) where it ' +
        'has, or leave it out.',
    );
  });

  it('are a public field of the application', () => {
    const app = django(chartOn(Distribution.gke({ autopilot: true })), { recommendResources: true });
    expect(app.recommender).toBeInstanceOf(Resource);
    expect(app.autoscaler).toBeUndefined();
  });
});
