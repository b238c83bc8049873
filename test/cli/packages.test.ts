import { missingPackages, systemPackages } from '../../src/cli/init/needs';
import { Installer, readPackages } from '../../src/cli/init/packages';
import { ProjectFiles } from '../../src/cli/init/project-files';
import { pythonFor } from '../../src/cli/init/versions';
import { Files } from './support/files';
import { folderOf, read } from './support/project';

const packagesOf = (files: Files, folder = '') => readPackages(new ProjectFiles(folderOf(files)), folder);

describe('the packages of a project', () => {
  it('are those of the requirements of production, and of the files that they include', () => {
    const { installer, files, packages } = packagesOf({
      'requirements.txt': 'never\n',
      'requirements/production.txt': '-r base.txt\ngunicorn==27.0.1  # the server\n',
      'requirements/base.txt':
        'Django >= 5.2, < 6\npsycopg[binary,pool]==3.3.9 ; python_version > "3"\n# no\n-e .\nDjango_Environ\n',
      'requirements/local.txt': 'black\n',
    });
    expect([installer, files]).toEqual([
      Installer.PIP,
      ['requirements/production.txt', 'requirements/base.txt'],
    ]);
    expect(Object.fromEntries(packages)).toEqual({
      django: { extras: [], specifier: '>=5.2,<6', source: 'requirements/base.txt:1' },
      psycopg: { extras: ['binary', 'pool'], specifier: '==3.3.9', source: 'requirements/base.txt:2' },
      'django-environ': { extras: [], specifier: '', source: 'requirements/base.txt:5' },
      gunicorn: { extras: [], specifier: '==27.0.1', source: 'requirements/production.txt:2' },
    });
  });

  it.each<[string, Installer, Files, string[]]>([
    [
      'uv',
      Installer.UV,
      {
        'pyproject.toml': '[project]\nrequires-python = ">=3.12"\ndependencies = [\n  "django~=5.2",\n]\n',
        'uv.lock': '',
      },
      ['pyproject.toml', 'uv.lock'],
    ],
    [
      'Poetry',
      Installer.POETRY,
      {
        'pyproject.toml': '[tool.poetry.dependencies]\npython = "^3.12"\ndjango = "^5.2"\n',
        'poetry.lock': '',
      },
      ['pyproject.toml', 'poetry.lock'],
    ],
    [
      'Poetry 2',
      Installer.POETRY,
      {
        'pyproject.toml': '[project]\nrequires-python = ">=3.12"\ndependencies = ["django (>=5.2)"]\n',
        'poetry.lock': '',
      },
      ['pyproject.toml', 'poetry.lock'],
    ],
    [
      'Pipenv',
      Installer.PIPENV,
      {
        Pipfile:
          '[packages]\ndjango = {version = "~=5.2", extras = ["argon2"]}\n[requires]\npython_version = "3.12"\n',
        'Pipfile.lock': '{}',
      },
      ['Pipfile', 'Pipfile.lock'],
    ],
    [
      'pyproject.toml alone',
      Installer.PYPROJECT,
      { 'pyproject.toml': '[project]\nrequires-python = ">=3.12"\ndependencies = ["django>=5.2"]\n' },
      ['pyproject.toml'],
    ],
  ])('are read as %s writes them', (_name, installer, files, used) => {
    const found = packagesOf(files);
    expect([found.installer, found.files]).toEqual([installer, used]);
    expect(found.packages.get('django')!.specifier).toMatch(/5\.2/);
    expect(found.python!.value).toMatch(/3\.12/);
  });

  it('are in the folder of manage.py, where the project has none', () => {
    expect(packagesOf({ 'backend/requirements.txt': 'django\n' }, 'backend').files).toEqual([
      'backend/requirements.txt',
    ]);
  });

  it('are none where nothing names them', () => {
    expect(packagesOf({ 'pyproject.toml': '[tool.ruff]\nline-length = 100\n' }).installer).toBe(
      Installer.NONE,
    );
  });

  it('end the command where TOML is not valid', () => {
    expect(() => packagesOf({ 'pyproject.toml': '[project\n' })).toThrow(
      /^pyproject\.toml cannot be read as TOML: Invalid TOML document: .*\. Correct it\.$/,
    );
  });
});

