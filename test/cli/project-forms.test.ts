import fs from 'node:fs';
import { missingPackages } from '../../src/cli/init/needs';
import { Installer } from '../../src/cli/init/packages';
import { readProject } from '../../src/cli/init/project';
import { Files, filesIn, filesOfProject } from './support/files';
import { folderOf, read } from './support/project';
import { outcomeOf } from './support/terminal';

const GIVEN = ['--host', 'shop.example.com', '--image', 'docker.io/example/shop:1.0.0'];

const withoutRequirements = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => path !== 'requirements.txt'));

/** What init wrote for a project, and said. */
async function initialised(files: Files, args: string[] = []): Promise<Files & { output: string }> {
  const folder = folderOf(files);
  const { code, output, errors } = await outcomeOf(['init', folder, ...GIVEN, ...args]);
  expect([code, errors]).toEqual([0, '']);
  return { ...filesIn(folder), output };
}

describe('code in a folder beside manage.py', () => {
  const SRC: Files = {
    'manage.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    'src/shop/__init__.py': '',
    'src/shop/settings.py': 'from .base import *\nWSGI_APPLICATION = "shop.wsgi.application"\n',
    'src/shop/base.py': 'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql"}}\n',
    'src/shop/wsgi.py': 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n',
    'src/shop/celery.py': 'app = Celery("shop")\n',
  };

  it('is found by the settings module that manage.py names', () => {
    const { settings, server, celery, database, layout } = readProject(folderOf(SRC));
    expect([layout.folder, layout.code]).toEqual(['', 'src']);
    expect(settings.module.value).toBe('shop.settings');
    expect(server.module).toBe('shop.wsgi');
    expect(celery?.application.value).toBe('shop.celery:app');
    expect(database.engine).toBe('mysql');
  });

  it('is where the pods and the image look for modules', async () => {
    const files = await initialised(SRC);
    expect(files['deploy/shop-chart.ts']).toContain("pythonPath: ['/app/src'],");
    expect(files['deploy/Containerfile']).toContain('ENV PYTHONPATH=/app/src\n');
  });

  it('is not looked for in what is not code', () => {
    const files = Object.fromEntries(
      Object.entries(SRC).map(([path, text]) => [path.replace('src/', 'build/'), text]),
    );
    expect(() => readProject(folderOf(files))).toThrow(
      'The settings module was not found: shop.settings of manage.py:2. Name it: --settings mysite.settings.',
    );
  });

  it('needs no path where it is beside manage.py', async () => {
    const files = await initialised(filesOfProject(''));
    expect(files['deploy/shop-chart.ts']).not.toContain('pythonPath');
    expect(files['deploy/Containerfile']).not.toContain('PYTHONPATH');
  });
});

