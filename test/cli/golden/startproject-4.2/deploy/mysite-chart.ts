import { Chart } from 'cdk8s';
import {
  DjangoApp,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
} from 'cdk8s-django';
import { Construct } from 'constructs';

export interface MysiteProps {
  /** The namespace: one for each environment, such as production and staging. */
  readonly namespace: string;

  /** The image, with its tag. */
  readonly image: string;

  /** The public host. */
  readonly host: string;
}

/** The application, as it runs everywhere: no distribution is named here. */
export class MysiteChart extends Chart {
  constructor(scope: Construct, id: string, props: MysiteProps) {
    super(scope, id, { namespace: props.namespace });

    // One pod with a volume. In production the platform may run it: see `postgres` of the distribution.
    const database = new PostgresBackend(this, 'Database', { name: 'mysite-db', storage: '10Gi' });

    const app = new DjangoApp(this, 'App', {
      name: 'mysite',
      image: props.image,
      settingsModule: 'mysite.settings',
      database,
    });

    app.addSessionClearing();

    new PublicRoute(this, 'Route', { app, hosts: [props.host] });
    new HealthMonitoring(this, 'Health', { app });
    // It lets the router in, and the pods out to their servers. `egress` adds a mail server or an API.
    new LeastPrivilegeAccess(this, 'Access', { app });
  }
}
