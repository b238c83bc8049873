import { App, Chart, Duration } from 'cdk8s';
import { Distribution } from 'cdk8s-django';
import {
  KedaAutoscaling,
  KedaAutoscalingProps,
  KedaPrometheus,
  PrometheusAuthMode,
  TriggerAuthenticationKind,
} from 'cdk8s-django/autoscaling';
import { AutoscaleRequest, ScalingQueue } from 'cdk8s-django/platform';
import { chartOn, django, errorOf, findAll, synth } from '../../support/synth';
import { autoscaled } from './support';

const PROMETHEUS: Required<KedaPrometheus> = {
  serverAddress: 'https://thanos.example.com:9092',
  requestsMetric: 'requests_total',
  namespaced: true,
  authModes: [PrometheusAuthMode.BEARER],
  triggerAuthentication: 'thanos',
  triggerAuthenticationKind: TriggerAuthenticationKind.CLUSTER_TRIGGER_AUTHENTICATION,
};
const ALL: Required<KedaAutoscalingProps> = {
  namespace: 'openshift-keda',
  prometheus: PROMETHEUS,
  limitsRequired: true,
  verticalPodAutoscaler: true,
};
type OfRedis = 'url' | 'password' | 'certificateSecret' | 'list' | 'targetLength';
const QUEUE: Required<Pick<ScalingQueue, OfRedis>> = {
  url: 'rediss://valkey.example.com:6380/3',
  password: { secretName: 'valkey', key: 'password' },
  certificateSecret: { secretName: 'valkey-ca', key: 'ca.crt' },
  list: 'mail',
  targetLength: 15,
};
const SCHEDULE = { start: '0 8 * * 1-5', end: '0 18 * * 1-5', timeZone: 'Europe/Vienna', replicas: 5 };

const made = (changes: Partial<AutoscaleRequest>, props?: KedaAutoscalingProps) =>
  autoscaled(new KedaAutoscaling(props), changes);
const triggersOf = (changes: Partial<AutoscaleRequest>, props?: KedaAutoscalingProps) =>
  made(changes, props)[0].spec.triggers;

