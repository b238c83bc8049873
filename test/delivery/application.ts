import { ApiObject, Chart } from 'cdk8s';
import { DjangoApp, LeastPrivilegeAccess, PostgresBackend, PublicRoute } from 'cdk8s-django';
import { POSTGRES_IMAGE, ROUTER } from '../cluster/support/manifests';
import { MIGRATION, Polls } from '../cluster/support/polls';

/** Texts that Flux would substitute or stop at, and that Helm would render. */
export const TEXTS = {
  'array.sh': 'for file in "${files[@]}"; do echo "${x-y}" $$; done',
  variable: '${GREETING}',
  'dashboard.json': '{"legendFormat": "{{pod}}"}',
};

/** What one release has otherwise than another. */
export interface Release {
  readonly image: string;
  readonly environment?: Record<string, string>;
}

/** The application that all of them deliver. */
export function define(chart: Chart, host: string, { image, environment }: Release): void {
  const database = new PostgresBackend(chart, 'Database', {
    ...{ name: 'polls-db', storage: '1Gi', image: POSTGRES_IMAGE },
  });
  const settingsModule = 'mysite.settings';
  const app = new DjangoApp(chart, 'Polls', {
    ...{ name: 'polls', image, settingsModule, database, environment, replicas: 2 },
  });
  new PublicRoute(chart, 'Route', { app, hosts: [host] });
  const metadata = { name: 'texts' };
  new ApiObject(chart, 'Texts', { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...{ data: TEXTS } });
  const ports = [{ port: 8000 }];
  new LeastPrivilegeAccess(chart, 'Access', {
    ...{ app, ingress: [{ peers: [{ namespaceLabels: ROUTER }], ports }] },
  });
}

/** The images of the replicas that are ready. */
export async function readyImages(polls: Polls): Promise<string[]> {
  return (await polls.webPods())
    .filter(({ status }) => status.containerStatuses?.[0].ready)
    .map(({ spec }) => spec.containers[0].image);
}

/** When the steps of a release ended or began, in the order that they must have. */
export async function stepsOf(polls: Polls, image: string): Promise<[string, number][]> {
  const { namespace } = polls;
  const at = (time: string) => Date.parse(time);
  const isOf = ({ spec }: any) => spec.containers[0].image === image;
  const jobs = await namespace.list('jobs');
  const secrets = jobs.filter(({ metadata }) => !metadata.name.startsWith('polls-migrate'));
  const database = await namespace.get('pod', 'polls-db-0');
  const ready = database.status.conditions.find(({ type }: any) => type === 'Ready');
  const [migration] = (await namespace.list('pods', MIGRATION)).filter(isOf);
  const { terminated } = migration.status.containerStatuses[0].state;
  const web = (await polls.webPods()).filter(isOf);
  const started = web.map(({ status }) => at(status.containerStatuses[0].state.running.startedAt));
  return [
    ['Secrets are filled', Math.max(...secrets.map(({ status }) => at(status.completionTime)))],
    ['the database is ready', at(ready.lastTransitionTime)],
    ['the migration has ended', at(terminated.finishedAt)],
    ['the pods begin', Math.min(...started)],
  ];
}
