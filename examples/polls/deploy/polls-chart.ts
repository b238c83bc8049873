import { Chart } from 'cdk8s';
import {
  DjangoApp,
  HealthMonitoring,
  LeastPrivilegeAccess,
  PostgresBackend,
  PublicRoute,
} from 'cdk8s-django';
import { Construct } from 'constructs';

export interface PollsProps {
  readonly image: string;
}

/** The application, as it runs everywhere: no distribution is named here. */
export class PollsChart extends Chart {
  constructor(scope: Construct, id: string, props: PollsProps) {
    super(scope, id, { namespace: 'polls' });
    const database = new PostgresBackend(this, 'Database', { name: 'polls-db', storage: '20Gi' });
    const polls = new DjangoApp(this, 'Polls', {
      name: 'polls',
      image: props.image,
      settingsModule: 'mysite.settings',
      database,
      scaling: { minReplicas: 3, maxReplicas: 10 },
    });
    new PublicRoute(this, 'Route', { app: polls, hosts: ['polls.example.com'] });
    new HealthMonitoring(this, 'Health', { app: polls, metrics: { path: '/metrics' } });
    new LeastPrivilegeAccess(this, 'Access', {
      app: polls,
      viewers: ['polls-developers'],
      operators: ['polls-operators'],
    });
  }
}
