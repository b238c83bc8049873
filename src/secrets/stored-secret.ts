import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { checkSeconds } from '../kubernetes/durations';
import { InvalidInputError } from '../kubernetes/errors';
import { resourceLabels } from '../kubernetes/labels';
import { checkName, checkSecretKey, ONE_LINE } from '../kubernetes/names';
import { Problems } from '../kubernetes/problems';
import { Resource } from '../kubernetes/resource';
import { StoredValue } from '../platform/secrets';
import { SecretValue, secretValueOf } from '../kubernetes/secret-values';
import { distributionOf } from '../platform/binding';

/** A Secret whose values are in the platform's secret store. */
export interface StoredSecretProps {
  /** Name of the Secret, in the namespace of the chart: a DNS label of at most 40 characters. */
  readonly name: string;

  /** The keys of the Secret, and what the store has for each. */
  readonly keys: { [key: string]: StoredValue };

  /**
   * How often the values are fetched again, in whole seconds. Running pods keep the old ones until they are restarted.
   * The Secrets Store CSI driver has one interval for the whole cluster, and takes none here.
   *
   * @default - Duration.hours(1) with the External Secrets Operator
   */
  readonly refreshInterval?: Duration;
}

/**
 * A Secret that the External Secrets Operator or the Secrets Store CSI driver, which the cluster must have, fetches
 * from the platform's secret store. Pods that need it wait until it is there.
 *
 * With `secrets: new AzureKeyVaultCsi({ … })` or `new AwsSecretsManagerCsi({ … })` it makes a SecretProviderClass,
 * and every pod of the library that reads the Secret mounts the class: without it the Secret would not exist.
 * Otherwise it makes an ExternalSecret, and once a namespace, on
 *
 * - GKE with `projectId`: a SecretStore for Google Secret Manager and its ServiceAccount,
 * - EKS with `region`: a SecretStore for AWS Secrets Manager, with a role also its ServiceAccount,
 * - AKS with `keyVaultUrl` and `tenantId`: a SecretStore for the Key Vault and its ServiceAccount,
 * - OpenShift and upstream with `secrets: new ExistingSecretStore({ … })`: nothing more.
 *
 * Throws when:
 *
 * - the distribution has no store, or the store lacks the identity or option that is asked for;
 * - the name, a key or the name of a stored secret is not valid;
 * - there are no keys;
 * - a value is asked for whose key is not there.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 * @example
 * const stripe = new StoredSecret(this, 'Stripe', {
 *   name: 'stripe',
 *   keys: { 'api-key': { secret: 'stripe-api-key' } },
 * });
 * new DjangoApp(this, 'Shop', {
 *   name: 'shop',
 *   image: 'registry.example.com/shop:1.0.0',
 *   settingsModule: 'shop.settings',
 *   secretEnvironment: { STRIPE_API_KEY: stripe.value('api-key') },
 * });
 */
export class StoredSecret extends Construct {
  /** The resources that the distribution makes of it. */
  readonly resources: Resource[];

  private readonly secretName: string;
  private readonly keys: string[];

  constructor(scope: Construct, id: string, props: StoredSecretProps) {
    super(scope, id);
    this.secretName = checkName(this, 'name', props.name);
    this.keys = Object.keys(props.keys).map((key) => checkSecretKey(this, 'keys', key));
    if (!this.keys.length) {
      Problems.report(this, {
        property: 'keys',
        value: props.keys,
        reason: 'names no key',
        remedy: 'Give at least one, such as { "api-key": { secret: "stripe-api-key" } }',
      });
    }
    for (const [key, { property, version }] of Object.entries(props.keys)) {
      this.checkPart(`keys.${key}.property`, property);
      this.checkPart(`keys.${key}.version`, version);
    }
    if (props.refreshInterval) checkSeconds(this, 'refreshInterval', props.refreshInterval);
    const distribution = distributionOf(this);
    if (!distribution.secrets) {
      throw new InvalidInputError(this, {
        property: 'secrets',
        value: undefined,
        reason: `is needed: no secret store is known on ${distribution.name}`,
        remedy: NO_STORE,
      });
    }
    this.resources = distribution.secrets.fetch(this, {
      name: this.secretName,
      labels: resourceLabels({ name: this.secretName, instance: this.secretName, component: 'secret' }),
      values: props.keys,
      refreshInterval: props.refreshInterval,
    });
  }

  private checkPart(property: string, value?: string): void {
    if (value === undefined || ONE_LINE.test(value)) return;
    Problems.report(this, {
      property,
      value,
      reason: 'is not a valid property or version',
      remedy: 'Give its name, or leave it out',
    });
  }

  /** The value of a key. */
  value(key: string): SecretValue {
    return secretValueOf(this, { name: this.secretName, keys: this.keys }, key);
  }
}

const NO_STORE =
  'Give the distribution projectId (GKE), region (EKS), keyVaultUrl and tenantId (AKS), ' +
  'or secrets: new ExistingSecretStore({ name: "…" }); or use an ExistingSecret';
