import { Construct } from 'constructs';
import { checkResourceName, ONE_LINE } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { checkStoredNames, externalSecret, SecretStoreKind } from './external-secrets';
import { ISecrets, SecretRequest } from '../../platform/secrets';

/** A store of the External Secrets Operator that the cluster has. */
export interface ExistingSecretStoreProps {
  /** Its name. */
  readonly name: string;

  /**
   * `ClusterSecretStore`, or `SecretStore` for one in each namespace.
   *
   * @default SecretStoreKind.CLUSTER_SECRET_STORE
   */
  readonly kind?: SecretStoreKind;
}

/**
 * A store of the External Secrets Operator that the operators of the cluster have made, with anything behind it. It
 * makes an ExternalSecret for each Secret.
 *
 * Throws when the name or kind of the store or the name of a stored secret is not a valid one.
 *
 * @see https://external-secrets.io/latest/api/clustersecretstore/
 * @example
 * Distribution.upstream({ secrets: new ExistingSecretStore({ name: 'vault' }) });
 */
export class ExistingSecretStore implements ISecrets {
  constructor(private readonly props: ExistingSecretStoreProps) {}

  fetch(scope: Construct, request: SecretRequest): Resource[] {
    const { name, kind = SecretStoreKind.CLUSTER_SECRET_STORE } = this.props;
    checkResourceName(scope, 'secrets.name', name);
    if (kind !== SecretStoreKind.CLUSTER_SECRET_STORE && kind !== SecretStoreKind.SECRET_STORE) {
      Problems.report(scope, {
        property: 'secrets.kind',
        value: kind,
        reason: 'is not a kind of store',
        remedy: 'Use "ClusterSecretStore" or "SecretStore"',
      });
    }
    checkStoredNames(scope, request, { pattern: ONE_LINE, store: 'a store', remedy: 'Give one line' });
    return [externalSecret(scope, request, { kind, name })];
  }
}
