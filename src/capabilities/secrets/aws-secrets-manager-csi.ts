import { Construct } from 'constructs';
import { checkPlatformName } from '../../kubernetes/names';
import { Problems } from '../../kubernetes/problems';
import { Resource } from '../../kubernetes/resource';
import { AwsIdentity } from '../identity/aws-identity';
import { READ_SECRETS_MANAGER, SECRETS_MANAGER_NAMES } from './aws-secrets-manager';
import { checkStoredNames } from './external-secrets';
import { fileOf, secretProviderClass } from './secret-provider-class';
import { ISecrets, SecretRequest, StoredValue } from '../../platform/secrets';

/** Where secrets are in AWS, for the Secrets Store CSI driver. */
export interface AwsSecretsManagerCsiProps {
  /** The region. */
  readonly region: string;

  /**
   * Name of the cluster.
   *
   * @default - the commands of `identity.txt` take it from the shell variable CLUSTER
   */
  readonly clusterName?: string;
}

/**
 * AWS Secrets Manager, read by the Secrets Store CSI driver with AWS's provider (ASCP), which the cluster must have with
 * its synchronization of Secrets switched on. It makes a SecretProviderClass for each Secret.
 *
 * The driver reads as the role that each pod's ServiceAccount has by EKS Pod Identity: `identity.txt` has the commands.
 * It reads from the node, so that pods need no connection to Secrets Manager. It does not run on Fargate. It was not
 * tried on EKS.
 *
 * Throws when:
 *
 * - the region or the name of a stored secret is not valid;
 * - a secret is read in two ways that the provider does not know together;
 * - `refreshInterval` is given.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating_ascp_csi.html
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-pod-identity-integration.html
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-examples.html
 * @example
 * Distribution.eks({ secrets: new AwsSecretsManagerCsi({ region: 'eu-west-1' }) });
 */
export class AwsSecretsManagerCsi implements ISecrets {
  constructor(private readonly props: AwsSecretsManagerCsiProps) {}

  fetch(scope: Construct, request: SecretRequest): Resource[] {
    const { region, clusterName } = this.props;
    checkPlatformName(scope, 'secrets.region', region);
    checkStoredNames(scope, request, SECRETS_MANAGER_NAMES);
    return [
      secretProviderClass(scope, request, {
        provider: 'aws',
        parameters: {
          region,
          usePodIdentity: 'true',
          // JSON is YAML.
          objects: JSON.stringify(objectsOf(scope, request), undefined, 2),
        },
        commands: (account) => [
          '# A ServiceAccount has one association: leave out what it has already.',
          ...new AwsIdentity({ clusterName }).identify(scope, account).setup,
          ...READ_SECRETS_MANAGER,
        ],
      }),
    ];
  }
}

/** The provider takes each secret once, with all that is read from it. */
function objectsOf(scope: Construct, { values }: SecretRequest): object[] {
  const secrets = new Map<string, [string, StoredValue][]>();
  for (const [key, value] of Object.entries(values)) {
    secrets.set(value.secret, [...(secrets.get(value.secret) ?? []), [key, value]]);
  }
  return [...secrets].map(([objectName, parts]) => {
    const [, { version }] = parts[0];
    const whole = parts.filter(([, { property }]) => property === undefined);
    const properties = parts.filter(([, { property }]) => property !== undefined);
    const odd = parts.find(([, part]) => part.version !== version) ?? whole[1];
    if (odd) {
      Problems.report(scope, {
        property: `keys.${odd[0]}.secret`,
        value: objectName,
        reason: 'is read twice, which AWS’s provider does only for several properties of one version',
        remedy: 'Use one key for it, or another StoredSecret',
      });
    }
    return {
      objectName,
      objectType: 'secretsmanager',
      objectVersion: version,
      objectAlias: whole.length ? fileOf(whole[0][0]) : undefined,
      jmesPath: properties.length
        ? properties.map(([key, { property }]) => ({ path: pathOf(property!), objectAlias: fileOf(key) }))
        : undefined,
    };
  });
}

/** The property as JMESPath names it: quoted, unless it is an identifier. */
function pathOf(property: string): string {
  return /^[A-Za-z_]\w*$/.test(property) ? property : JSON.stringify(property);
}
