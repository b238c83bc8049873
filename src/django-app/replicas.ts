import { Construct } from 'constructs';
import { checkInteger } from '../kubernetes/numbers';
import { Problems } from '../kubernetes/problems';
import { DjangoAppProps } from './django-app-props';
import { checkMediaReplicas, isSingleNode } from './media';
import { ReplicaScaling } from './scaling';

const DEFAULT_REPLICAS = 2;

/** What their number depends on: an application's or a worker's. */
type ReplicaProps = Pick<DjangoAppProps, 'replicas' | 'media'> & { readonly scaling?: ReplicaScaling };

/** How many replicas run. */
export interface Replicas {
  /** Their number; none when an autoscaler decides it and the Deployment must not say. */
  readonly fixed?: number;
  readonly most: number;
}

/** The number of replicas that the props ask for. */
export function replicasOf({ replicas, scaling, media }: ReplicaProps): Replicas {
  if (scaling) return { most: scaling.maxReplicas };
  const fixed = replicas ?? (isSingleNode(media) ? 1 : DEFAULT_REPLICAS);
  return { fixed, most: fixed };
}

/** Checks the numbers and what they have to agree with. */
export function checkReplicas(scope: Construct, { replicas, scaling, media }: ReplicaProps): void {
  if (replicas !== undefined) {
    checkInteger(scope, 'replicas', replicas, { atLeast: 1 });
    if (media) checkMediaReplicas(scope, media, 'replicas', replicas);
  }
  if (!scaling) return;
  if (replicas !== undefined) {
    Problems.report(scope, {
      property: 'replicas',
      value: replicas,
      reason: 'is given together with scaling, which would be undone by each apply',
      remedy: 'Give one of them',
    });
  }
  if (media) checkMediaReplicas(scope, media, 'scaling.maxReplicas', scaling.maxReplicas);
}
