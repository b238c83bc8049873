import { Construct } from 'constructs';
import { checkPlatformName } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import {
  checkStoredNames,
  externalSecret,
  namespaceStore,
  STORE_NAME,
  storeIdentity,
} from './external-secrets';
import { ISecrets, SecretRequest } from '../../platform/secrets';

/** Where secrets are in Google Cloud. */
export interface GoogleSecretManagerProps {
  /** ID of the project whose Secret Manager has them. */
  readonly projectId: string;
}

/**
 * Google Secret Manager, read by the External Secrets Operator with a ServiceAccount of the namespace: an ExternalSecret
 * for each Secret, and once a namespace a SecretStore and that ServiceAccount, `secret-store`.
 *
 * Throws when the project or the name of a stored secret is not a valid one.
 *
 * @see https://external-secrets.io/latest/provider/google-secrets-manager/
 * @example
 * Distribution.gke({ secrets: new GoogleSecretManager({ projectId: 'acme' }) });
 */
export class GoogleSecretManager implements ISecrets {
  constructor(private readonly props: GoogleSecretManagerProps) {}

  fetch(scope: Construct, request: SecretRequest): Resource[] {
    checkStoredNames(scope, request, {
      pattern: /^[\w-]{1,255}$/,
      store: 'Secret Manager',
      remedy: 'Use letters, digits, "-" and "_"',
    });
    const projectId = checkPlatformName(scope, 'secrets.projectId', this.props.projectId);
    const store = namespaceStore(scope, () => ({
      provider: {
        gcpsm: {
          projectId,
          auth: { workloadIdentity: { serviceAccountRef: { name: STORE_NAME } } },
        },
      },
      identity: storeIdentity(scope) ?? { egress: [], setup: [] },
      grants: [
        `gcloud projects add-iam-policy-binding ${projectId} --role=roles/secretmanager.secretAccessor \\`,
        '  --member="$PRINCIPAL"',
      ],
    }));
    return [externalSecret(scope, request, store)];
  }
}
