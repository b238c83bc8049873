import { Chart } from 'cdk8s';
import { DjangoApp, HealthMonitoring, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
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

    const app = new DjangoApp(this, 'App', {
      name: 'shop',
      image: props.image,
      settingsModule: 'shop.settings',
      celery: { rabbitMq: { urlSecret: { secretName: 'shop-rabbitmq', key: 'url' } } },
      environment: { DJANGO_CONFIGURATION: 'Production' },
      secretEnvironment: {
        DJANGO_TOKEN: { secretName: 'shop-settings', key: 'DJANGO_TOKEN' },
      },
    });

    // What the settings demand under names of their own.
    app.addSecretEnvironment('DJANGO_SECRET_KEY', app.secretKey);

    app.addCeleryWorker({ name: 'default' });
    app.addCommand({ name: 'migrate', command: ['migrate', '--no-input'] });

    new PublicRoute(this, 'Route', { app, hosts: [props.host] });
    new HealthMonitoring(this, 'Health', { app });
    // It lets the router in, and the pods out to their servers. `egress` adds a mail server or an API.
    new LeastPrivilegeAccess(this, 'Access', { app });
  }
}
