import { Construct } from 'constructs';
import { Traffic } from '../kubernetes/traffic';

/** A cloud that gives pods an identity. */
export enum IdentityCloud {
  /** Amazon Web Services. */
  AWS = 'aws',

  /** Microsoft Azure. */
  AZURE = 'azure',

  /** Google Cloud. */
  GOOGLE = 'google',
}

/** What makes the pods of a ServiceAccount act as an identity of the platform. */
export interface WorkloadIdentity {
  /**
   * Annotations of the ServiceAccount.
   *
   * @default - none
   */
  readonly serviceAccountAnnotations?: { [annotation: string]: string };

  /**
   * Labels of the pods.
   *
   * @default - none
   */
  readonly podLabels?: { [label: string]: string };

  /** What the pods connect to for their credentials. */
  readonly egress: Traffic[];

  /**
   * The cloud whose identity it is.
   *
   * @default - it is not known: what needs the identity of one cloud trusts that it is that one's
   */
  readonly cloud?: IdentityCloud;

  /**
   * The account of the platform that the pods act as: an e-mail address, an ARN, a client ID.
   *
   * @default - none: the platform gives rights to the ServiceAccount itself
   */
  readonly account?: string;

  /**
   * Commands to be run once, outside the cluster, a line each: they link the ServiceAccount with the account, and
   * leave in the shell variable `PRINCIPAL` what further commands give rights to.
   */
  readonly setup: string[];
}

/** How the pods of a distribution come by an identity of its platform, without a key. */
export interface IIdentity {
  /**
   * The identity of a ServiceAccount. Throws if the platform needs a fact for it that is not known.
   *
   * @param scope - the construct that the ServiceAccount belongs to
   * @param serviceAccountName - its name, in the namespace of the chart
   */
  identify(scope: Construct, serviceAccountName: string): WorkloadIdentity;
}
