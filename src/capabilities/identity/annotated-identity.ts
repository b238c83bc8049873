import { Construct } from 'constructs';
import { checkLabels } from '../../kubernetes/names';
import { checkTraffic, Traffic } from '../../kubernetes/network-policies';
import { checkAnnotationKeys } from '../routing/facts';
import { IIdentity, WorkloadIdentity } from './identity';

/** Identities of a cluster whose platform the library does not know. */
export interface AnnotatedIdentityProps {
  /** The annotations of ServiceAccounts, by the name of the ServiceAccount: an application's is its name. */
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
    const annotations = this.props.serviceAccountAnnotations[serviceAccountName];
    const property = `identity.serviceAccountAnnotations.${serviceAccountName}`;
    checkAnnotationKeys(scope, property, Object.keys(annotations ?? {}));
    checkLabels(scope, 'identity.podLabels', podLabels ?? {});
    checkTraffic(scope, 'identity.egress', egress);
    return {
      serviceAccountAnnotations: annotations,
      podLabels,
      egress,
      setup: [],
    };
  }
}
