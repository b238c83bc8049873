import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Distribution } from 'cdk8s-django';
import { manifestsFor } from 'cdk8s-django/testing';
import { chartOf } from '../agents/support';
import { Files, filesIn } from '../cli/support/files';
import { folderOf } from '../cli/support/project';
import { outcomeOf } from '../cli/support/terminal';
import { filesOf } from '../support/files';
import { ROOT } from '../support/typescript';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const page = read('docs/migrate.md');
const section = (title: string) => page.split(/^## /m).find((one) => one.startsWith(`${title}\n`))!;
const blocks = (title: string, language: string) =>
  [...section(title).matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, text]) => text,
  );
const rows = (text: string) =>
  [...text.matchAll(/^\| (.*) \|$/gm)].map(([, row]) => row.split(' | ').map((cell) => cell.trim())).slice(2);
const codeIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

/** The chart that `init` writes for a project that was on another host. */
async function chartFor(files: Files): Promise<string> {
  const folder = folderOf({
    'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n',
    'requirements.txt': 'Django>=5.2,<5.3\ncelery\ngunicorn\npsycopg[binary]\n',
    'mysite/__init__.py': '',
    'mysite/wsgi.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n',
    'mysite/celery.py': 'from celery import Celery\napp = Celery("mysite")\n',
    'mysite/settings.py':
      'DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}\nSTATIC_ROOT = "static"\n' +
      'import os\nREGION = os.environ["REGION"]\n',
    ...files,
  });
  const given = ['--host', 'shop.example.com', '--image', 'docker.io/example/shop:1.0.0'];
  const { code, errors } = await outcomeOf(['init', folder, ...given]);
  expect([code, errors]).toEqual([0, '']);
  const written = filesIn(folder);
  return written[Object.keys(written).find((path) => path.endsWith('-chart.ts'))!];
}

/** The lines of a block, each of which a text has, and in this order. */
function expectLines(text: string, block: string): void {
  const lines = block.trim().split('\n');
  const positions = lines.map((line) => text.indexOf(line));
  expect(lines.filter((_, index) => positions[index] < 0)).toEqual([]);
  expect([...positions].sort((one, other) => one - other)).toEqual(positions);
}

describe('the page for those who move', () => {
  test('says what init makes of the files of Heroku', async () => {
    const [procfile, lines] = blocks('From Heroku', 'text');
    const chart = await chartFor({
      Procfile: procfile,
      'app.json': blocks('From Heroku', 'json')[0],
    });
    expectLines(chart, lines);
    expect(chart).toMatch(/replicas: 3|minReplicas: 3/);
    expect(chart).toContain("REGION: 'eu'");
    expect(chart).not.toContain("'migrate'");
  });

  test('says what init makes of a compose file', async () => {
    const chart = await chartFor({ 'compose.yaml': blocks('From compose', 'yaml')[0] });
    expectLines(chart, blocks('From compose', 'text')[0]);
    expect(chart).toMatch(/new PostgresBackend[\s\S]*new ValkeyBackend\([^)]*storage: /);
  });

  describe('from manifests', () => {
    const [program] = blocks('From manifests', 'ts');
    const Program = chartOf(program);
    const distribution = Distribution.upstream({ gatewayClassName: 'contour', clusterIssuer: 'letsencrypt' });
    const manifests = manifestsFor(distribution, (app) => {
      new Program(app, 'program');
    });
    const kinds = new Set([...manifests.map(({ kind }: any) => kind), 'Secret']);
    const table = rows(section('From manifests'));

    test('has rows', () => expect(table.length).toBeGreaterThan(12));

    test.each(table)('"%s" is made by %s', (mine, by) => {
      const named = codeIn(mine).filter((code) => /^[A-Z]\w+$/.test(code));
      const alternatives = mine.includes(' or `') ? named.slice(0, 1) : named;
      expect(alternatives.filter((kind) => !kinds.has(kind))).toEqual([]);
      expect(codeIn(by).filter((code) => !program.includes(code))).toEqual([]);
    });

    test('names every kind that an application has', () => {
      const all = codeIn(table.map(([mine]) => mine).join());
      const others = ['Namespace', 'ConfigMap'];
      expect([...kinds].filter((kind) => ![...all, ...others].includes(kind))).toEqual([]);
    });

    test('values of a Helm chart have a property of that program, or a page', () => {
      const values = rows(section('From values of a Helm chart'));
      expect(values.length).toBeGreaterThan(12);
      const unknown = values
        .filter(([, here]) => !/\]\(|^nothing: /.test(here))
        .filter(([, here]) => !codeIn(here).some((code) => program.includes(code)));
      expect(unknown).toEqual([]);
    });
  });
});

