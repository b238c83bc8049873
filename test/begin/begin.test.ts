import { Session } from '../cluster/applications/session';
import { eventually } from '../cluster/support/eventually';
import { kubectl } from '../cluster/support/kubectl';
import { ROUTER } from '../cluster/support/manifests';
import { Namespace } from '../cluster/support/namespaces';
import { Polls } from '../cluster/support/polls';
import { documentedCommands } from './documented';
import { PROJECTS, PublicProject } from './projects';
import { filesOf, Workshop } from './workshop';

/** What a first deployment may cost. */
const COMMANDS = 6;

const workshop = new Workshop();
const rows: string[] = [];

beforeAll(() => workshop.open());
afterAll(() => {
  workshop.close();
  process.stdout.write(`${rows.join('\n')}\n`);
});

describe.each(PROJECTS)('$title', (project) => {
  const { name, page, task } = project;
  const namespace = new Namespace(name);
  const names = { name, host: `${name}.example.com`, image: `registry.example.com/${name}:1.0.0` };
  const commands = documentedCommands(names);
  let folder: string;
  let printed: string;
  let written: Map<string, string>;

  beforeAll(async () => {
    await namespace.clear();
    folder = await workshop.make(name, project.make);
  });
  afterAll(() => namespace.remove(), 180_000);

  test(`is deployed by at most ${COMMANDS} commands`, () => {
    expect(commands.length).toBeLessThanOrEqual(COMMANDS);
  });

  test('is Ready after them, and init prints those that follow it', async () => {
    const begun = Date.now();
    const [init, ...others] = commands;
    printed = await workshop.run([init, ...(await factsOf(project))].join(' '), folder);
    written = filesOf(folder);
    expect(printed).toContain(others.map((command) => `  ${command}\n`).join(''));
    for (const command of others.slice(0, -1)) await workshop.run(command, folder);
    const applied = Date.now();
    await workshop.run(others.at(-1)!, folder);
    await new Polls(namespace).converged(900);
    const seconds = (from: number) => Math.round((Date.now() - from) / 1000);
    rows.push(`| ${project.title} | ${commands.length} | 0 | ${seconds(begun)} | ${seconds(applied)} |`);
  });

  test('needed no line of its user', () => {
    expect([...filesOf(folder)].filter(([path, text]) => written.get(path) !== text)).toEqual([]);
  });

  test('answers at its public host', async () => {
    const [gateway] = await namespace.list('gateways.gateway.networking.k8s.io');
    const session = new Session(process.env.PUBLIC_ADDRESS ?? gateway.status.addresses[0].value, names.host);
    await eventually(`https://${names.host}${page.path} answers`, async () => {
      const answer = await session.get(page.path);
      expect(answer.status).toBe(page.status);
      expect(answer.body).toMatch(page.text);
    });
  });

  if (task) {
    test('runs a task of Celery, and keeps its result', async () => {
      const code = `import django; django.setup(); ${task.code}`;
      const said = await namespace.exec(`deployment/${name}`, 'python', '-c', code);
      expect(said.trim().split('\n').pop()).toBe(task.result);
    });
  }
});

/** Options that say what no project can know of the cluster. */
async function factsOf({ facts = [] }: PublicProject): Promise<string[]> {
  const [[label, value]] = Object.entries(ROUTER);
  const found = await kubectl('get', 'namespaces', `--selector=${label}=${value}`, '--output=name');
  const [router] = found.trim().split('\n');
  if (!router) throw new Error(`No namespace has the label ${label}=${value}: label that of the router.`);
  return [`--router-namespace ${router.replace('namespace/', '')}`, ...facts];
}
