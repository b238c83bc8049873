import { App, Chart, Duration } from 'cdk8s';
import { Distribution, DjangoApp, HealthMonitoring } from 'cdk8s-django';
import { KedaAutoscaling } from 'cdk8s-django/autoscaling';
import { ArgoCdAnnotations, FluxAnnotations } from 'cdk8s-django/gitops';
import { manifestsFor } from 'cdk8s-django/testing';
import { IMixin } from 'constructs';
import { tryApply } from './support/kubectl';
import { pollsManifests } from './support/manifests';
import { Namespace } from './support/namespaces';

/** What the API server makes up itself, and makes up anew each time. */
const MADE_UP =
  /^(uid|creationTimestamp|resourceVersion|generation|managedFields|clusterIPs?|.*controller-uid)$/;
/** An engine would make a Job that went by itself again, so with it Jobs stay after their end. */
const GITOPS = /^(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io)\/|^ttlSecondsAfterFinished$/;

describe('what the example does not use', () => {
  const namespace = new Namespace('polls-options');

  beforeAll(() => namespace.create());
  afterAll(() => namespace.remove());

  test('is what the API server expects: a ScaledObject with every trigger, and its authentication', async () => {
    const autoscaling = new KedaAutoscaling({
      prometheus: {
        serverAddress: 'http://prometheus.monitoring.svc:9090',
        triggerAuthentication: 'prometheus',
      },
    });
    const manifests = manifestsFor(Distribution.upstream({ autoscaling }), (app) => {
      const chart = new Chart(app, 'polls', { namespace: namespace.name });
      const polls = new DjangoApp(chart, 'Polls', {
        name: 'polls',
        image: 'registry.example.com/polls:1.4.2',
        settingsModule: 'mysite.settings',
        scaling: {
          minReplicas: 2,
          maxReplicas: 9,
          targetMemoryUtilization: 80,
          targetRequestsPerSecond: 20,
          schedules: [{ start: '0 8 * * *', end: '0 18 * * *', timeZone: 'Europe/Vienna', replicas: 5 }],
        },
      });
      new HealthMonitoring(chart, 'Health', { app: polls, metrics: {} });
      const worker = new Chart(app, 'worker', { namespace: namespace.name });
      autoscaling.autoscale(worker, {
        name: 'polls-worker',
        labels: {},
        target: polls.deployment,
        container: 'web',
        minReplicas: 0,
        maxReplicas: 4,
        queues: [
          {
            url: 'rediss://valkey:6379/0',
            list: 'celery',
            targetLength: 20,
            password: { secretName: 'valkey', key: 'password' },
          },
        ],
        scaleDownStabilization: Duration.minutes(5),
      });
    }).filter(({ apiVersion }) => apiVersion.startsWith('keda.sh/'));

    const { stdout, stderr } = await tryApply(manifests, '--dry-run=server', '--validate=strict');

    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });

  test.each<[string, IMixin]>([
    ['Argo CD', new ArgoCdAnnotations()],
    ['Flux', new FluxAnnotations()],
  ])('changes nothing for kubectl: the order of %s', async (_engine, mixin) => {
    let chart: Chart | undefined;
    const plain = pollsManifests(namespace.name, { extend: (app) => (chart = Chart.of(app)) });
    chart!.with(mixin);
    const ordered = App.of(chart!).charts.flatMap((one) => one.toJson());
    expect(JSON.stringify(ordered)).toMatch(/argocd|fluxcd/);
    expect(await asApplied(ordered)).toEqual(await asApplied(plain));
  });
});

/** What the cluster would have after an apply, without what differs each time and what a GitOps engine reads. */
async function asApplied(manifests: any[]): Promise<any> {
  const { stdout, stderr } = await tryApply(manifests, '--server-side', '--dry-run=server', '--output=json');
  expect(stderr).toBe('');
  return JSON.parse(stdout, (key, value) => {
    if (MADE_UP.test(key) || GITOPS.test(key)) return undefined;
    return key === 'annotations' && Object.keys(value).length === 0 ? undefined : value;
  });
}