describe('a project in a folder of a repository', () => {
  const within = (more: Files) =>
    Object.fromEntries(
      Object.entries({ ...filesOfProject(''), ...more }).map(([path, text]) => [`backend/${path}`, text]),
    );

  it('has its Procfile, compose file and app.json there', () => {
    const { celery, processes, others } = readProject(
      folderOf({
        ...within({
          Procfile: 'queue: python manage.py qcluster\n',
          'compose.yaml': 'services:\n  search:\n    image: opensearch:3\n',
          'app.json': '{"env": {"STAGE": "x"}}',
          'shop/celery.py': 'app = Celery("shop")\n',
        }),
      }),
    );
    expect(celery?.application).toEqual({ value: 'shop.celery:app', source: 'backend/shop/celery.py:1' });
    expect(processes.map(({ source }) => source)).toEqual(['backend/Procfile:1']);
    expect(others.services.map(({ source }) => source)).toEqual(['backend/compose.yaml:2']);
    expect(others.environment.get('STAGE')?.source).toBe('backend/app.json:1');
  });

  it('is told by the Procfile of the repository first', () => {
    const folder = folderOf({ Procfile: 'a: ./a\n', ...within({ Procfile: 'b: ./b\n' }) });
    expect(readProject(folder).processes.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('packages that setuptools installs', () => {
  const CFG =
    '[metadata]\nname = shop\n\n[options]\npython_requires = >=3.12\ninstall_requires =\n    Django>=5.2,<6\n' +
    '    # the server\n    gunicorn\n    psycopg[binary]  # the driver\n\n[options.extras_require]\ndev = black\n';
  const PY =
    'from setuptools import setup\nREQUIRED = ["Django>=5.2,<6", "gunicorn", "psycopg[binary]"]\n' +
    'setup(name="shop", python_requires=">=3.12", install_requires=REQUIRED)\n';

  const files = (more: Files): Files => {
    return { ...withoutRequirements(filesOfProject('')), ...more };
  };

  it.each([
    ['setup.cfg', { 'setup.cfg': CFG, 'setup.py': 'from setuptools import setup\nsetup()\n' }],
    ['setup.py', { 'setup.py': PY }],
  ])('are those of %s', async (name, more) => {
    const { packages, python, django } = readProject(folderOf(files(more)));
    expect([packages.installer, packages.files]).toEqual([Installer.SETUP, [name]]);
    expect([...packages.packages.keys()]).toEqual(['django', 'gunicorn', 'psycopg']);
    expect(packages.packages.get('psycopg')!.extras).toEqual(['binary']);
    expect([python.value, django?.value]).toEqual(['3.13', '5.2']);
    const written = await initialised(files(more));
    expect(written['deploy/Containerfile']).toContain(`uv pip install --no-cache -r ${name} `);
    expect(written).not.toHaveProperty(['deploy/requirements.txt']);
  });

  it('are those of requirements.txt, if there is one', () => {
    const { packages } = readProject(
      folderOf({ ...files({ 'setup.cfg': CFG }), 'requirements.txt': 'django\n' }),
    );
    expect(packages.installer).toBe(Installer.PIP);
  });

  it('are none where setup.py computes them', () => {
    const computed = 'from setuptools import setup\nsetup(install_requires=open("r.in").readlines())\n';
    expect(readProject(folderOf(files({ 'setup.py': computed }))).packages.installer).toBe(Installer.NONE);
  });

  it('are asked for where no file names those of the apps', async () => {
    const settings =
      'INSTALLED_APPS = ["django.contrib.auth", "shop", "orders.apps.OrdersConfig", "rest_framework", "taggit"]\n';
    const rest = withoutRequirements(filesOfProject(settings, { 'orders/__init__.py': '' }));
    const { output } = await initialised(rest);
    expect(output).toContain(
      'No file names packages, and the settings have apps that are not of this project: rest_framework, taggit ' +
        '(shop/settings.py:1). Name their packages in deploy/requirements.txt, or pods end with ModuleNotFoundError.',
    );
    const named = await initialised({ ...rest, 'requirements.txt': 'djangorestframework\n' });
    expect(named.output).not.toContain('No file names packages');
  });
});

describe('files as other systems write them', () => {
  const BYTE_ORDER_MARK = '\ufeff';
  const inUtf16 = (text: string) => Buffer.from(BYTE_ORDER_MARK + text, 'utf16le');
  const withBytes = (path: string, bytes: Buffer) => {
    const folder = folderOf(filesOfProject(''));
    fs.writeFileSync(`${folder}/${path}`, bytes);
    return readProject(folder);
  };

  it.each([
    ['UTF-16 of PowerShell', inUtf16('Django==5.2.8\r\ngunicorn==23.0.0\r\n')],
    ['UTF-16 with the bytes in the other order', inUtf16('Django==5.2.8\r\ngunicorn==23.0.0\r\n').swap16()],
    ['UTF-8 with a mark', Buffer.from(`${BYTE_ORDER_MARK}Django==5.2.8\r\ngunicorn==23.0.0\r\n`)],
  ])('are read in %s', (_what, bytes) => {
    const { packages } = withBytes('requirements.txt', bytes);
    expect([...packages.packages].map(([name, { specifier, source }]) => [name, specifier, source])).toEqual([
      ['django', '==5.2.8', 'requirements.txt:1'],
      ['gunicorn', '==23.0.0', 'requirements.txt:2'],
    ]);
  });

  it('are read with a mark, with text in other scripts, and with an error further below', () => {
    const text = `${BYTE_ORDER_MARK}# Настройки\r\nÜBER = "naïve — 設定"\r\nMEDIA_ROOT = "m"\r\ndef broken(:\r\n`;
    const { media, settings } = withBytes('shop/settings.py', Buffer.from(text));
    expect(media?.source).toBe('shop/settings.py:3');
    expect(settings.text('ÜBER')).toEqual({ value: 'naïve — 設定', source: 'shop/settings.py:2' });
  });

  it('may be in folders that may not be read, such as the data of a server', () => {
    const folder = folderOf(filesOfProject('', { 'pgdata/secret.py': '' }));
    const readAll = fs.readdirSync;
    const denied = jest.spyOn(fs, 'readdirSync').mockImplementation(((path: string, options: never) => {
      if (String(path).endsWith('pgdata')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return readAll(path, options);
    }) as never);
    expect(readProject(folder).settings.module.value).toBe('shop.settings');
    denied.mockImplementation((() => {
      throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    }) as never);
    expect(() => readProject(folder)).toThrow('EMFILE');
    denied.mockRestore();
  });
});

describe('an image of the project', () => {
  const MEDIA = 'MEDIA_ROOT = "m"\n';
  const mountPath = async (text: string) => {
    const files = await initialised(filesOfProject(MEDIA, { Dockerfile: text }));
    return /mountPath: '([^']*)'/.exec(files['deploy/shop-chart.ts'])?.[1];
  };

  it.each([
    ['FROM python:3.13\nWORKDIR /code\n', '/code/media'],
    ['FROM a AS b\nWORKDIR /build\nFROM c\nWORKDIR /srv\nWORKDIR shop\n', '/srv/shop/media'],
    ['FROM a\nARG APP_HOME=/home/app\nWORKDIR ${APP_HOME}/web\n', '/home/app/web/media'],
    ['FROM a\nENV HOME_OF_APP /web\nWORKDIR $HOME_OF_APP\n', '/web/media'],
    ['FROM a\nWORKDIR $UNKNOWN\n', '/app/media'],
    ['FROM a\n', '/app/media'],
  ])('says where the code is: %j', async (text, path) => {
    expect(await mountPath(text)).toBe(path);
  });

  it.each([
    ['FROM python:3.13-slim\nRUN addgroup --system app && adduser --system app\n', 'addgroup'],
    ['FROM docker.io/library/python:3.12.4-slim-trixie\nRUN set -e; \\\n    adduser app\n', 'adduser'],
    ['ARG X\nFROM python:slim AS base\nFROM base\nRUN pip install x \\\n  && adduser app\n', 'adduser'],
    ['FROM --platform=linux/amd64 python:3-slim\nRUN adduser app\n', 'adduser'],
  ])('cannot be built where Debian 13 has no program for users: %j', async (text, program) => {
    const { output, ...files } = await initialised(filesOfProject('', { Dockerfile: text }));
    expect(output).toContain(
      `Dockerfile is not used: it runs ${program}, which the slim images of Debian 13 do not have. ` +
        'deploy/Containerfile takes its place.',
    );
    expect(output).toContain('-f deploy/Containerfile .');
    expect(files['deploy/Containerfile']).toContain('USER 1000:0');
  });

  it.each([
    'FROM python:3.13-slim\nRUN useradd app\n',
    'FROM python:3.13\nRUN adduser app\n',
    'FROM python:3.13-slim-bookworm\nRUN adduser app\n',
    'FROM python:3.13.1-slim\nRUN adduser app\n',
    'FROM python:3.9-slim\nRUN adduser app\n',
    'FROM python:3.13-alpine\nRUN adduser -D app\n',
    'FROM python:3.13-slim\nRUN apt-get update && apt-get install --yes adduser && adduser app\n',
    'FROM python:3.13-slim\nRUN echo no adduser here\n# adduser would be\n',
  ])('is used otherwise: %j', async (text) => {
    const { output } = await initialised(filesOfProject('', { Dockerfile: text }));
    expect(output).toContain('-f Dockerfile .');
    expect(output).not.toContain('is not used');
  });

  it.each([
    ['*.pyc\n.git\n', true],
    ['deployment\n', true],
    ['deploy\n', false],
    ['/deploy/\n', false],
    ['**/deploy\n', false],
    ['*\n!shop\n', false],
    ['**\n', false],
  ])('is warned of deploy/ by %j: %s', async (ignored, isWarned) => {
    const { output } = await initialised(
      filesOfProject('', { Dockerfile: 'FROM mine\n', '.dockerignore': ignored }),
    );
    expect(output.includes('Dockerfile may copy deploy/ into the image')).toBe(isWarned);
  });
});

describe('a broker of a developer’s machine', () => {
  const APP = { 'shop/celery.py': 'app = Celery("shop")\n' };
  const celeryOf = (settings: string, more: Files = {}) => read(settings, { ...APP, ...more }).celery!;

  it.each([
    'amqp://guest:guest@localhost',
    'amqp://guest:guest@127.0.0.1:5672//',
    'pyamqp://localhost:5672/shop',
    'amqp://',
  ])('is not the one of the cluster: %s', async (url) => {
    const settings = `CELERY_BROKER_URL = "${url}"\n`;
    expect(celeryOf(settings)).toMatchObject({ localRabbitMq: 'shop/settings.py:1' });
    expect(celeryOf(settings).rabbitMq).toBeUndefined();
    const { output, ...files } = await initialised(filesOfProject(settings, APP));
    expect(output).toMatch(/broker +Valkey in place of RabbitMQ +shop\/settings\.py:1/);
    expect(output).toContain('Valkey takes the place of the RabbitMQ of shop/settings.py:1');
    expect(files['deploy/shop-chart.ts']).toContain('celery: { broker: queue.database(0) },');
  });

  it.each([
    ['a variable', 'import os\nCELERY_BROKER_URL = os.environ.get("BROKER", "amqp://localhost")\n', {}],
    ['another address', 'CELERY_BROKER_URL = "amqp://queue.example.com"\n', {}],
    [
      'a server of the compose file',
      'CELERY_BROKER_URL = "amqp://localhost"\n',
      { 'compose.yaml': 'services:\n  queue:\n    image: rabbitmq:4\n' },
    ],
  ])('is one of the cluster by %s', (_what, settings, more) => {
    expect(celeryOf(settings, more).rabbitMq).toMatch(/^shop\/settings\.py:/);
    expect(celeryOf(settings, more).localRabbitMq).toBeUndefined();
  });

  it('leaves the version of celery as the project has it', () => {
    const requirements = 'django\ngunicorn\npsycopg\ncelery==5.3.6\n';
    expect(missingPackages(read('', { ...APP, 'requirements.txt': requirements }))).toEqual([
      'celery[redis]',
    ]);
  });
});

it('names all that is missing at once where nobody can be asked', async () => {
  const folder = folderOf(
    filesOfProject('MEDIA_ROOT = "m"\n', { Procfile: 'q: python manage.py qcluster\n' }),
  );
  const { code, errors } = await outcomeOf(['init', folder]);
  expect(code).toBe(2);
  expect(errors).toBe(
    'cdk8s-django: --host, --image and --media-class cannot be read in the project, and without a terminal nobody can ' +
      'be asked. Give them: cdk8s-django init --host shop.example.com --image registry.example.com/shop:1.0.0 ' +
      '--media-class NAME. Uploaded files (shop/settings.py:1) have to be on a volume that many nodes can mount, ' +
      'because workers may run on another node than the replicas: --media-class names its StorageClass. --no-media in ' +
      'its place is for a bucket.\n',
  );
});

describe('a variable that means Redis on localhost unless it is set', () => {
  const chartOf = async (settings: string, more: Files = {}) =>
    (await initialised(filesOfProject(settings, more)))['deploy/shop-chart.ts'];

  it.each([
    ['import os\nREDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")\n', 'REDIS_URL'],
    [
      'import environ\nenv = environ.Env()\nREDIS_URL = env("REDIS_URL", default="redis://:x@127.0.0.1:6379/1")\n',
      'REDIS_URL',
    ],
    [
      'import os\nCELERY_RESULT_BACKEND = os.getenv("CELERY_RESULT_BACKEND", "redis://localhost")\n',
      'CELERY_RESULT_BACKEND',
    ],
  ])('is that of the cache: %j', async (settings, variable) => {
    expect(await chartOf(settings)).toContain(
      `app.addRedisEnvironment('${variable}', cache.database(0), ConnectionPart.URL);`,
    );
  });

  it.each([
    'import os\nREDIS_URL = os.environ.get("REDIS_URL", "redis://cache.example.com")\n',
    'import os\nREDIS_URL = os.environ.get("REDIS_URL", "")\n',
    'import os\nREDIS_URL = os.environ.get("REDIS_URL")\n',
    'import os\nOTHER = os.environ.get("OTHER", "redis://localhost")\n',
  ])('is no other one: %j', async (settings) => {
    expect(await chartOf(settings)).not.toContain('addRedisEnvironment');
  });

  it('has its own value by --env', async () => {
    const settings = 'import os\nREDIS_URL = os.environ.get("REDIS_URL", "redis://localhost")\n';
    const files = await initialised(filesOfProject(settings), ['--env', 'REDIS_URL=redis://r.example.com']);
    expect(files['deploy/shop-chart.ts']).toContain("REDIS_URL: 'redis://r.example.com'");
    expect(files['deploy/shop-chart.ts']).not.toContain('addRedisEnvironment');
  });
});

describe('results of tasks', () => {
  const initialisedWith = (settings: string, options: string[] = []) =>
    initialised(filesOfProject(settings, { 'shop/celery.py': 'app = Celery("shop")\n' }), options);
  const inRedis = "app.addRedisEnvironment('CELERY_RESULT_BACKEND', cache.database(0), ConnectionPart.URL);";

  it.each(['db+sqlite:///results.sqlite', 'file:///tmp/results'])(
    'in a file, which pods cannot write, are in Redis: %s',
    async (backend) => {
      const { output, ...files } = await initialisedWith(`CELERY_RESULT_BACKEND = "${backend}"\n`);
      expect(files['deploy/shop-chart.ts']).toContain(inRedis);
      expect(output).toMatch(/results +Valkey in place of a file +shop\/settings\.py:1/);
      expect(output).toContain(
        "Results of tasks are in the cache's server in place of the file of shop/settings.py:1",
      );
    },
  );

  it.each(['django-db', 'redis://results.example.com'])('stay elsewhere: %s', async (backend) => {
    const { output, ...files } = await initialisedWith(`CELERY_RESULT_BACKEND = "${backend}"\n`);
    expect(output).not.toContain('Results of tasks');
    expect(files['deploy/shop-chart.ts']).not.toContain('addRedisEnvironment');
  });

  it('stay in the file beside RabbitMQ, whose image may have no client of Redis', async () => {
    const settings =
      'CELERY_BROKER_URL = "amqp://queue.example.com"\nCELERY_RESULT_BACKEND = "db+sqlite:///results.sqlite"\n';
    const { output, ...files } = await initialisedWith(settings);
    expect(output).toContain('Results of tasks are in a file (shop/settings.py:2), which pods cannot write');
    expect(output).not.toMatch(/results +Valkey/);
    expect(files['deploy/shop-chart.ts']).not.toContain('addRedisEnvironment');
  });

  it('have another place by --env', async () => {
    const settings = 'CELERY_RESULT_BACKEND = "db+sqlite:///results.sqlite"\n';
    const files = await initialisedWith(settings, ['--env', 'CELERY_RESULT_BACKEND=django-db']);
    expect(files['deploy/shop-chart.ts']).toContain("CELERY_RESULT_BACKEND: 'django-db'");
    expect(files['deploy/shop-chart.ts']).not.toContain('addRedisEnvironment');
  });
});
