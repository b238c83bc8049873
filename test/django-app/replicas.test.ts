import { Duration } from 'cdk8s';
import { DjangoAppProps, Probe, VolumeAccessMode } from 'cdk8s-django';
import { django, djangoManifests, find, postgres, synth } from '../support/synth';

const deployment = (changes: Partial<DjangoAppProps>) =>
  find(djangoManifests(changes), 'Deployment', 'polls').spec;

describe('replicas', () => {
  it('are as many as replicas says', () => {
    expect(deployment({ replicas: 4 }).replicas).toBe(4);
    expect(djangoManifests({ replicas: 4 }).some(({ kind }) => kind === 'HorizontalPodAutoscaler')).toBe(
      false,
    );
  });

  it('are not counted in the Deployment when an autoscaler counts them, which each apply would undo', () => {
    expect(deployment({ scaling: { minReplicas: 2, maxReplicas: 10 } })).not.toHaveProperty('replicas');
  });

  it('follow the use of the CPU between the bounds', () => {
    const manifests = djangoManifests({ scaling: { minReplicas: 2, maxReplicas: 10 } });
    expect(find(manifests, 'HorizontalPodAutoscaler', 'polls').spec).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'polls' },
      minReplicas: 2,
      maxReplicas: 10,
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

  it('keep to the CPU use that was asked for', () => {
    const manifests = djangoManifests({
      scaling: { minReplicas: 1, maxReplicas: 2, targetCpuUtilization: 40 },
    });
    const [metric] = find(manifests, 'HorizontalPodAutoscaler', 'polls').spec.metrics;
    expect(metric.containerResource.target.averageUtilization).toBe(40);
  });

  it('are one more during a rollout, and never one fewer', () => {
    expect(deployment({}).strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  it('spread over nodes and zones, each release by itself, and run all the same where they cannot', () => {
    const { topologySpreadConstraints } = deployment({}).template.spec;
    expect(topologySpreadConstraints.map(({ topologyKey }: any) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const constraint of topologySpreadConstraints) {
      expect(constraint).toMatchObject({
        maxSkew: 1,
        whenUnsatisfiable: 'ScheduleAnyway',
        matchLabelKeys: ['pod-template-hash'],
      });
    }
  });

  it.each([
    [{ replicas: 3 }, 3],
    [{}, 2],
    [{ scaling: { minReplicas: 1, maxReplicas: 5 } }, 5],
    [{ media: { mountPath: '/media', size: '1Gi', accessMode: VolumeAccessMode.READ_WRITE_ONCE } }, 1],
  ])('with %j are at most %i', (changes, most) => {
    let maxReplicas = 0;
    synth((chart) => ({ maxReplicas } = django(chart, changes)));
    expect(maxReplicas).toBe(most);
  });
});

describe('a rollout', () => {
  const specWith = (changes: Partial<DjangoAppProps>) =>
    find(
      synth((chart) => django(chart, { database: postgres(chart), ...changes })),
      'Deployment',
      'polls',
    ).spec;

  it('adds a replica before it takes one away', () => {
    expect(deployment({}).strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  it('counts a replica when it has been ready for a while, and keeps some ReplicaSets to look at', () => {
    expect(deployment({})).toMatchObject({ minReadySeconds: 5, revisionHistoryLimit: 3 });
  });

  it('is reported as failed after ten minutes, and the time that the migration was given', () => {
    expect(deployment({}).progressDeadlineSeconds).toBe(600);
    expect(specWith({}).progressDeadlineSeconds).toBe(600);
    expect(specWith({ migrationDeadline: Duration.minutes(30) }).progressDeadlineSeconds).toBe(2400);
    const without = specWith({ migrate: false, migrationDeadline: Duration.minutes(30) });
    expect(without.progressDeadlineSeconds).toBe(600);
  });

  it('is not reported as failed while its first replica may still be starting', () => {
    const starting = (startup: Probe) =>
      find(
        synth((chart) => django(chart).changeProbes({ startup })),
        'Deployment',
        'polls',
      ).spec.progressDeadlineSeconds;
    expect(starting({ failureThreshold: 120 })).toBe(600);
    expect(starting({ failureThreshold: 200, period: Duration.seconds(10) })).toBe(2300);
  });
});
