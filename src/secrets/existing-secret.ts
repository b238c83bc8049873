import { Construct } from 'constructs';
import { INamedResource } from '../kubernetes/named-resource';
import { checkResourceName, checkSecretKey } from '../kubernetes/names';
import { SecretValue, secretValueOf } from '../kubernetes/secret-values';

/** A Secret that somebody else makes. */
export interface ExistingSecretProps {
  /** Name of the Secret, in the namespace of the chart. */
  readonly name: string;

  /** The keys that it has. */
  readonly keys: string[];
}

/**
 * A Secret that somebody else makes, and its keys. It makes no resource.
 *
 * Throws when:
 *
 * - Kubernetes does not take the name or a key;
 * - a value is asked for whose key is not there.
 *
 * @example
 * const stripe = new ExistingSecret(this, 'Stripe', { name: 'stripe', keys: ['api-key'] });
 * new DjangoApp(this, 'Shop', {
 *   name: 'shop',
 *   image: 'registry.example.com/shop:1.0.0',
 *   settingsModule: 'shop.settings',
 *   secretEnvironment: { STRIPE_API_KEY: stripe.value('api-key') },
 * });
 */
export class ExistingSecret extends Construct {
  /**
   * The value of a key of a Secret that another construct describes, such as one of cdk8s-plus. Whether the Secret
   * has the key is not checked.
   *
   * @param secret - the Secret
   * @param key - key within it
   */
  static valueFrom(secret: INamedResource, key: string): SecretValue {
    return { secretName: secret.name, key };
  }

  private readonly secretName: string;
  private readonly keys: string[];

  constructor(scope: Construct, id: string, props: ExistingSecretProps) {
    super(scope, id);
    this.secretName = checkResourceName(this, 'name', props.name);
    this.keys = props.keys.map((key) => checkSecretKey(this, 'keys', key));
  }

  /** The value of a key. */
  value(key: string): SecretValue {
    return secretValueOf(this, { name: this.secretName, keys: this.keys }, key);
  }
}