describe('the index of the documentation', () => {
  const index = read('docs/README.md');
  const listed = [...index.matchAll(/^(?:- |\d+\. )\[[^\]]+\]\(([^)]+)\)$/gm)].map(([, link]) => link);

  test('lists each page once', () => {
    const pages = filesOf('docs', '.md').map(({ path }) => path.slice('docs/'.length));
    expect(listed.filter((link) => !link.startsWith('../')).sort()).toEqual(
      pages.filter((path) => path !== 'README.md').sort(),
    );
  });

  test('has the four kinds of pages', () => {
    expect([...index.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual([
      'Tutorial',
      'How-to',
      'Reference',
      'Explanation',
    ]);
  });
});

test('the versions that fit are those of the package and of its tests', () => {
  const { engines, peerDependencies, devDependencies } = JSON.parse(read('package.json'));
  const table = Object.fromEntries(
    rows(read('docs/compatibility.md')).map(([what, oldest, newest]) => [what, [oldest, newest]]),
  );
  const nodes = /^versions=\((.*)\)$/m.exec(read('test/package/run'))![1].split(' ');
  expect(table['Node.js']).toEqual([nodes[0], nodes.at(-1)]);
  expect(engines.node).toBe(`>=${nodes[0]}`);
  for (const name of ['cdk8s', 'cdk8s-plus-27', 'constructs']) {
    expect(peerDependencies[name]).toBe(`^${table[name][0]}.0`);
    expect(devDependencies[name]).toContain(`^${table[name][1]}.`);
  }
  expect(devDependencies.typescript).toBe(`~${table.TypeScript[1]}.3`);
  const distributions = read('docs/distributions.md');
  const kubernetes = [...distributions.matchAll(/^\| (1\.\d+)\.\d+ +\|/gm)].map(([, version]) => version);
  expect(table.Kubernetes).toEqual([kubernetes[0], kubernetes.at(-1)]);
  const versionsOf = (name: string) =>
    [
      ...new RegExp(`^\\| ${name} +\\|(.*)$`, 'm')
        .exec(distributions)![1]
        .split('|')
        .slice(0, 3)
        .join()
        .matchAll(/\d+\.\d+/g),
    ]
      .map(([version]) => version)
      .sort(
        (one, other) =>
          Number(one.split('.')[0]) - Number(other.split('.')[0]) ||
          Number(one.split('.')[1]) - Number(other.split('.')[1]),
      );
  expect(table.Python).toEqual([versionsOf('Python')[0], versionsOf('Python').at(-1)]);
  const django = versionsOf('Django').filter((version) => !version.startsWith('3.'));
  expect(table.Django).toEqual([django[0], django.at(-1)]);
  const servers = [...distributions.matchAll(/^\| PostgreSQL (\d+)/gm)].map(([, version]) => version);
  expect(table.PostgreSQL).toEqual([servers[0], servers.at(-1)]);
});

describe('the steps of the tutorial', () => {
  const steps = read('docs/tutorial.md').split(/^## /m).slice(1);

  test('are the nine topics, each with its chapter and with commands', () => {
    const chapters = steps.map((step) => /\[Chapter (\d)\]/.exec(step)?.[1]);
    expect([...chapters].sort()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(steps.filter((step) => !step.includes('```sh\n'))).toEqual([]);
  });
});

describe('what is found by its symptom', () => {
  const text = read('docs/troubleshooting.md');

  test('has a symptom and a page in each row', () => {
    const all = text.split(/^## /m).slice(1).flatMap(rows);
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(([symptom, where]) => !symptom || !/[\]`]/.test(where))).toEqual([]);
  });
});
