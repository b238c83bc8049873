import { eventually } from './support/eventually';
import { Namespace } from './support/namespaces';
import { logIn, Polls } from './support/polls';

const namespace = new Namespace('polls-commands');
const polls = new Polls(namespace);

beforeAll(() =>
  polls.deploy({
    extend: (app) => {
      app.addCommand({ name: 'samples', command: ['create_sample_polls'] });
      app.addSessionClearing();
      app.addSecretKeyRotation();
    },
  }),
);
afterAll(() => namespace.remove());

/** Runs a CronJob now, as its users do, and waits for its end. */
async function runNow(cronJob: string): Promise<void> {
  const name = `${cronJob}-now`;
  await namespace.kubectl('create', 'job', `--from=cronjob/${cronJob}`, name);
  await eventually(
    `Job ${name} has succeeded`,
    async () => expect((await namespace.get('job', name)).status.succeeded).toBe(1),
    { namespace: namespace.name },
  );
}

function decoded(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

test('a command runs once, after the migration', async () => {
  const jobs = await namespace.list('jobs', 'app.kubernetes.io/component=command');
  // The CronJob of the sessions has its own hour, which may be now.
  const [job, ...others] = jobs.filter(({ metadata }) => !metadata.ownerReferences);
  expect(others).toEqual([]);
  expect(job.metadata.name).toMatch(/^polls-samples-[0-9a-f]{10}$/);
  expect(job.status.succeeded).toBe(1);
  expect(Number(await polls.sql('SELECT count(*) FROM polls_question'))).toBeGreaterThan(0);
});

test('a scheduled command reaches the database', async () => {
  await polls.sql(
    "INSERT INTO django_session VALUES ('expired', 'data', now() - interval '1 day'), ('valid', 'data', now() + interval '1 day')",
  );
  await runNow('polls-clearsessions');
  expect(await polls.sql('SELECT session_key FROM django_session')).toBe('valid');
});

/** Restarts all that reads the key, and waits for its end. */
async function restart(): Promise<void> {
  const deployments = ['deployment', '--selector=app.kubernetes.io/instance=polls'];
  await namespace.kubectl('rollout', 'restart', ...deployments);
  await namespace.kubectl('rollout', 'status', ...deployments, '--timeout=3m');
}

/** The key that a new process of the application signs with. */
async function keyInUse(): Promise<string> {
  const [{ metadata }] = await polls.webPods();
  return (await namespace.exec(metadata.name, 'printenv', 'SECRET_KEY')).trim();
}

test('the key is rotated in two steps, during which the old one goes on verifying and nobody is logged out', async () => {
  const administrator = { username: 'admin', password: 'only-for-this-test' };
  await polls.createSuperuser(administrator);
  const visitor = await polls.visitor();
  await polls.answers();
  await logIn(visitor, administrator);
  const expectLoggedIn = async () => expect((await visitor.get('/admin/')).status).toBe(200);

  const before = decoded(await polls.secret('polls'));
  await runNow('polls-key-prepare');
  const prepared = decoded(await polls.secret('polls'));
  expect(prepared['secret-key']).toBe(before['secret-key']);
  await restart();
  expect(await keyInUse()).toBe(before['secret-key']);
  await expectLoggedIn();

  await runNow('polls-key-rotate');
  const rotated = decoded(await polls.secret('polls'));
  expect(rotated['secret-key']).not.toBe(before['secret-key']);
  expect(prepared['secret-key-fallbacks'].split('\n')).toContain(rotated['secret-key']);
  expect(rotated['secret-key-fallbacks'].split('\n')[0]).toBe(before['secret-key']);
  await expectLoggedIn();
  await restart();
  expect(await keyInUse()).toBe(rotated['secret-key']);
  await expectLoggedIn();
});
