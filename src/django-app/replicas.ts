import * as k8s from 'cdk8s-plus-27/lib/imports/k8s';
import { Construct } from 'constructs';
import { InvalidInputError } from '../kubernetes/errors';
import { checkInteger } from '../kubernetes/numbers';
import { DjangoAppProps, Scaling } from './django-app-props';
import { checkMediaReplicas, isSingleNode } from './media';

const DEFAULT_REPLICAS = 2;
const DEFAULT_CPU_UTILIZATION = 75;

/** What their number depends on: an application's or a worker's. */
type ReplicaProps = Pick<DjangoAppProps, 'replicas' | 'scaling' | 'media'>;

/** How many instances run. */
export interface Replicas {
  /** Their number; none when an autoscaler decides it and the Deployment must not say. */
  readonly fixed?: number;
  readonly fewest: number;
}

/** The number of instances that the props ask for. */
export function replicasOf({ replicas, scaling, media }: ReplicaProps): Replicas {
  if (scaling) return { fewest: scaling.minReplicas };
  const fixed = replicas ?? (isSingleNode(media) ? 1 : DEFAULT_REPLICAS);
  return { fixed, fewest: fixed };
}

/** Checks the numbers and what they have to agree with. */
export function checkReplicas(scope: Construct, { replicas, scaling, media }: ReplicaProps): void {
  if (replicas !== undefined) {
    checkInteger(scope, 'replicas', replicas, { atLeast: 1 });
    if (media) checkMediaReplicas(scope, media, 'replicas', replicas);
  }
  if (!scaling) return;
  if (replicas !== undefined) {
    throw new InvalidInputError(scope, {
      property: 'replicas',
      value: replicas,
      reason: 'is given together with scaling, which would be undone by each apply',
      remedy: 'Give one of them',
    });
  }
  checkInteger(scope, 'scaling.minReplicas', scaling.minReplicas, { atLeast: 1 });
  checkInteger(scope, 'scaling.maxReplicas', scaling.maxReplicas, { atLeast: 1 });
  if (scaling.minReplicas > scaling.maxReplicas) {
    throw new InvalidInputError(scope, {
      property: 'scaling.minReplicas',
      value: scaling.minReplicas,
      reason: `is above scaling.maxReplicas ${scaling.maxReplicas}`,
      remedy: 'Lower it, or raise scaling.maxReplicas',
    });
  }
  const utilization = scaling.targetCpuUtilization ?? DEFAULT_CPU_UTILIZATION;
  checkInteger(scope, 'scaling.targetCpuUtilization', utilization, { atLeast: 1, atMost: 1000 });
  if (media) checkMediaReplicas(scope, media, 'scaling.maxReplicas', scaling.maxReplicas);
}

/** The autoscaler of the Deployment of that name. */
export function autoscalerSpec(name: string, scaling: Scaling): k8s.HorizontalPodAutoscalerSpecV2 {
  const averageUtilization = scaling.targetCpuUtilization ?? DEFAULT_CPU_UTILIZATION;
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } },
    ],
  };
}
