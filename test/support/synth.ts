import { App, Chart, ChartProps } from 'cdk8s';
import {
  Distribution,
  DjangoApp,
  DjangoAppProps,
  HealthMonitoring,
  IDistribution,
  LeastPrivilegeAccess,
  LeastPrivilegeAccessProps,
  PostgresBackend,
  PostgresBackendProps,
  PublicRoute,
} from 'cdk8s-django';
import { findManifest, manifestsFor } from 'cdk8s-django/testing';
import { sample } from './distributions';

export { findManifest as find };

export const IMAGE = 'registry.example.com/polls:1.4.2';
export const HOST = 'polls.example.com';
export const NAMESPACE = 'polls';

/** A chart in an App that a distribution is bound to. */
export function chartOn(distribution: IDistribution = sample('upstream'), props: ChartProps = {}): Chart {
  const app = new App();
  Distribution.bind(app, distribution);
  return new Chart(app, 'polls', { namespace: NAMESPACE, ...props });
}

/** The manifests of a kind. */
export function findAll(manifests: any[], kind: string): any[] {
  return manifests.filter((manifest) => manifest.kind === kind);
}

/** The manifests of a chart that a function fills. */
export function synth(
  define: (chart: Chart) => void,
  distribution: IDistribution = sample('upstream'),
  props: ChartProps = {},
): any[] {
  return manifestsFor(distribution, (app) =>
    define(new Chart(app, 'polls', { namespace: NAMESPACE, ...props })),
  );
}

/** The message of the error that a chart ends in, when it is filled or synthesized. */
export function errorOf(
  define: (chart: Chart) => void,
  distribution?: IDistribution,
  props?: ChartProps,
): string {
  try {
    synth(define, distribution, props);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It threw no error.');
}

/** The smallest DjangoApp, with what a test changes. */
export function django(chart: Chart, changes: Partial<DjangoAppProps> = {}, id = 'Polls'): DjangoApp {
  return new DjangoApp(chart, id, {
    name: 'polls',
    image: IMAGE,
    settingsModule: 'mysite.settings',
    ...changes,
  });
}

/** The smallest PostgresBackend, with what a test changes. */
export function postgres(chart: Chart, changes: Partial<PostgresBackendProps> = {}): PostgresBackend {
  return new PostgresBackend(chart, 'Database', { name: 'polls-db', storage: '20Gi', ...changes });
}

/** Manifests of the smallest DjangoApp, with what a test changes. */
export function djangoManifests(changes: Partial<DjangoAppProps> = {}, distribution?: IDistribution): any[] {
  return synth((chart) => django(chart, changes), distribution);
}

/** The `web` container of the application's pods. */
export function webContainer(manifests: any[], name = 'polls'): any {
  return findManifest(manifests, 'Deployment', name).spec.template.spec.containers[0];
}

/** The seconds for which the server keeps an unused connection. */
export function keepAliveOf(manifests: any[]): number {
  const { command } = webContainer(manifests);
  const option = command.includes('--keep-alive') ? '--keep-alive' : '--timeout-keep-alive';
  return Number(command[command.indexOf(option) + 1]);
}

/** The variables of the application's ConfigMap. */
export function configOf(manifests: any[], name = 'polls'): any {
  return findManifest(manifests, 'ConfigMap', name).data;
}

/** The one manifest of a kind whose name begins so: Jobs, whose names end in a hash. */
export function startingWith(manifests: any[], kind: string, prefix: string): any {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && manifest.metadata.name.startsWith(prefix),
  );
  if (found.length !== 1) throw new Error(`There are ${found.length} ${kind} whose names begin "${prefix}".`);
  return found[0];
}

/** All five constructs together, with what a test changes about people. */
export function everything(
  chart: Chart,
  people: Partial<LeastPrivilegeAccessProps> = {},
): {
  database: PostgresBackend;
  app: DjangoApp;
  route: PublicRoute;
  health: HealthMonitoring;
  access: LeastPrivilegeAccess;
} {
  const database = postgres(chart);
  const app = django(chart, { database, scaling: { minReplicas: 3, maxReplicas: 10 } });
  return {
    database,
    app,
    route: new PublicRoute(chart, 'Route', { app, hosts: [HOST, 'www.polls.example.com'] }),
    health: new HealthMonitoring(chart, 'Health', { app, metrics: { path: '/metrics' } }),
    access: new LeastPrivilegeAccess(chart, 'Access', {
      app,
      viewers: ['polls-developers'],
      operators: ['polls-operators'],
      ...people,
    }),
  };
}