describe('the version of Python', () => {
  it.each([
    [undefined, '5.2', '3.13'],
    [undefined, '4.2', '3.12'],
    ['>=3.10', '5.2', '3.13'],
    ['>=3.10,<3.12', '5.2', '3.11'],
    ['>=3.10,<=3.12', '5.2', '3.12'],
    ['~=3.11', '5.2', '3.13'],
    ['~=3.11.4', '5.2', '3.11'],
    ['>=3.9,!=3.13.*', '5.2', '3.12'],
    ['==3.14.*', '6.1', '3.14'],
    ['>=3.14', '6.1', '3.14'],
    ['>=3.12,<4', undefined, '3.13'],
  ])('for %s and Django %s is %s', (specifier, django, version) => {
    expect(pythonFor(specifier, django)).toBe(version);
  });

  it.each([
    ['.python-version', '3.11.7\n', '==3.11.*'],
    ['runtime.txt', 'python-3.10.13\n', '==3.10.*'],
    ['.tool-versions', 'node 22\npython 3.12.1\n', '==3.12.*'],
  ])('is that of %s', (name, text, value) => {
    expect(packagesOf({ [name]: text }).python).toEqual({ value, source: name });
  });
});

describe('what an image needs beside the packages of the project', () => {
  const missing = (requirements: string, settings = '', more: Files = {}) =>
    missingPackages(read(settings, { 'requirements.txt': requirements, ...more }));

  it.each<[string, string, string[]]>([
    ['nothing', 'django\ngunicorn\npsycopg[binary]\n', []],
    ['nothing with psycopg2', 'django\ngunicorn\npsycopg2-binary\n', []],
    ['nothing with granian', 'django\ngranian\npsycopg\n', []],
    ['a server', 'django\npsycopg\n', ['gunicorn>=23,<28']],
    ['a driver', 'django\ngunicorn\n', ['psycopg[binary]>=3.1.18,<4']],
    ['all of it', 'requests\n', ['Django>=4.2', 'gunicorn>=23,<28', 'psycopg[binary]>=3.1.18,<4']],
  ])('is %s', (_what, requirements, lines) => {
    expect(missing(requirements)).toEqual(lines);
  });

  it('is the Django that startproject was of', () => {
    const settings = '"""Generated by \'django-admin startproject\' using Django 5.2.8."""\n';
    expect(missing('', settings)[0]).toBe('Django~=5.2.8');
    expect(missing('', '# https://docs.djangoproject.com/en/6.1/ref/settings/\n')[0]).toBe('Django~=6.1.0');
  });

  it('is the client of the broker, of the channel layer and of the cache', () => {
    const base = 'django\nuvicorn\npsycopg\n';
    const celery = { 'shop/celery.py': 'app = Celery("shop")\n' };
    expect(missing(`${base}celery\ngunicorn\n`, '', celery)).toEqual(['celery[redis]']);
    expect(missing(`${base}gunicorn\n`, '', celery)).toEqual(['celery[redis]>=5.5,<6']);
    expect(missing(`${base}celery[redis]\ngunicorn\n`, '', celery)).toEqual([]);
    expect(missing(`${base}celery\ngunicorn\n`, 'CELERY_BROKER_URL = "amqp://x"\n', celery)).toEqual([]);
    const layers =
      'INSTALLED_APPS = ["channels"]\nCHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}\n';
    expect(missing(base, layers)).toEqual(['channels_redis>=4.2,<5']);
    const cache = 'CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}\n';
    expect(missing(`${base}gunicorn\n`, cache)).toEqual(['redis>=5,<9']);
  });

  it('is the backend of tasks', () => {
    const settings = 'INSTALLED_APPS = ["django_tasks"]\n';
    expect(missing('django==6.1\ngunicorn\npsycopg\n', settings)).toEqual(['django-tasks-db>=0.13,<1']);
    expect(missing('django==5.2\ngunicorn\npsycopg\n', settings)).toEqual([
      'django-tasks-db[compat]>=0.12,<1',
    ]);
  });

  it.each<[string, string[], string[]]>([
    ['psycopg[binary]', [], []],
    ['psycopg\npsycopg-binary', [], []],
    ['psycopg', [], ['libpq5']],
    ['psycopg[c]', ['build-essential', 'libpq-dev'], ['libpq5']],
    ['psycopg2', ['build-essential', 'libpq-dev'], ['libpq5']],
    ['mysqlclient', ['build-essential', 'default-libmysqlclient-dev', 'pkg-config'], ['libmariadb3']],
  ])('of the system, with %s, is to build and to run', (requirement, build, run) => {
    expect(systemPackages(read('', { 'requirements.txt': `${requirement}\n` }))).toEqual({ build, run });
  });

  it('of the system, with GeoDjango, is GDAL', () => {
    expect(systemPackages(read('INSTALLED_APPS = ["django.contrib.gis"]\n')).run).toEqual(['gdal-bin']);
  });
});
