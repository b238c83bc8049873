import { apply } from './support/kubectl';
import { eventually } from './support/eventually';
import { Namespace } from './support/namespaces';
import { Polls } from './support/polls';

const GENERATOR = 'app.kubernetes.io/component=secret-generator';

const polls = new Polls(new Namespace('polls-secrets'));
let values: Record<string, string>[];

const secrets = () => Promise.all(['polls', 'polls-db'].map((name) => polls.secret(name)));

beforeAll(async () => {
  await polls.deploy();
  values = await secrets();
});
afterAll(() => polls.namespace.remove());

test('are made inside the cluster, each with a value of its own', () => {
  const decode = (value: string) => Buffer.from(value, 'base64').toString();
  const [key, password] = [decode(values[0]['secret-key']), decode(values[1]['password'])];
  expect(key).toMatch(/^[-\w]{64}$/);
  expect(password).toMatch(/^[a-zA-Z0-9]{32}$/);
});

test('are in no manifest, no log of any container and no event', async () => {
  const plain = values.flatMap((value) =>
    Object.values(value).map((text) => Buffer.from(text, 'base64').toString()),
  );
  const pods = await polls.namespace.list('pods');
  const logs = await Promise.all(
    pods.map(({ metadata }) =>
      polls.namespace.kubectl('logs', metadata.name, '--all-containers', '--tail=-1'),
    ),
  );
  const said = [...logs, JSON.stringify(await polls.namespace.list('events'))];
  expect(pods.length).toBeGreaterThan(3);
  expect(said.every((text) => text.length > 0)).toBe(true);
  const encoded = values.flatMap((value) => Object.values(value));
  const manifests = JSON.stringify(polls.manifests());
  for (const text of [...plain, ...encoded]) {
    for (const one of [...said, manifests]) expect(one.includes(text)).toBe(false);
  }
});

test('stay when the manifests are applied again', async () => {
  await apply(polls.manifests());
  expect(await secrets()).toEqual(values);
});

test('stay when somebody else applies the manifests on the server side', async () => {
  // By force, as such pipelines do: what the API server adds to a StatefulSet would be a conflict otherwise.
  await apply(polls.manifests(), '--server-side', '--field-manager=pipeline', '--force-conflicts');
  expect(await secrets()).toEqual(values);
});

test('stay when the Jobs that made them run again', async () => {
  const before = await polls.namespace.list('jobs', GENERATOR);
  await polls.namespace.kubectl('delete', 'jobs', `--selector=${GENERATOR}`);
  await apply(polls.manifests());
  await polls.converged();

  const after = await polls.namespace.list('jobs', GENERATOR);
  const uids = (jobs: any[]) => jobs.map(({ metadata }) => metadata.uid).sort();
  expect(uids(after)).not.toEqual(uids(before));
  const logs = await eventually('the logs are there', () =>
    polls.namespace.kubectl('logs', `--selector=${GENERATOR}`, '--tail=-1'),
  );
  expect(logs.match(/complete already, nothing changed/g)).toHaveLength(2);
  expect(await secrets()).toEqual(values);
});

describe('as files', () => {
  /** All that somebody sees who asks a container for its variables: by a program of its own, and by the kernel. */
  const ASKED = [
    ['env'],
    ['cat', '/proc/1/environ'],
    // Processes that gunicorn has made too. That of this question ends meanwhile.
    ['sh', '-c', 'cat /proc/[0-9]*/environ 2>/dev/null; true'],
  ];
  const decoded = () =>
    values.flatMap((value) =>
      Object.values(value)
        .filter(Boolean)
        .map((text) => Buffer.from(text, 'base64').toString()),
    );
  const shown = async () => {
    const answers = await Promise.all(
      ASKED.map((command) => polls.namespace.exec('deployment/polls', ...command)),
    );
    return answers.map((answer) => decoded().filter((value) => answer.includes(value)).length);
  };

  test('are in no environment of a container, and an unmodified application finds them', async () => {
    // Otherwise they are.
    expect((await shown()).every((count) => count >= 2)).toBe(true);
    await apply(polls.manifests({ secretsAsFiles: true }));
    await polls.converged();
    expect(await shown()).toEqual([0, 0, 0]);
    // Programs that somebody starts in the container read them too.
    await polls.createSamplePolls();
    await polls.answers();
    const visitor = await polls.visitor();
    expect((await visitor.get('/')).body).toMatch(/href="\/\d+\/"/);
    const folder = await polls.namespace.exec('deployment/polls', 'ls', '/etc/cdk8s-django/secrets');
    expect(folder.trim().split(/\s+/).sort()).toEqual(['DATABASE_PASSWORD', 'SECRET_KEY']);
  });
});
