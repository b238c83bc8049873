import { DjangoApp, DjangoAppProps, HealthMonitoring, LeastPrivilegeAccess } from 'cdk8s-django';
import { Construct } from 'constructs';

/** What a team of the company says of an application. The rest is decided here, once for all teams. */
export interface CompanyAppProps extends Omit<DjangoAppProps, 'imagePullSecrets'> {
  /** The team: its group may look, and its on-call group may restart and scale. */
  readonly team: string;
}

/**
 * A Django application as the company runs it: its registry, its logs, monitoring and least privilege. What a team
 * says explicitly counts more than a default.
 */
export class CompanyApp extends DjangoApp {
  constructor(scope: Construct, id: string, { team, ...props }: CompanyAppProps) {
    super(scope, id, {
      replicas: props.scaling ? undefined : 2,
      resources: { memoryLimit: '1Gi' },
      ...props,
      imagePullSecrets: ['company-registry'],
    });
    new HealthMonitoring(this, 'Health', { app: this, metrics: {} });
    new LeastPrivilegeAccess(this, 'Access', {
      app: this,
      viewers: [team],
      operators: [`${team}-on-call`],
    });
  }
}
