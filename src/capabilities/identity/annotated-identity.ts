import { Construct } from 'constructs';
import { isOwnLabel } from '../../kubernetes/labels';
import { checkAnnotationKeys, checkLabels } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { IIdentity, WorkloadIdentity } from '../../platform/identity';
import { checkTraffic, Traffic } from '../../kubernetes/traffic';

/** Identities of a cluster whose platform the library does not know. */
export interface AnnotatedIdentityProps {
  /**
   * The annotations of ServiceAccounts, by the name of the ServiceAccount: an application's is its name. One that needs
   * none has an empty entry.
   */
  readonly serviceAccountAnnotations: { [serviceAccount: string]: { [annotation: string]: string } };

  /**
   * Labels of the pods.
   *
   * @default - none
   */
  readonly podLabels?: { [label: string]: string };

  /**
   * What the pods connect to for their credentials.
   *
   * @default - port 443 of anything
   */
  readonly egress?: Traffic[];
}

/**
 * Identities by annotations alone: a cluster on a cloud whose webhook reads them, such as OpenShift on AWS with
 * `eks.amazonaws.com/role-arn`. It was not verified on OpenShift.
 *
 * Throws when:
 * - it does not have an entry for an application;
 * - a label or annotation is not a valid one.
 *
 * @example
 * Distribution.openshift({
 *   identity: new AnnotatedIdentity({
 *     serviceAccountAnnotations: { polls: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/polls' } },
 *   }),
 * });
 */
export class AnnotatedIdentity implements IIdentity {
  constructor(private readonly props: AnnotatedIdentityProps) {}

  identify(scope: Construct, serviceAccountName: string): WorkloadIdentity {
    const { podLabels, egress = [{ ports: [{ port: 443 }] }] } = this.props;
    checkTraffic(scope, 'identity.egress', egress);
    if (podLabels) checkPodLabels(scope, podLabels);
    return {
      serviceAccountAnnotations: this.annotationsOf(scope, serviceAccountName),
      podLabels,
      egress,
      setup: [],
    };
  }

  private annotationsOf(scope: Construct, serviceAccountName: string): { [annotation: string]: string } {
    const { serviceAccountAnnotations: all } = this.props;
    const property = `identity.serviceAccountAnnotations.${serviceAccountName}`;
    if (!Object.hasOwn(all, serviceAccountName)) {
      Problems.report(scope, {
        property,
        value: undefined,
        reason: `is needed for that ServiceAccount, and those of ${JSON.stringify(Object.keys(all))} alone are given`,
        remedy: 'Give its annotations, or {} when it needs none',
      });
    }
    checkAnnotationKeys(scope, property, Object.keys(all[serviceAccountName]));
    return all[serviceAccountName];
  }
}

function checkPodLabels(scope: Construct, labels: { [label: string]: string }): void {
  checkLabels(scope, 'identity.podLabels', labels);
  const own = Object.keys(labels).find(isOwnLabel);
  if (own === undefined) return;
  Problems.report(scope, {
    property: 'identity.podLabels',
    value: own,
    reason: 'is a label of the library, which its Deployments and Services find the pods by',
    remedy: 'Leave it out',
  });
}
