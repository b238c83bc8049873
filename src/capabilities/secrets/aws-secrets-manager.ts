import { Construct } from 'constructs';
import { SecretStoreSpecProviderAwsService as Service } from '../../../imports/external-secrets.io';
import { checkPlatformName } from '../../kubernetes/names';
import { Resource } from '../../kubernetes/resource';
import {
  checkStoredNames,
  externalSecret,
  namespaceStore,
  STORE_NAME,
  StoredNames,
  storeIdentity,
} from './external-secrets';
import { ISecrets, SecretRequest } from '../../platform/secrets';

/** Where secrets are in AWS. */
export interface AwsSecretsManagerProps {
  /** The region. */
  readonly region: string;
}

/**
 * AWS Secrets Manager, read by the External Secrets Operator: an ExternalSecret for each Secret and once a namespace a
 * SecretStore.
 *
 * With `roleArns: { 'secret-store': … }` the operator assumes that role by a ServiceAccount of the namespace. Without,
 * it reads with its own identity: a reference to a ServiceAccount does not go with Pod Identity.
 *
 * Throws when the region or the name of a stored secret is not a valid one.
 *
 * @see https://external-secrets.io/latest/provider/aws-access/
 * @example
 * Distribution.eks({ secrets: new AwsSecretsManager({ region: 'eu-west-1' }) });
 */
export class AwsSecretsManager implements ISecrets {
  constructor(private readonly props: AwsSecretsManagerProps) {}

  fetch(scope: Construct, request: SecretRequest): Resource[] {
    checkStoredNames(scope, request, SECRETS_MANAGER_NAMES);
    const region = checkPlatformName(scope, 'secrets.region', this.props.region);
    const store = namespaceStore(scope, () => {
      const identity = storeIdentity(scope);
      const irsa = identity?.account ? identity : undefined;
      return {
        provider: {
          aws: {
            service: Service.SECRETS_MANAGER,
            region,
            auth: irsa && { jwt: { serviceAccountRef: { name: STORE_NAME } } },
          },
        },
        identity: irsa,
        grants: READ_SECRETS_MANAGER,
      };
    });
    return [externalSecret(scope, request, store)];
  }
}

/** https://external-secrets.io/latest/provider/aws-secrets-manager/#iam-policy */
const READ_SECRETS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      Resource: '*',
    },
  ],
});

/** Which names Secrets Manager has. */
export const SECRETS_MANAGER_NAMES: StoredNames = {
  pattern: /^[\w/+=.@:-]{1,512}$/,
  store: 'Secrets Manager',
  remedy: 'Use letters, digits and "/_+=.@-", or give the ARN',
};

/** What lets the role `$PRINCIPAL` read the secrets. */
export const READ_SECRETS_MANAGER = [
  '# Narrow its Resource down to the secrets of this namespace.',
  `aws iam put-role-policy --role-name "$PRINCIPAL" --policy-name read-secrets --policy-document '${READ_SECRETS}'`,
];
