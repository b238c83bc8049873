import { Chart, Duration } from 'cdk8s';
import { DjangoApp, LeastPrivilegeAccess, ProcessPlacement, ProcessProps, StopSignal } from 'cdk8s-django';
import { SAMPLES } from '../support/distributions';
import { django, find, findAll, IMAGE, postgres, synth } from '../support/synth';

const COMMAND = ['python', 'manage.py', 'qcluster'];

function made(extend: (app: DjangoApp, chart: Chart) => void, distribution = SAMPLES[4].make()): any[] {
  return synth((chart) => extend(django(chart, { database: postgres(chart) }), chart), distribution);
}
const process = (props: Partial<ProcessProps> = {}, distribution = SAMPLES[4].make()) =>
  made((app) => app.addProcess({ name: 'queue', command: COMMAND, ...props }), distribution);
const deploymentOf = (manifests: any[]) => find(manifests, 'Deployment', 'polls-process-queue').spec;
const webPodOf = (manifests: any[]) => find(manifests, 'Deployment', 'polls').spec.template.spec;
const BESIDE = { placement: ProcessPlacement.WEB_PODS };

describe('[F28] [F42] a process of its own pods', () => {
  it('is the command in the image, with all that a replica has, after the schema is there', () => {
    const manifests = process();
    const { template, replicas } = deploymentOf(manifests);
    const [container] = template.spec.containers;
    const [web] = webPodOf(manifests).containers;
    expect([replicas, container.command, container.image]).toEqual([2, COMMAND, IMAGE]);
    for (const key of ['env', 'envFrom', 'volumeMounts', 'resources', 'securityContext']) {
      expect(container[key]).toEqual(web[key]);
    }
    expect(template.spec.initContainers.map(({ name }: any) => name)).toEqual(['wait-for-schema']);
    for (const key of ['startupProbe', 'readinessProbe', 'livenessProbe', 'lifecycle', 'ports']) {
      expect(container).not.toHaveProperty(key);
    }
  });

  it('has a budget, and the policies of network and database let it through', () => {
    const manifests = made((app, chart) => {
      app.addProcess({ name: 'queue', command: COMMAND });
      new LeastPrivilegeAccess(chart, 'Access', { app });
    });
    expect(find(manifests, 'PodDisruptionBudget', 'polls-process-queue').spec.maxUnavailable).toBe(1);
    for (const policy of ['polls-jobs', 'polls-db']) {
      expect(JSON.stringify(find(manifests, 'NetworkPolicy', policy).spec)).toContain('process-queue');
    }
  });

  it('has no budget when it is one pod', () => {
    expect(findAll(process({ replicas: 1 }), 'PodDisruptionBudget')).toHaveLength(0);
  });

  it('is sent another signal than the image has by a hook that waits as long as it may take', () => {
    const { template } = deploymentOf(
      process({ stopSignal: StopSignal.SIGINT, stopTimeout: Duration.seconds(90) }),
    );
    expect(template.spec.terminationGracePeriodSeconds).toBe(95);
    expect(template.spec.containers[0].lifecycle.preStop.exec.command).toEqual([
      ...['python', '-IS', '-c', 'import os, signal, time; os.kill(1, signal.SIGINT); time.sleep(90)'],
    ]);
  });

  it('is restarted when the file that it touches is too old, without an interpreter', () => {
    const { template, progressDeadlineSeconds } = deploymentOf(
      process({ probe: { file: '/tmp/alive', startupTime: Duration.minutes(20) } }),
    );
    const [{ startupProbe, livenessProbe }] = template.spec.containers;
    expect(livenessProbe.exec.command[0]).toBe('sh');
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(1200);
    expect(progressDeadlineSeconds).toBeGreaterThan(1200);
  });

  it.each(SAMPLES)('is made on $name', ({ make }) => {
    expect(
      deploymentOf(process({ probe: { command: ['true'] } }, make())).template.spec.containers[0].command,
    ).toEqual(COMMAND);
  });
});

describe('[F42] a process in the pod of each replica', () => {
  it('is a container beside the server, and makes nothing else', () => {
    const manifests = process(BESIDE);
    const [web, own] = webPodOf(manifests).containers;
    expect([own.name, own.command, own.env]).toEqual(['process-queue', COMMAND, web.env]);
    expect(findAll(manifests, 'Deployment')).toHaveLength(
      findAll(
        made(() => undefined),
        'Deployment',
      ).length,
    );
  });

  it('has the pod end after the slower of the two', () => {
    const gracePeriod = (stopTimeout: Duration) =>
      webPodOf(process({ ...BESIDE, stopTimeout })).terminationGracePeriodSeconds;
    expect(gracePeriod(Duration.minutes(10))).toBe(605);
    expect(gracePeriod(Duration.seconds(1))).toBe(
      webPodOf(made(() => undefined)).terminationGracePeriodSeconds,
    );
  });

  it('counts its connections with each replica', () => {
    made((app) => {
      app.addProcess({ name: 'queue', command: COMMAND, databaseConnections: 2, ...BESIDE });
      expect(app.databaseConnections.slice(-1)).toEqual([
        { description: 'polls: 4 replicas at once × 2 of process queue', count: 8 },
      ]);
    });
  });
});
