import { Chart } from 'cdk8s';
import { DjangoApp, PostgresBackend, PublicRoute, Scaling } from 'cdk8s-django';
import { Construct } from 'constructs';

/** What differs between environments, and nothing else. */
export interface ShopProps {
  readonly namespace: string;
  readonly host: string;
  readonly tag: string;
  /** Size of the database: `20Gi`. */
  readonly storage: string;
  /** @default - one replica */
  readonly scaling?: Scaling;
}

/** The shop. That production is as staging is comes from this being the only one. */
export class ShopChart extends Chart {
  constructor(scope: Construct, { namespace, host, tag, storage, scaling }: ShopProps) {
    super(scope, 'shop', { namespace });
    const shop = new DjangoApp(this, 'Shop', {
      name: 'shop',
      image: `registry.example.com/shop:${tag}`,
      settingsModule: 'shop.settings',
      database: new PostgresBackend(this, 'Database', { name: 'shop-db', storage }),
      ...(scaling ? { scaling } : { replicas: 1 }),
    });
    new PublicRoute(this, 'Route', { app: shop, hosts: [host] });
  }
}
