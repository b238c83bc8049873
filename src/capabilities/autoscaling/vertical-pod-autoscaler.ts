import { Construct } from 'constructs';
import { InvalidInputError } from '../../kubernetes/errors';
import { Resource } from '../../kubernetes/resource';
import { RecommendationRequest } from '../../platform/autoscaling';

/**
 * A VerticalPodAutoscaler that recommends CPU and memory and changes nothing: beside an autoscaler that scales by
 * percentages of the requests, anything else would move what those are percentages of.
 *
 * @see https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/verticalpodautoscaler
 */
export function verticalPodAutoscaler(
  scope: Construct,
  { name, labels, target }: RecommendationRequest,
): Resource {
  return new Resource(scope, 'VerticalPodAutoscaler', {
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    metadata: { name, labels },
    spec: {
      targetRef: { apiVersion: target.apiVersion, kind: target.kind, name: target.name },
      updatePolicy: { updateMode: 'Off' },
    },
  } as any);
}

/** The error of a cluster that has no VerticalPodAutoscaler. */
export function noVerticalPodAutoscaler(scope: Construct, autoscaling: string): InvalidInputError {
  return new InvalidInputError(scope, {
    property: 'recommendResources',
    value: true,
    reason: 'needs a VerticalPodAutoscaler, which the cluster is not known to have',
    remedy: `Give the distribution autoscaling: new ${autoscaling}({ verticalPodAutoscaler: true, … }) where it has, or leave it out`,
  });
}
