import { planVariables } from '../../src/cli/init/plan-variables';
import { Project } from '../../src/cli/init/project';
import { demanded, read } from './support/project';

const plan = (project: Project) =>
  planVariables(project, { name: 'shop', host: 'shop.example.com' }, new Map());

const PRODUCTION = { 'shop/settings/base.py': 'INSTALLED_APPS = ["a"]\nSTATIC_ROOT = "static"\n' };

/** With a package of settings, which Python takes before a module of that name. */
const readPackage = (files: { [path: string]: string }) =>
  read('', { 'shop/settings/__init__.py': '', ...files });

describe('the forms of settings', () => {
  it('reads one module', () => {
    const project = read('DEBUG = True\nINSTALLED_APPS = ["a"]\n');
    expect(project.settings.module).toEqual({ value: 'shop.settings', source: 'shop/wsgi.py:2' });
    expect(project.form).toBe('one module');
    expect(demanded(project)).toEqual([]);
  });

  it('reads split settings by their imports', () => {
    const project = read('from .parts.base import *\nfrom .parts.local import *\nFORM = "split"\n', {
      'shop/parts/base.py': 'INSTALLED_APPS = ["a"]\nA = 1\n',
      'shop/parts/local.py': 'INSTALLED_APPS += ["b"]\n',
    });
    expect(project.form).toBe('split');
    expect(
      project.settings.strings('INSTALLED_APPS').map(({ value, source }) => `${value} ${source}`),
    ).toEqual(['a shop/parts/base.py:1', 'b shop/parts/local.py:1']);
  });

  it.each(['production', 'prod', 'live'])('chooses the part %s beside one for developers', (part) => {
    const project = readPackage({
      ...PRODUCTION,
      'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")\n',
      'shop/wsgi.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")\n',
      'shop/asgi.py': '',
      'shop/settings/dev.py': 'from .base import *\nDEBUG = True\n',
      [`shop/settings/${part}.py`]: 'from .base import *\nDEBUG = False\n',
    });
    expect(project.settings.module).toEqual({
      value: `shop.settings.${part}`,
      source: `shop/settings/${part}.py`,
    });
    expect(project.settings.modules.map(({ path }) => path)).toEqual([
      'shop/settings/base.py',
      `shop/settings/${part}.py`,
    ]);
  });

  it('prefers the entry point that is not for developers', () => {
    const project = readPackage({
      ...PRODUCTION,
      'manage.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.local")\n',
      'shop/wsgi.py': 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.cloud")\n',
      'shop/asgi.py': '',
      'shop/settings/local.py': 'from .base import *\n',
      'shop/settings/cloud.py': 'from .base import *\n',
    });
    expect(project.settings.module.value).toBe('shop.settings.cloud');
  });

  it('gives the variable that chooses a part', () => {
    const project = read(
      'import importlib, os\nimportlib.import_module(f"shop.parts.{os.environ[\'STAGE\']}")\n',
      {
        'shop/parts/production.py': 'import os\nKEY = os.environ["STRIPE_KEY"]\n',
        'shop/parts/development.py': 'KEY = "x"\n',
      },
    );
    expect(project.settings.chooser).toEqual({
      value: { variable: 'STAGE', part: 'production' },
      source: 'shop/settings.py:2',
    });
    expect(demanded(project)).toEqual(['STAGE', 'STRIPE_KEY']);
    expect(plan(project)).toMatchObject({
      environment: new Map([['STAGE', 'production']]),
      secret: ['STRIPE_KEY'],
    });
  });

  it('reads the parts of django-split-settings', () => {
    const project = read(
      'from split_settings.tools import include, optional\ninclude("parts/a.py", optional("parts/*.py"))\n',
      {
        'shop/parts/a.py': 'A = 1\n',
        'shop/parts/b.py': 'B = 2\n',
      },
    );
    expect(project.settings.modules.map(({ path }) => path)).toEqual([
      'shop/parts/a.py',
      'shop/parts/b.py',
      'shop/settings.py',
    ]);
  });

  it('reads django-environ', () => {
    const project = read(
      [
        'import environ',
        'env = environ.Env(DEBUG=(bool, False))',
        'environ.Env.read_env(".env")',
        'SECRET_KEY = env("SECRET_KEY")',
        'DEBUG = env("DEBUG")',
        'ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")',
        'DATABASES = {"default": env.db()}',
        'CACHES = {"default": env.cache("REDIS_URL")}',
        'A = env.int("A", default=1)',
        'B = env("B", str)',
      ].join('\n'),
    );
    expect(project.form).toBe('django-environ');
    expect(demanded(project)).toEqual(['SECRET_KEY', 'ALLOWED_HOSTS', 'DATABASE_URL', 'REDIS_URL', 'B']);
    expect(project.database.engine).toBe('postgresql');
    expect(project.cache?.source).toBe('shop/settings.py:8');
    expect(plan(project)).toMatchObject({
      environment: new Map([['ALLOWED_HOSTS', 'shop.example.com']]),
      redis: new Map([['REDIS_URL', 'URL']]),
      secret: ['B'],
    });
  });

  it('reads the reader of django-environ in a module of its own', () => {
    const project = read('from shop.env import env\nA = env("A_TOKEN")\n', {
      'shop/env.py': 'import environ\nenv = environ.Env()\n',
    });
    expect(demanded(project)).toEqual(['A_TOKEN']);
  });

  it('reads environs', () => {
    const project = read(
      [
        'from environs import Env',
        'env = Env()',
        'A = env.str("A_TOKEN")',
        'B = env.bool("B", False)',
        'DATABASES = {"default": env.dj_db_url("DATABASE_URL")}',
      ].join('\n'),
    );
    expect(project.form).toBe('environs');
    expect(demanded(project)).toEqual(['A_TOKEN', 'DATABASE_URL']);
  });

  it('ends where modules import each other in a circle', () => {
    const project = read('from shop.a import *\nC = 1\n', {
      'shop/a.py': 'from shop.b import B\nA = 1\n',
      'shop/b.py': 'from shop.settings import *\nfrom shop.a import A\nB = 1\n',
    });
    expect(project.settings.modules.map(({ path }) => path)).toEqual([
      'shop/b.py',
      'shop/a.py',
      'shop/settings.py',
    ]);
  });

  it('leaves out modules that settings only use', () => {
    const project = read('from shop.utils import read_version\nA = read_version()\n', {
      'shop/utils.py': 'import os\nB = os.environ["B_TOKEN"]\n',
    });
    expect(demanded(project)).toEqual([]);
  });

  it('reads python-decouple', () => {
    const project = read(
      [
        'from decouple import config, Csv',
        'import dj_database_url',
        'SECRET_KEY = config("DJANGO_SECRET_KEY")',
        'DEBUG = config("DEBUG", cast=bool)',
        'HOSTS = config("HOSTS", default="localhost", cast=Csv())',
        'DATABASES = {"default": config("DATABASE_URL", cast=dj_database_url.parse)}',
        'A = config("A", "b")',
      ].join('\n'),
    );
    expect(project.form).toBe('python-decouple');
    expect(demanded(project)).toEqual(['DJANGO_SECRET_KEY', 'DEBUG', 'DATABASE_URL']);
    expect(plan(project)).toMatchObject({
      keys: ['DJANGO_SECRET_KEY'],
      environment: new Map([['DEBUG', '0']]),
      secret: [],
    });
  });

  it('reads pydantic-settings, whose lists are JSON', () => {
    const project = read(
      [
        'from pydantic import Field',
        'from pydantic_settings import BaseSettings',
        'class Env(BaseSettings):',
        '    model_config = {"env_prefix": "APP_"}',
        '    secret_key: str',
        '    allowed_hosts: list[str]',
        '    port: int = 3',
        '    token: str | None = None',
        '    mail: str = Field(validation_alias="MAIL_URL")',
        'read = Env()',
      ].join('\n'),
    );
    expect(project.form).toBe('pydantic-settings');
    expect(demanded(project)).toEqual(['APP_SECRET_KEY', 'APP_ALLOWED_HOSTS', 'MAIL_URL']);
    expect(plan(project)).toMatchObject({
      keys: ['APP_SECRET_KEY'],
      environment: new Map([['APP_ALLOWED_HOSTS', '["shop.example.com"]']]),
      secret: ['MAIL_URL'],
    });
  });

  it('reads classes of django-configurations', () => {
    const project = read(
      [
        'from configurations import Configuration, values',
        'class Base(Configuration):',
        '    INSTALLED_APPS = ["a"]',
        '    SECRET_KEY = values.SecretValue()',
        '    A = values.Value("x", environ_required=True)',
        'class Development(Base):',
        '    INSTALLED_APPS = ["b"]',
        '    KEY = values.SecretValue()',
        'class Production(Base):',
        '    KEY = values.SecretValue(environ_prefix=None, environ_name="STRIPE")',
      ].join('\n'),
    );
    expect(project.form).toBe('classes of django-configurations');
    expect(project.settings.configuration).toEqual({ value: 'Production', source: 'shop/settings.py:9' });
    expect(project.settings.strings('INSTALLED_APPS').map(({ value }) => value)).toEqual(['a']);
    expect(demanded(project)).toEqual(['DJANGO_SECRET_KEY', 'DJANGO_A', 'STRIPE']);
    expect(plan(project)).toMatchObject({
      environment: new Map([['DJANGO_CONFIGURATION', 'Production']]),
      keys: ['DJANGO_SECRET_KEY'],
      secret: ['DJANGO_A', 'STRIPE'],
    });
  });

  it('reads dynaconf', () => {
    const project = read('import dynaconf\nsettings = dynaconf.DjangoDynaconf(__name__)\n');
    expect(project.form).toBe('dynaconf');
    expect(demanded(project)).toEqual([]);
  });

  it('mounts the files that settings read', () => {
    const project = read(
      'import os\nfrom pathlib import Path\nSECRET_KEY = Path(os.environ["SECRET_KEY_FILE"]).read_text()\n',
    );
    expect(project.form).toBe('reads files');
    expect(plan(project)).toMatchObject({
      files: new Map([['SECRET_KEY_FILE', '/etc/shop/secret-key']]),
      secret: [],
    });
  });

  it('does not demand what the settings look for first', () => {
    const project = read(
      [
        'import os',
        'if "PGDATABASE" in os.environ:',
        '    A = os.environ["PGDATABASE"]',
        'if os.environ.get("SENTRY_DSN"):',
        '    B = os.environ["SENTRY_DSN"]',
        'C = os.getenv("C", "c")',
        'D = os.environ["D_TOKEN"]',
      ].join('\n'),
    );
    expect(demanded(project)).toEqual(['D_TOKEN']);
  });

  it('gives parts of the database under names of the application', () => {
    const names = [
      'DB_HOST',
      'POSTGRES_USER',
      'PGPASSWORD',
      'SQL_DATABASE',
      'DB_PORT',
      'POSTGRES_URL',
      'DB_ENGINE',
    ];
    const project = read(
      `import os\n${names.map((name, index) => `A${index} = os.environ["${name}"]`).join('\n')}\n`,
    );
    const { database, environment, secret } = plan(project);
    expect(Object.fromEntries(database)).toEqual({
      DB_HOST: 'HOST',
      POSTGRES_USER: 'USER',
      PGPASSWORD: 'PASSWORD',
      SQL_DATABASE: 'DATABASE',
      DB_PORT: 'PORT',
      POSTGRES_URL: 'URL',
    });
    expect(environment).toEqual(new Map([['DB_ENGINE', 'django.db.backends.postgresql']]));
    expect(secret).toEqual([]);
  });

  it('leaves out what the library sets itself', () => {
    const project = read(
      'import os\nA = [os.environ["SECRET_KEY"], os.environ["DATABASE_URL"], os.environ["DATABASE_HOST"]]\n',
    );
    const { environment, database, keys, secret } = plan(project);
    expect([environment.size, database.size, keys, secret]).toEqual([0, 0, [], []]);
  });
});
