import { Duration } from 'cdk8s';
import { ProcessPlacement, ProcessProps, StopSignal } from 'cdk8s-django';
import { architectureRow, refused, resourcesRow, row as plainRow, testOptions } from '../support/options';
import { django, find, postgres } from '../support/synth';

const row: typeof plainRow<ProcessProps> = plainRow;

const deployment = (manifests: any[]) => find(manifests, 'Deployment', 'polls-process-queue').spec;
const pod = (manifests: any[]) => deployment(manifests).template.spec;
const container = (manifests: any[]) => pod(manifests).containers[0];

testOptions<ProcessProps>(
  (chart, changes) =>
    django(chart, { database: postgres(chart) }).addProcess({ name: 'queue', command: ['work'], ...changes }),
  {
    name: [
      row(
        { name: 'mail' },
        (manifests) =>
          find(manifests, 'Deployment', 'polls-process-mail').spec.selector.matchLabels[
            'app.kubernetes.io/component'
          ],
        'process-mail',
      ),
    ],
    command: [
      row({ command: ['python', 'manage.py', 'qcluster'] }, (manifests) => container(manifests).command, [
        ...['python', 'manage.py', 'qcluster'],
      ]),
    ],
    placement: [
      row(
        { placement: ProcessPlacement.WEB_PODS },
        (manifests) =>
          find(manifests, 'Deployment', 'polls').spec.template.spec.containers.map(({ name }: any) => name),
        ['web', 'process-queue'],
      ),
    ],
    stopTimeout: [
      row(
        { stopTimeout: Duration.minutes(2) },
        (manifests) => pod(manifests).terminationGracePeriodSeconds,
        125,
      ),
    ],
    stopSignal: [
      row(
        { stopSignal: StopSignal.SIGINT },
        (manifests) => container(manifests).lifecycle?.preStop.exec.command,
        [...['python', '-IS', '-c'], 'import os, signal, time; os.kill(1, signal.SIGINT); time.sleep(30)'],
      ),
    ],
    probe: [
      row(
        { probe: { file: '/tmp/alive', maxAge: Duration.seconds(30) } },
        (manifests) => container(manifests).livenessProbe?.exec.command,
        ['sh', '-c', 'test $(($(date +%s) - $(stat -c %Y /tmp/alive))) -le 30'],
      ),
      row(
        { probe: { command: ['queue', 'status'] } },
        (manifests) => container(manifests).startupProbe?.exec.command,
        ['queue', 'status'],
      ),
    ],
    databaseConnections: [
      row(
        { databaseConnections: 200, replicas: 1 },
        deployment,
        refused(
          'Validation failed with the following errors:\n' +
            '  [polls/Database] maxConnections 250 leaves 247 connections, fewer than the 442 that may be open at once: ' +
            '40 (polls: 4 replicas at once × 2 processes × 5) + 2 (polls: migration) + ' +
            '400 (polls: 2 pods of process queue at once × 200). ' +
            'Raise it or resources.memoryLimit, or lower replicas, processes or threads, or set poolSize or use a pooler.',
        ),
      ),
    ],
    replicas: [row({ replicas: 5 }, (manifests) => deployment(manifests).replicas, 5)],
    scaling: [
      row(
        { scaling: { minReplicas: 1, maxReplicas: 9, targetCpuUtilization: 60 } },
        (manifests) => {
          const { spec } = find(manifests, 'HorizontalPodAutoscaler', 'polls-process-queue');
          return [
            spec.minReplicas,
            spec.maxReplicas,
            spec.metrics[0].containerResource.target.averageUtilization,
          ];
        },
        [1, 9, 60],
      ),
    ],
    resources: [resourcesRow(container)],
    scheduling: [architectureRow(pod)],
  },
);
