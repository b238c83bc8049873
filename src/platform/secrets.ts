import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { Resource } from '../kubernetes/resource';

/** A value in the platform's secret store. */
export interface StoredValue {
  /** Name of the secret in the store. */
  readonly secret: string;

  /**
   * Property of it, when its value is a JSON object.
   *
   * @default - the whole value
   */
  readonly property?: string;

  /**
   * Its version, as the store counts them.
   *
   * @default - the newest
   */
  readonly version?: string;
}

/** A Secret whose values are in the platform's store. */
export interface SecretRequest {
  /** Name of the Secret. */
  readonly name: string;

  /** Labels of the resources. */
  readonly labels: { [label: string]: string };

  /** The values, by the key that each has in the Secret. */
  readonly values: { [key: string]: StoredValue };

  /**
   * How often the values are fetched again, in whole seconds.
   *
   * @default - the store decides
   */
  readonly refreshInterval?: Duration;
}

/** The secret store of a distribution. */
export interface ISecrets {
  /** Makes what fetches a Secret from the store. Throws if the store cannot have a secret of such a name. */
  fetch(scope: Construct, request: SecretRequest): Resource[];
}
