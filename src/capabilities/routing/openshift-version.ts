import { Construct } from 'constructs';
import { Problems } from '../../kubernetes/problems';
import { minorVersion } from '../../kubernetes/versions';
import { distributionOf } from '../../platform/binding';

/** The minor version of its Kubernetes. */
const OPENSHIFT_4_19 = 32;

/** What is asked for, and what to do where a cluster does not have it. */
export interface NewerOpenShift {
  readonly property: string;
  readonly value: unknown;
  /** What OpenShift does from 4.19 on. */
  readonly feature: string;
  readonly remedy: string;
}

/** Throws where the cluster is older than OpenShift 4.19. */
export function checkOpenShift419(
  scope: Construct,
  { property, value, feature, remedy }: NewerOpenShift,
): void {
  const { kubernetesVersion } = distributionOf(scope);
  if (minorVersion(kubernetesVersion)! >= OPENSHIFT_4_19) return;
  Problems.report(scope, {
    property,
    value,
    reason: `cannot be used on Kubernetes ${kubernetesVersion}: ${feature} from OpenShift 4.19 on, which is Kubernetes 1.32`,
    remedy: `${remedy}, or say that the cluster is newer: Distribution.openshift({ kubernetesVersion: "1.32" })`,
  });
}