describe('a ScaledObject', () => {
  it('of the fewest fields scales between the numbers, and takes over the autoscaler before it', () => {
    const [scaledObject, ...others] = made({ targetCpuUtilization: 75 });
    expect(others).toEqual([]);
    expect(scaledObject).toMatchObject({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: {
        name: 'polls-worker',
        annotations: { 'scaledobject.keda.sh/transfer-hpa-ownership': 'true' },
      },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'polls' },
        minReplicaCount: 1,
        maxReplicaCount: 8,
        advanced: { horizontalPodAutoscalerConfig: { name: 'polls-worker' } },
        triggers: [
          { type: 'cpu', metricType: 'Utilization', metadata: { value: '75', containerName: 'web' } },
        ],
      },
    });
  });

  it('changes the number as fast as a HorizontalPodAutoscaler would', () => {
    const [{ spec }] = made({ targetCpuUtilization: 75, scaleDownStabilization: Duration.minutes(2) });
    const { behavior } = spec.advanced.horizontalPodAutoscalerConfig;
    expect(behavior.scaleUp.policies).toHaveLength(2);
    expect(behavior.scaleDown.stabilizationWindowSeconds).toBe(120);
  });

  it.each([
    [0, Duration.minutes(2), 120],
    [0, Duration.seconds(0), 0],
    [1, Duration.minutes(2), undefined],
  ])(
    'with at least %s replicas takes the last one away after %s: %s',
    (minReplicas, scaleDownStabilization, seconds) => {
      const [{ spec }] = made({ minReplicas, scaleDownStabilization, queues: [QUEUE] });
      expect(spec.cooldownPeriod).toBe(seconds);
    },
  );

  it('has a trigger for each target', () => {
    const changes: Required<AutoscaleRequest> = {
      name: 'polls',
      labels: {},
      target: django(chartOn()).deployment,
      container: 'web',
      minReplicas: 2,
      maxReplicas: 6,
      targetCpuUtilization: 70,
      targetMemoryUtilization: 80,
      targetRequestsPerSecond: 30,
      queues: [QUEUE],
      queries: [],
      schedules: [SCHEDULE],
      scaleDownStabilization: Duration.minutes(1),
    };
    const [scaledObject, authentication] = made(changes, ALL);
    expect(scaledObject.spec.triggers).toEqual([
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '70', containerName: 'web' } },
      { type: 'memory', metricType: 'Utilization', metadata: { value: '80', containerName: 'web' } },
      {
        type: 'prometheus',
        metadata: {
          serverAddress: 'https://thanos.example.com:9092',
          query: 'sum(rate(requests_total{namespace="polls",job="polls"}[2m]))',
          threshold: '30',
          namespace: 'polls',
          authModes: 'bearer',
        },
        authenticationRef: { kind: 'ClusterTriggerAuthentication', name: 'thanos' },
      },
      {
        type: 'redis',
        metadata: {
          address: 'valkey.example.com:6380',
          databaseIndex: '3',
          listName: 'mail',
          listLength: '15',
          enableTLS: 'true',
        },
        authenticationRef: { kind: 'TriggerAuthentication', name: 'polls-queue' },
      },
      {
        type: 'cron',
        metadata: {
          timezone: 'Europe/Vienna',
          start: '0 8 * * 1-5',
          end: '0 18 * * 1-5',
          desiredReplicas: '5',
        },
      },
    ]);
    expect(authentication).toMatchObject({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: { name: 'polls-queue' },
      spec: {
        secretTargetRef: [
          { parameter: 'password', name: 'valkey', key: 'password' },
          { parameter: 'ca', name: 'valkey-ca', key: 'ca.crt' },
        ],
      },
    });
  });

  it('asks a Prometheus of the fewest props for the library’s counter, else that of django-prometheus', () => {
    const props = { prometheus: { serverAddress: 'http://prometheus:9090' } };
    const [{ metadata, authenticationRef }] = triggersOf({ targetRequestsPerSecond: 30 }, props);
    expect(metadata).toEqual({
      serverAddress: 'http://prometheus:9090',
      query:
        'sum(rate(django_http_responses_total{namespace="polls",job="polls-worker"}[2m])) or ' +
        'sum(rate(django_http_requests_before_middlewares_total{namespace="polls",job="polls-worker"}[2m]))',
      threshold: '30',
    });
    expect(authenticationRef).toBeUndefined();
  });

  it('names an authentication of its own namespace unless it is one of the cluster', () => {
    const prometheus = { ...PROMETHEUS, triggerAuthenticationKind: undefined };
    const [{ authenticationRef }] = triggersOf({ targetRequestsPerSecond: 30 }, { prometheus });
    expect(authenticationRef.kind).toBe('TriggerAuthentication');
  });

  it.each([
    ['redis://valkey', 'valkey.polls.svc:6379', '0', 'false'],
    ['valkey://valkey:6400/1', 'valkey.polls.svc:6400', '1', 'false'],
    ['rediss://10.0.0.7/2', '10.0.0.7:6379', '2', 'true'],
    ['redis://valkey.backends.svc:6379', 'valkey.backends.svc:6379', '0', 'false'],
  ])(
    'asks the queue at %s from another namespace, without a password',
    (url, address, databaseIndex, tls) => {
      const [scaledObject, ...others] = made({ queues: [{ url, list: 'celery', targetLength: 20 }] });
      expect(others).toEqual([]);
      expect(scaledObject.spec.triggers).toEqual([
        {
          type: 'redis',
          metadata: { address, databaseIndex, listName: 'celery', listLength: '20', enableTLS: tls },
        },
      ]);
    },
  );

  it.each(['password', 'ca'])('has an authentication for a queue that has the %s alone', (parameter) => {
    const value = { secretName: 'valkey', key: 'value' };
    const secret = parameter === 'ca' ? { certificateSecret: value } : { password: value };
    const [, authentication] = made({
      queues: [{ url: 'rediss://valkey.example.com', list: 'celery', targetLength: 20, ...secret }],
    });
    expect(authentication.spec.secretTargetRef).toEqual([{ parameter, name: 'valkey', key: 'value' }]);
  });

  it('has an authentication for each queue with a password', () => {
    const [scaledObject, ...others] = made({
      minReplicas: 0,
      queues: [QUEUE, { ...QUEUE, list: 'reports' }],
    });
    const names = ['polls-worker-queue', 'polls-worker-queue-2'];
    expect(scaledObject.spec.minReplicaCount).toBe(0);
    expect(scaledObject.spec.triggers.map((trigger: any) => trigger.authenticationRef.name)).toEqual(names);
    expect(others.map(({ metadata }: any) => metadata.name)).toEqual(names);
  });
});

