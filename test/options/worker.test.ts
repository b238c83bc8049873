import { Duration } from 'cdk8s';
import { WorkerProps } from 'cdk8s-django';
import { refused, row as plainRow, testOptions } from '../support/options';
import { django, find } from '../support/synth';

const row: typeof plainRow<WorkerProps> = plainRow;

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls-worker-mail').spec;
const container = (manifests: any[]) => deployment(manifests).template.spec.containers[0];
const after = (flag: string) => (manifests: any[]) => {
  const { command } = container(manifests);
  return command.includes(flag) ? command[command.indexOf(flag) + 1] : undefined;
};
const autoscaler = (manifests: any[]) => find(manifests, 'HorizontalPodAutoscaler', 'polls-worker-mail').spec;
const SCALING = { minReplicas: 1, maxReplicas: 9 };

testOptions<WorkerProps>(
  (chart, changes) =>
    django(chart, { celery: { broker: { url: 'redis://queue:6379/0' } } }).addWorker({
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
    concurrency: [row({ concurrency: 7 }, after('--concurrency'), '7')],
    taskTimeLimit: [
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
          return [minReplicas, maxReplicas, metrics[0].resource.target.averageUtilization];
        },
        [1, 9, 60],
      ),
      row(
        { scaling: { ...SCALING, targetQueueLength: 20 } },
        autoscaler,
        refused(
          'polls/Polls/Worker-mail-Scaling: scaling.targetQueueLength 20 is nothing that a HorizontalPodAutoscaler ' +
            'knows. Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out.',
        ),
      ),
    ],
    resources: [
      row(
        { resources: { cpuRequest: '1', cpuLimit: '2', memoryRequest: '300Mi', memoryLimit: '1Gi' } },
        (manifests) => container(manifests).resources,
        { requests: { cpu: '1', memory: '300Mi' }, limits: { cpu: '2', memory: '1Gi' } },
      ),
    ],
  },
);
