import { Duration } from 'cdk8s';
import { CeleryWorkerProps } from 'cdk8s-django';
import { CeleryPool } from 'cdk8s-django/celery';
import {
  architectureRow,
  refused,
  resourcesRow,
  row as plainRow,
  rowOnEach as plainRowOnEach,
  testOptions,
} from '../support/options';
import { zonesOf } from '../support/scheduling';
import { django, find } from '../support/synth';

const row: typeof plainRow<CeleryWorkerProps> = plainRow;
const rowOnEach: typeof plainRowOnEach<CeleryWorkerProps> = plainRowOnEach;

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls-worker-mail').spec;
const pod = (manifests: any[]) => deployment(manifests).template.spec;
const container = (manifests: any[]) => pod(manifests).containers[0];
const isUnknown = (property: string, asked: string, fact: string) =>
  refused(
    `polls/Polls: scheduling.${property} ${asked} asks for nodes by a label that the distribution does not know. ` +
      `Leave it out, or give the distribution scheduling: new NodeLabelScheduling({ ${fact} }).`,
  );
const after = (flag: string) => (manifests: any[]) => {
  const { command } = container(manifests);
  return command.includes(flag) ? command[command.indexOf(flag) + 1] : undefined;
};
const ownVariables = (manifests: any[]) =>
  Object.fromEntries(
    container(manifests)
      .env.filter(({ name }: any) => name.startsWith('CDK8S_DJANGO_CELERY_'))
      .map(({ name, value }: any) => [name.replace('CDK8S_DJANGO_CELERY_', ''), value]),
  );
const autoscaler = (manifests: any[]) => find(manifests, 'HorizontalPodAutoscaler', 'polls-worker-mail').spec;
const SCALING = { minReplicas: 1, maxReplicas: 9 };

testOptions<CeleryWorkerProps>(
  (chart, changes) =>
    django(chart, { celery: { broker: { url: 'redis://queue:6379/0' } } }).addCeleryWorker({
      name: 'mail',
      ...changes,
    }),
  {
    name: [
      row(
        { name: 'reports' },
        (manifests) =>
          find(manifests, 'Deployment', 'polls-worker-reports').spec.selector.matchLabels[
            'app.kubernetes.io/component'
          ],
        'worker-reports',
      ),
    ],
    queues: [
      row({ queues: ['mail', 'news'] }, after('--queues'), 'mail,news'),
      row(
        { queues: [] },
        container,
        refused(
          'polls/Polls: queues [] is empty. Use letters, digits, "-", "_", "." and ":", or leave queues out to mean ' +
            'the default one.',
        ),
      ),
    ],
    pool: [
      row({ pool: CeleryPool.GEVENT }, (manifests) => container(manifests).command.slice(8), [
        ...['--pool', 'gevent', '--concurrency', '10', '--time-limit', '300', '--without-gossip'],
      ]),
      row({ pool: CeleryPool.THREADS }, (manifests) => container(manifests).command.slice(8), [
        ...['--pool', 'threads', '--concurrency', '10', '--without-gossip'],
      ]),
      row(
        { pool: 'solo' as CeleryPool },
        container,
        refused(
          'polls/Polls: pool "solo" is not a pool whose main loop gives signs of life while a task runs. ' +
            'Use one of prefork, threads, gevent; concurrency 1 runs one task at a time.',
        ),
      ),
    ],
    concurrency: [row({ concurrency: 7 }, after('--concurrency'), '7')],
    taskTimeLimit: [
      row({ taskTimeLimit: Duration.minutes(2) }, ownVariables, {
        TASK_TIME_LIMIT: '120',
        FIT_MEMORY: 'true',
      }),
      row({ concurrency: 2 }, ownVariables, {}),
      row({ taskTimeLimit: Duration.minutes(2) }, after('--soft-time-limit'), '120'),
      row(
        { taskTimeLimit: Duration.minutes(2) },
        (manifests) => deployment(manifests).template.spec.terminationGracePeriodSeconds,
        140,
      ),
    ],
    replicas: [row({ replicas: 5 }, (manifests) => deployment(manifests).replicas, 5)],
    scaling: [
      row(
        { scaling: { ...SCALING, targetCpuUtilization: 60 } },
        (manifests) => {
          const { minReplicas, maxReplicas, metrics } = autoscaler(manifests);
          return [minReplicas, maxReplicas, metrics[0].containerResource.target.averageUtilization];
        },
        [1, 9, 60],
      ),
      row(
        { scaling: { ...SCALING, targetQueueLength: 20 } },
        autoscaler,
        refused(
          'polls/Polls/Worker-mail-Scaling: scaling.targetQueueLength 20 is not supported by ' +
            'HorizontalPodAutoscaler. Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out.',
        ),
      ),
    ],
    resources: [resourcesRow(container)],
    scheduling: [
      architectureRow(pod),
      row(
        { scheduling: { priorityClassName: 'batch' } },
        (manifests) => pod(manifests).priorityClassName,
        'batch',
      ),
      row({ scheduling: { zones: ['zone-a'] } }, (manifests) => zonesOf(pod(manifests)), [
        { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['zone-a'] }] },
      ]),
      rowOnEach({ scheduling: { nodePool: 'batch' } }, (manifests) => pod(manifests).nodeSelector, {
        gke: { 'cloud.google.com/compute-class': 'batch' },
        eks: { 'eks.amazonaws.com/nodegroup': 'batch' },
        aks: { 'kubernetes.azure.com/agentpool': 'batch' },
        openshift: isUnknown('nodePool', '"batch"', 'nodePoolLabel: "…"'),
        upstream: isUnknown('nodePool', '"batch"', 'nodePoolLabel: "…"'),
      }),
      rowOnEach(
        { scheduling: { spot: true }, taskTimeLimit: Duration.seconds(10) },
        (manifests) => pod(manifests).nodeSelector,
        {
          gke: refused(
            'polls/Polls: scheduling.spot true leaves a pod 15 s, and its shutdown takes 10 s task + 10 s to end it + ' +
              '10 s worker = 30 s. Tell the distribution of a longer notice, by spotNotice of its scheduling.',
          ),
          eks: { 'eks.amazonaws.com/capacityType': 'SPOT' },
          aks: { 'kubernetes.azure.com/scalesetpriority': 'spot' },
          openshift: isUnknown('spot', 'true', 'spotLabels: { … }'),
          upstream: isUnknown('spot', 'true', 'spotLabels: { … }'),
        },
      ),
    ],
  },
);
