import { App, Chart } from 'cdk8s';
import { DjangoApp, LeastPrivilegeAccess, PostgresBackend, PublicRoute } from 'cdk8s-django';
import { Preview } from 'cdk8s-django/delivery';
import { manifestsFor } from 'cdk8s-django/testing';
import { eventually } from '../cluster/support/eventually';
import { IMAGE } from '../cluster/support/image';
import { apply, kubectl } from '../cluster/support/kubectl';
import { POSTGRES_IMAGE, ROUTER, upstream } from '../cluster/support/manifests';
import { Namespace, NamespaceName } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';

const preview = new Preview({
  ...{ name: 'polls', branch: 'fix/login', parentHost: 'preview.example.com', until: '2027-02-14' },
});
const polls = new Polls(new Namespace(preview.namespace as NamespaceName), preview.host);
const label = `preview.cdk8s-django/namespace=${preview.namespace}`;
const distribution = Object.assign(Object.create(upstream()), { firstPriorityClassName: '' });

const manifests = manifestsFor(distribution, (app: App) => {
  const chart = new Chart(app, 'polls', { namespace: preview.namespace });
  const database = new PostgresBackend(chart, 'Database', {
    ...{ name: 'polls-db', storage: '1Gi', image: POSTGRES_IMAGE },
  });
  const web = new DjangoApp(chart, 'Polls', {
    ...{ name: 'polls', image: IMAGE, settingsModule: 'mysite.settings', database, replicas: 3 },
  });
  new PublicRoute(chart, 'Route', { app: web, hosts: [preview.host] });
  new LeastPrivilegeAccess(chart, 'Access', {
    ...{ app: web, ingress: [{ peers: [{ namespaceLabels: ROUTER }], ports: [{ port: 8000 }] }] },
  });
  app.with(preview);
});

afterAll(() => polls.namespace.remove());

/** The names of all resources of the kinds that the manifests have, which are of the preview. */
async function left(): Promise<string[]> {
  const kinds = new Set(manifests.map(({ kind, apiVersion }) => `${kind}.${apiVersion}`));
  expect(kinds.size).toBeGreaterThan(10);
  const found = await kubectl('get', 'namespaces', `--selector=${label}`, '--output=name');
  const all = await kubectl('get', 'persistentvolumes,priorityclasses', '--output=json');
  const volumes = JSON.parse(all).items.filter((one: any) => JSON.stringify(one).includes(preview.namespace));
  const bound = volumes.filter(({ status }: any) => status?.phase === 'Bound');
  return [...found.split('\n').filter(Boolean), ...bound.map(({ metadata }: any) => metadata.name)];
}

test('a preview serves its host with one replica, and removes itself with all that it made', async () => {
  await polls.namespace.clear();
  await apply(manifests);
  await polls.converged();
  expect(await polls.webPods()).toHaveLength(1);
  await polls.createSamplePolls();
  await polls.answers();
  expect(await left()).not.toEqual([]);
  // What the CronJob does on its day.
  await polls.namespace.kubectl('create', 'job', '--from=cronjob/preview-end', 'now');
  await eventually('nothing of the preview is left', async () => expect(await left()).toEqual([]), {
    ...{ namespace: preview.namespace, seconds: 180 },
  });
});

test('a preview is removed by its label', async () => {
  await polls.namespace.clear();
  await apply(manifests);
  await kubectl('delete', 'namespace', `--selector=${label}`, '--timeout=120s');
  expect(await left()).toEqual([]);
});
