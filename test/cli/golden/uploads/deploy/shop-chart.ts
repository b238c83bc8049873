import { Chart } from 'cdk8s';
import {
  DjangoApp,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
  VolumeAccessMode,
} from 'cdk8s-django';
import { Construct } from 'constructs';

export interface ShopProps {
  /** The namespace: one for each environment, such as production and staging. */
  readonly namespace: string;

  /** The image, with its tag. */
  readonly image: string;

  /** The public host. */
  readonly host: string;
}

/** The application, as it runs everywhere: no distribution is named here. */
export class ShopChart extends Chart {
  constructor(scope: Construct, id: string, props: ShopProps) {
    super(scope, id, { namespace: props.namespace });

    // One pod with a volume. In production the platform may run it: see `postgres` of the distribution.
    const database = new PostgresBackend(this, 'Database', { name: 'shop-db', storage: '10Gi' });

    const app = new DjangoApp(this, 'App', {
      name: 'shop',
      image: props.image,
      settingsModule: 'shop.settings.production',
      database,
      media: {
        mountPath: '/app/media',
        size: '10Gi',
        accessMode: VolumeAccessMode.READ_WRITE_ONCE,
        serve: true,
      },
    });

    app.addSessionClearing();

    new PublicRoute(this, 'Route', { app, hosts: [props.host] });
    new HealthMonitoring(this, 'Health', { app });
    // It lets the router in, and the pods out to their servers. `egress` adds a mail server or an API.
    new LeastPrivilegeAccess(this, 'Access', { app });
  }
}
