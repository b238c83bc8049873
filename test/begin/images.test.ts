import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedPackage } from './documented';
import { Workshop } from './workshop';

const workshop = new Workshop();

beforeAll(() => workshop.open());
afterAll(() => workshop.close());

const PIP = 'pip install --quiet --no-cache-dir --root-user-action=ignore';
const STARTED = [`${PIP} django==5.2.19`, 'django-admin startproject mysite .'];

/** A project whose packages each package manager names, as its own commands write the files. */
const MANAGERS: { manager: string; make: string[] }[] = [
  { manager: 'pip', make: ['echo django==5.2.19 >requirements.txt'] },
  {
    manager: 'uv',
    make: [
      `${PIP} uv==0.13.9`,
      'uv init --quiet --bare --name mysite',
      'uv add --quiet --no-sync django==5.2.19',
    ],
  },
];

describe.each(MANAGERS)('the image of a project with $manager', ({ manager, make }) => {
  let folder: string;
  const image = `docker.io/example/begin-${manager}:1`;

  beforeAll(async () => {
    folder = await workshop.make(manager, [...STARTED, ...make]);
    const init = `npx --yes --package ${documentedPackage()} cdk8s-django init`;
    const printed = await workshop.run(`${init} --host shop.example.com --image ${image}`, folder);
    expect(printed).toMatch(new RegExp(`packages +${manager}`, 'i'));
    await workshop.run(`docker build -t ${image} -f deploy/Containerfile .`, folder);
  });

  test('loads the project for a user that it does not know, and has nothing that installs', async () => {
    writeFileSync(
      join(folder, 'Containerfile.look'),
      [
        `FROM ${image}`,
        'USER 4321:0',
        `RUN python -c "import django, gunicorn, psycopg, mysite.wsgi; print('Django', django.__version__)"`,
        `RUN ! python -c "import ${manager}" 2>/dev/null || [ ${manager} = pip ]`,
        '',
      ].join('\n'),
    );
    expect(await workshop.run('docker build -t begin-look -f Containerfile.look .', folder)).toContain(
      'Django 5.2.19',
    );
  });
});
