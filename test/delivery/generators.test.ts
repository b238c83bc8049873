import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ApiObject, App, Chart, Testing } from 'cdk8s';
import { synthesize } from 'cdk8s-django';
import {
  ArgoCdForm,
  ArgoCdPreviews,
  GithubPullRequests,
  GitlabMergeRequests,
  Preview,
} from 'cdk8s-django/delivery';
import { Fleet } from 'cdk8s-django/fleet';
import { eventually } from '../cluster/support/eventually';
import { IMAGE } from '../cluster/support/image';
import { apply, kubectl } from '../cluster/support/kubectl';
import { upstream } from '../cluster/support/manifests';
import { Namespace, NamespaceName } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { define } from './application';
import { ArgoCd } from './argo-cd';
import { GitServer } from './git-server';

/** Argo CD that finds the namespaces of a fleet by their folders. */
class ByFolders extends ArgoCd {
  protected override readonly form = ArgoCdForm.GIT_DIRECTORIES;
}

const argoCd = new ByFolders();
const git = new GitServer();
const before = process.env.CDK8S_OUTDIR;

beforeAll(async () => {
  await git.start();
  process.env.CDK8S_OUTDIR = join(git.tree, 'dist');
  await argoCd.start();
});
afterAll(async () => {
  if (before === undefined) delete process.env.CDK8S_OUTDIR;
  else process.env.CDK8S_OUTDIR = before;
  await argoCd.stop();
  git.stop();
});

/** Has an ApplicationSet ask its generator now. */
const askNow = (set: string) =>
  kubectl(
    ...['-n', argoCd.namespace, 'annotate', 'applicationsets.argoproj.io', set, '--overwrite'],
    'argocd.argoproj.io/application-set-refresh=true',
  );

describe('the generator of Git directories', () => {
  const [sales, support] = (['polls-argo-cd', 'polls-argo-cd-2'] as const).map((name) => new Namespace(name));

  /** A fleet of namespaces that each have a ConfigMap. */
  async function release(namespaces: Namespace[]): Promise<void> {
    await new Fleet({
      distributions: [upstream()],
      delivery: argoCd.delivery(git.url),
      applications: namespaces.map(({ name }) => ({
        name,
        namespace: name,
        define(chart) {
          const metadata = { name: 'texts' };
          new ApiObject(chart, 'Texts', {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata,
            ...{ data: { name } },
          });
        },
      })),
    }).synthesize();
    git.commit(namespaces.map(({ name }) => name).join());
    await kubectl('apply', '-f', join(git.tree, 'dist', argoCd.file));
  }

  /** The names of namespaces that Argo CD has brought. */
  const brought = async () => {
    await askNow('upstream');
    const all = await Promise.all([sales, support].map((namespace) => namespace.list('configmaps')));
    return all.flat().flatMap(({ metadata, data }) => (metadata.name === 'texts' ? [data.name] : []));
  };

  beforeAll(() => Promise.all([sales.clear(), support.clear()]));
  afterAll(() => Promise.all([sales.remove(), support.remove()]));

  test('makes an Application for each folder, and removes it with the folder', async () => {
    for (const namespaces of [[sales], [sales, support], [sales]]) {
      const names = namespaces.map(({ name }) => name);
      await release(namespaces);
      await eventually(`there are ${names}`, async () => expect(await brought()).toEqual(names), {
        seconds: 180,
      });
    }
  });
});

/** An open request, as each Git host says it. */
interface Request {
  readonly title: string;
  readonly branch: string;
  readonly sha: string;
}

const HOSTS = [
  {
    host: 'GitLab',
    asked: /^\/api\/v4\/projects\/example%2Fpolls\/merge_requests\?.*state=opened/,
    answer: ({ title, branch, sha }: Request) => ({
      ...{ iid: 7, title, source_branch: branch, target_branch: 'main', sha },
      ...{ labels: [], author: { username: 'somebody' } },
    }),
    requests: (url: string) => new GitlabMergeRequests({ project: 'example/polls', url }),
  },
  {
    host: 'GitHub',
    asked: /^\/api\/v3\/repos\/example\/polls\/pulls\?/,
    answer: ({ title, branch, sha }: Request) => ({
      ...{ number: 7, title, head: { ref: branch, sha }, base: { ref: 'main' } },
      ...{ labels: [{ name: 'preview' }], user: { login: 'somebody' } },
    }),
    requests: (url: string) =>
      new GithubPullRequests({ owner: 'example', repository: 'polls', labels: ['preview'], url }),
  },
];

describe.each(HOSTS)('the generator of pull requests of $host', ({ asked, answer, requests }) => {
  const preview = new Preview({ name: 'polls', branch: 'fix/login', parentHost: 'preview.example.com' });
  const polls = new Polls(new Namespace(preview.namespace as NamespaceName), preview.host);
  const set = 'polls-previews';
  let open: object[] = [];
  /** Answers as the Git host does when it is asked for open requests. */
  const server = createServer(({ url }, response) => {
    response.writeHead(asked.test(url ?? '') ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(open));
  });

  beforeAll(async () => {
    await polls.namespace.clear();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.close();
    await kubectl('-n', argoCd.namespace, 'delete', 'applicationsets.argoproj.io', set, '--ignore-not-found');
    await polls.namespace.remove();
  });

  test('makes a preview for an open request, and removes it with all that it made when that is closed', async () => {
    const distribution = Object.assign(Object.create(upstream()), { firstPriorityClassName: '' });
    synthesize([distribution], (app: App) => {
      const chart = new Chart(app, 'polls', { namespace: preview.namespace });
      define(chart, preview.host, { image: IMAGE });
      app.with(preview);
    });
    const sha = git.commit('The manifests of a preview');
    open = [answer({ title: 'Mend the login', branch: 'fix/login', sha })];
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const previews = new Chart(Testing.app(), 'previews');
    new ArgoCdPreviews(previews, 'Previews', {
      name: 'polls',
      pullRequests: requests(url),
      repository: git.url,
      path: 'dist/upstream',
    });
    await apply(Testing.synth(previews));
    await eventually('the preview is made', async () => expect(await polls.webPods()).toHaveLength(1), {
      namespace: preview.namespace,
      seconds: 240,
    });
    await polls.converged(300);
    await polls.answers();
    const [{ metadata }] = JSON.parse(
      await kubectl('-n', argoCd.namespace, 'get', 'applications.argoproj.io', '--output=json'),
    ).items.filter(({ spec }: any) => spec.project === set);
    expect(metadata.name).toBe('polls-preview-7');

    open = [];
    await askNow(set);
    await eventually(
      'nothing of the preview is left',
      async () => {
        const found = await kubectl(
          'get',
          'namespace',
          preview.namespace,
          '--ignore-not-found',
          '--output=name',
        );
        expect(found).toBe('');
      },
      { namespace: preview.namespace, seconds: 240 },
    );
  });
});