describe('KedaAutoscaling', () => {
  it('tells from where queues are asked', () => {
    const clients = (namespace: string) => [
      { namespaceLabels: { 'kubernetes.io/metadata.name': namespace } },
    ];
    expect(new KedaAutoscaling().queueClients).toEqual(clients('keda'));
    expect(new KedaAutoscaling({ namespace: 'openshift-keda' }).queueClients).toEqual(
      clients('openshift-keda'),
    );
  });

  it('is what AKS Automatic scales by, in the namespace of its add-on, and never beside another autoscaler', () => {
    const distribution = Distribution.aks({ automatic: true });
    expect(distribution.autoscaling.queueClients).toEqual([
      { namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    ]);
    const manifests = synth(
      (chart) => django(chart, { scaling: { minReplicas: 2, maxReplicas: 9, schedules: [SCHEDULE] } }),
      distribution,
    );
    expect(findAll(manifests, 'ScaledObject')).toHaveLength(1);
    expect(findAll(manifests, 'HorizontalPodAutoscaler')).toEqual([]);
    expect(findAll(manifests, 'Deployment')[0].spec).not.toHaveProperty('replicas');
  });

  it('recommends resources where the cluster can', () => {
    const distribution = Distribution.upstream({ autoscaling: new KedaAutoscaling(ALL) });
    const manifests = synth((chart) => django(chart, { recommendResources: true }), distribution);
    expect(findAll(manifests, 'VerticalPodAutoscaler')).toHaveLength(1);
  });

  it('demands limits where the cluster does', () => {
    const autoscaling = new KedaAutoscaling({ limitsRequired: true });
    const distribution = Distribution.openshift({ autoscaling });
    const scaling = { minReplicas: 2, maxReplicas: 9 };
    expect(errorOf((chart) => django(chart, { scaling }), distribution)).toBe(
      'Validation failed with the following errors:\n  [polls/Polls] ' +
        'spec.template.spec.containers[0].resources.limits.cpu (not given) is needed to scale ' +
        'Deployment "polls" by percentages. Give container "web" limits of cpu.',
    );
    const resources = { cpuLimit: '1' };
    expect(() => synth((chart) => django(chart, { scaling, resources }), distribution)).not.toThrow();
  });
});

describe('KedaAutoscaling refuses', () => {
  const URL_REMEDY = 'Give scheme, host, port and database, such as "redis://cache:6379/0", and no password.';

  it.each(['cache:6379', 'http://cache:6379', 'redis://', 'redis://user:secret@cache:6379'])(
    'the URL %s of a queue',
    (url) => {
      expect(() => made({ queues: [{ url, list: 'celery', targetLength: 1 }] })).toThrow(
        `polls: celery.broker.url "${url.replace(':secret@', ':…@')}" is not the URL of a broker that KEDA can ask. ${URL_REMEDY}`,
      );
    },
  );

  it('requests without a Prometheus', () => {
    expect(() => made({ targetRequestsPerSecond: 5 })).toThrow(
      'polls: scaling.targetRequestsPerSecond 5 needs a Prometheus server, and none is given to KEDA. Give the ' +
        'distribution autoscaling: new KedaAutoscaling({ prometheus: { serverAddress: … } }).',
    );
  });

  it('a name that no label can have, of an application and its worker together', () => {
    const scaling = { minReplicas: 0, maxReplicas: 5, targetQueueLength: 20 };
    const withNames = (name: string, worker: string) => (chart: Chart) =>
      django(chart, { name, celery: { broker: { url: 'redis://queue.example.com' } } }).addCeleryWorker({
        name: worker,
        scaling,
      });
    const keda = Distribution.upstream({ autoscaling: new KedaAutoscaling() });
    const [app, worker] = ['a'.repeat(40), 'b'.repeat(16)];
    expect(errorOf(withNames(app, worker), keda)).toBe(
      `polls/Polls/Worker-${worker}-Scaling: name "${app}-worker-${worker}" has 64 characters, and KEDA makes the ` +
        'value of a label of it. Shorten the name of the application or of its worker, by 1.',
    );
    expect(() => synth(withNames(app, worker.slice(1)), keda)).not.toThrow();
  });

  it('a bad name of an authentication', () => {
    const prometheus = { ...PROMETHEUS, triggerAuthentication: 'Thanos' };
    expect(() => made({ targetRequestsPerSecond: 5 }, { prometheus })).toThrow(
      'polls: autoscaling.prometheus.triggerAuthentication "Thanos" is not a name that Kubernetes takes. Use ' +
        'lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit.',
    );
  });

  it('what needs a namespace in a chart without one', () => {
    const nowhere = () => {
      const app = new App();
      Distribution.bind(app, Distribution.upstream());
      return new Chart(app, 'polls');
    };
    const keda = new KedaAutoscaling({ prometheus: PROMETHEUS });
    const queues = [{ url: 'redis://valkey:6379', list: 'celery', targetLength: 1 }];
    expect(() => autoscaled(keda, { queues }, nowhere())).toThrow(
      'polls: celery.broker.url "redis://valkey:6379" names a Service without its namespace, in which KEDA does not run. ' +
        'Give the chart a namespace, or the whole name of the host.',
    );
    expect(() => autoscaled(keda, { targetRequestsPerSecond: 5 }, nowhere())).toThrow(
      'polls: scaling.targetRequestsPerSecond 5 needs a namespace, by which the metrics of the application are told ' +
        'from others. Give the chart a namespace.',
    );
  });

  it('recommendations where no VerticalPodAutoscaler is known', () => {
    const distribution = Distribution.upstream({ autoscaling: new KedaAutoscaling() });
    expect(errorOf((chart) => django(chart, { recommendResources: true }), distribution)).toBe(
      'polls/Polls: recommendResources true needs a VerticalPodAutoscaler, which the cluster is not known to have. ' +
        'Give the distribution autoscaling: new KedaAutoscaling({ verticalPodAutoscaler: true, … }) where it has, or ' +
        'leave it out.',
    );
  });
});
