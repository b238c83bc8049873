import { Duration } from 'cdk8s';
import { TaskWorkerProps } from 'cdk8s-django';
import { architectureRow, refused, resourcesRow, row as plainRow, testOptions } from '../support/options';
import { django, find, postgres } from '../support/synth';

const row: typeof plainRow<TaskWorkerProps> = plainRow;

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls-tasks-mail').spec;
const pod = (manifests: any[]) => deployment(manifests).template.spec;
const container = (manifests: any[]) => pod(manifests).containers[0];
const after = (flag: string) => (manifests: any[]) => {
  const { command } = container(manifests);
  return command[command.indexOf(flag) + 1];
};
const pruning = (manifests: any[]) =>
  find(manifests, 'CronJob', 'polls-prune-mail').spec.jobTemplate.spec.template.spec.containers[0].command;
const SCALING = { minReplicas: 1, maxReplicas: 9 };

testOptions<TaskWorkerProps>(
  (chart, changes) =>
    django(chart, { database: postgres(chart) }).addTaskWorker({ name: 'mail', ...changes }),
  {
    name: [
      row(
        { name: 'reports' },
        (manifests) =>
          find(manifests, 'Deployment', 'polls-tasks-reports').spec.selector.matchLabels[
            'app.kubernetes.io/component'
          ],
        'tasks-reports',
      ),
    ],
    queues: [
      row({ queues: ['mail', 'news'] }, after('--queues'), 'mail,news'),
      row({ queues: ['mail', 'news'] }, (manifests) => pruning(manifests).slice(5), [
        ...['prune_db_task_results', '--queue-name', 'mail,news', '--min-age-days', '14'],
      ]),
    ],
    concurrency: [row({ concurrency: 7 }, after('--processes'), '7')],
    taskTimeLimit: [
      row({ taskTimeLimit: Duration.minutes(2) }, after('--time-limit'), '120'),
      row(
        { taskTimeLimit: Duration.minutes(2) },
        (manifests) => pod(manifests).terminationGracePeriodSeconds,
        140,
      ),
    ],
    maxAttempts: [row({ maxAttempts: 1 }, after('--attempts'), '1')],
    resultRetention: [
      row({ resultRetention: Duration.days(2) }, (manifests) => pruning(manifests).slice(-1), ['2']),
    ],
    replicas: [row({ replicas: 5 }, (manifests) => deployment(manifests).replicas, 5)],
    scaling: [
      row(
        { scaling: { ...SCALING, targetCpuUtilization: 60 } },
        (manifests) => {
          const { spec } = find(manifests, 'HorizontalPodAutoscaler', 'polls-tasks-mail');
          return [
            spec.minReplicas,
            spec.maxReplicas,
            spec.metrics[0].containerResource.target.averageUtilization,
          ];
        },
        [1, 9, 60],
      ),
      row(
        { scaling: { ...SCALING, targetQueueLength: 20 } },
        deployment,
        refused(
          'polls/Polls/TaskWorker-mail-Scaling: scaling.targetQueueLength 20 is not supported by ' +
            'HorizontalPodAutoscaler. Give the distribution autoscaling: new KedaAutoscaling() where the cluster has KEDA, or leave it out.',
        ),
      ),
    ],
    resources: [resourcesRow(container)],
    scheduling: [architectureRow(pod)],
  },
);
