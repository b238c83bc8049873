import { join } from 'node:path';
import { Fleet } from 'cdk8s-django/fleet';
import { NEXT_RELEASE, provideNextRelease } from '../cluster/applications/images';
import { eventually } from '../cluster/support/eventually';
import { IMAGE } from '../cluster/support/image';
import { kubectl } from '../cluster/support/kubectl';
import { duringLoad, figures } from '../cluster/support/load';
import { upstream } from '../cluster/support/manifests';
import { Namespace, NamespaceName } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { print } from '../cluster/support/print';
import { define, readyImages, stepsOf, TEXTS } from './application';
import { ArgoCd } from './argo-cd';
import { Engine } from './engine';
import { Flux } from './flux';
import { GitServer, Source } from './git-server';
import { Registry } from './registry';

const ENGINES: [string, NamespaceName, new () => Engine, new () => Source][] = [
  ['Argo CD', 'polls-argo-cd', ArgoCd, GitServer],
  ['Flux', 'polls-flux', Flux, GitServer],
  ['Flux with artifacts', 'polls-flux', Flux, Registry],
];

describe.each(ENGINES)('%s', (_title, name, makeEngine, makeSource) => {
  const polls = new Polls(new Namespace(name));
  const { namespace, host } = polls;
  const source = new makeSource();
  const engine = new makeEngine();
  const before = process.env.CDK8S_OUTDIR;

  beforeAll(async () => {
    await provideNextRelease();
    await namespace.clear();
    await source.start();
    await engine.start();
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
    await engine.stop();
    source.stop();
    await namespace.remove();
  });

  /** Writes the fleet, commits it, and has the engine look. */
  async function release(image: string, environment: Record<string, string> = {}): Promise<string> {
    process.env.CDK8S_OUTDIR = join(source.tree, 'dist');
    await new Fleet({
      distributions: [upstream()],
      delivery: engine.delivery(source.url),
      applications: [
        {
          name: 'polls',
          namespace: name,
          define: (chart) => define(chart, host, { image, environment }),
        },
      ],
    }).synthesize();
    const commit = source.commit(`${image} ${JSON.stringify(environment)}`);
    await kubectl('apply', '-f', join(source.tree, 'dist', engine.file));
    await engine.prepared();
    await engine.released();
    return commit;
  }

  /** Writes the status of routes, as a router does: that of the test cluster does not. Both engines wait for it. */
  async function acceptRoutes(): Promise<void> {
    const condition = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' };
    const conditions = [{ ...condition, lastTransitionTime: '2026-11-28T00:00:00Z' }];
    const status = {
      parents: [{ parentRef: { name: 'polls' }, controllerName: 'example.com/router', conditions }],
    };
    await eventually(
      'there are routes',
      async () => {
        const routes = await namespace.list('httproutes.gateway.networking.k8s.io');
        expect(routes).not.toEqual([]);
        for (const { metadata } of routes) {
          const patch = ['--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`];
          await namespace.kubectl('patch', 'httproute', metadata.name, ...patch);
        }
      },
      { namespace: name, seconds: 300 },
    );
  }

  /** Until the engine has come to an end with a commit, well or not. */
  async function ended(commit: string, state: string): Promise<string> {
    return eventually(
      `${engine.title} says "${state}" of ${commit}`,
      async () => {
        const found = await engine.state(name, commit);
        if (found.state !== state) throw new Error(`${found.state}: ${found.message}`);
        return found.message;
      },
      { namespace: name, seconds: 600 },
    );
  }

  test('brings up the first release: Secrets, database, migration, pods', async () => {
    const commit = await release(IMAGE);
    const title = `${engine.title}: first release`;
    await acceptRoutes();
    await ended(commit, 'Succeeded').catch((error) => {
      throw new Error(`${error.message}\n${engine.log(engine.logOf).slice(-4000)}`);
    });
    await polls.converged();
    const found = await stepsOf(polls, IMAGE);
    print(`${title}: ${found.map(([what, time]) => `${what} ${new Date(time).toISOString()}`).join(', ')}`);
    expect(found.map(([, time]) => time)).toEqual(found.map(([, time]) => time).sort((a, b) => a - b));
    await polls.createSamplePolls();
    await polls.answers();
  });

  test('brings texts unchanged that an engine could take for its own', async () => {
    const { data } = await namespace.get('configmap', 'texts');
    expect(data).toEqual(TEXTS);
  });

  test('leaves the pods of the release before in place while a migration fails', async () => {
    const commit = await release(NEXT_RELEASE, { MIGRATION_FAILS: 'true' });
    let message = '';
    const load = await duringLoad(await polls.visitor(), { rate: 5 }, async () => {
      message = await ended(commit, 'Failed');
    });
    print(`${figures(`${engine.title}: a migration that fails`, load)}\n${message}`);
    expect(load.failures).toEqual([]);
    expect(await readyImages(polls)).toEqual([IMAGE, IMAGE]);
    expect(message).toMatch(/polls-migrate|unsuccessful|Failed/);
  });

  test('brings the release that mends it, without a failed request', async () => {
    const commit = await release(NEXT_RELEASE);
    const load = await duringLoad(await polls.visitor(), { rate: 5 }, async () => {
      await ended(commit, 'Succeeded');
      await polls.converged();
    });
    print(figures(`${engine.title}: the next release`, load));
    expect(load.failures).toEqual([]);
    expect(await readyImages(polls)).toEqual([NEXT_RELEASE, NEXT_RELEASE]);
    const [, , ...order] = await stepsOf(polls, NEXT_RELEASE);
    expect(order[0][1]).toBeLessThanOrEqual(order[1][1]);
    expect(
      await polls.sql("SELECT count(*) FROM django_migrations WHERE name = '0004_question_source'"),
    ).toBe('1');
  });

  test('changes nothing of what the cluster has when nothing changed', async () => {
    const versions = async () =>
      (await namespace.list('deployments,statefulsets,jobs,secrets')).map(({ metadata }) => [
        metadata.name,
        metadata.generation ?? metadata.resourceVersion,
      ]);
    const earlier = await versions();
    await engine.released();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    expect(await versions()).toEqual(earlier);
  });

  test('keeps the data of a namespace that it has to deliver no more, and takes it up again', async () => {
    const data = async () => [
      await polls.sql('SELECT count(*) FROM polls_question'),
      await polls.secret('polls'),
      await polls.secret('polls-db'),
    ];
    const earlier = await data();
    expect(earlier[0]).not.toBe('0');
    await engine.removed(name);
    await eventually(
      'what has no data is gone',
      async () => expect(await namespace.list('deployments,statefulsets,jobs,services,pods')).toEqual([]),
      { namespace: name, seconds: 180 },
    );
    await kubectl('apply', '-f', join(source.tree, 'dist', engine.file));
    await acceptRoutes();
    await polls.converged(300);
    expect(await data()).toEqual(earlier);
  });
});
