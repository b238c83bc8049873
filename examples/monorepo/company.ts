import { Chart } from 'cdk8s';
import { DjangoApp, DjangoAppProps, LeastPrivilegeAccess, PublicRoute } from 'cdk8s-django';
import { IFleetApplication } from 'cdk8s-django/fleet';

/** An application as its file says it. */
export interface Application extends Pick<DjangoAppProps, 'image' | 'settingsModule' | 'celery'> {
  readonly name: string;
  /** The namespace of the team that owns it. */
  readonly team: string;
}

/** What all applications of the repository have in common. */
export function application({ name, team, ...props }: Application): IFleetApplication {
  return {
    name,
    namespace: team,
    define(chart: Chart) {
      const app = new DjangoApp(chart, 'App', { name, ...props });
      new PublicRoute(chart, 'Route', { app, hosts: [`${name}.example.com`] });
      new LeastPrivilegeAccess(chart, 'Access', { app, viewers: [team] });
    },
  };
}
