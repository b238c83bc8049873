import { Chart } from 'cdk8s';
import { DjangoApp, ExistingSecret, PodKind, VolumeSource } from 'cdk8s-django';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';

/** A chart of cdk8s-plus and this library together. */
export class ShopChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { namespace: 'shop' });
    const stripe = kplus.Secret.fromSecretName(this, 'Stripe', 'stripe');
    const flags = new kplus.ConfigMap(this, 'Flags', {
      metadata: { name: 'flags' },
      data: { 'flags.json': '{ "discounts": true }' },
    });

    const shop = new DjangoApp(this, 'Shop', {
      name: 'shop',
      image: 'registry.example.com/shop:1.0.0',
      settingsModule: 'shop.settings',
    });
    shop.addSecretEnvironment('STRIPE_API_KEY', ExistingSecret.valueFrom(stripe, 'api-key'));
    shop.addVolume({
      name: 'flags',
      source: VolumeSource.fromConfigMap(flags),
      mountPath: '/etc/flags',
      pods: [PodKind.WEB],
    });
  }
}
